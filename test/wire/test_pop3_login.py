# SPDX-License-Identifier: MIT
"""POP3 before login: greeting, CAPA, USER and PASS, AUTH, STLS (RFC 1939, 2449,
2595, 5034)."""

import base64
import contextlib
import time

import pytest

from lib.client import Closed
from lib.scram import Scram
from lib.server import PASSWORD
from lib.shared import shared_server

# In the clear; and under TLS, where a channel can be bound and a password may
# go as it is.
CLEAR = ["SCRAM-SHA-256", "SCRAM-SHA-1"]
TLS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", *CLEAR, "PLAIN", "LOGIN"]
COMMON = ["TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE",
          "EXPIRE NEVER", "IMPLEMENTATION Avocet"]


def plain(user, password, authzid=""):
    return base64.b64encode(
        ("%s\0%s\0%s" % (authzid, user, password)).encode()).decode()


@pytest.fixture
def strict():
    """A server that takes no password in the clear, even from here."""
    return shared_server("never")


@pytest.fixture
def strict_user(strict):
    return strict.add_user(usual=True)


@pytest.fixture
def tls(server, source):
    connection = server.pop3(listener="pop3s", source=source)
    yield connection
    connection.close()


def logged_in(pop):
    return pop.ok("STAT") == "0 0"


# -- what is said first -----------------------------------------------------

def test_greeting_has_no_timestamp(server, source):
    assert "<" not in server.pop3(source=source).greeting.text


def test_capabilities(strict, source):
    pop = strict.pop3(source=source)
    assert sorted(pop.capabilities()) \
        == sorted(COMMON + [" ".join(["SASL", *CLEAR]), "STLS"])
    pop.ok("STLS")
    pop.start_tls()
    inside = sorted(COMMON + [" ".join(["SASL", *TLS]), "USER"])
    assert sorted(pop.capabilities()) == inside
    pop.close()
    assert sorted(strict.pop3(listener="pop3s",
                              source=source).capabilities()) == inside


def test_capabilities_stay(strict, strict_user, source):
    """What is announced before login is announced after it, but for STLS (RFC
    2449 section 5)."""
    pop = strict.pop3(source=source)
    before = pop.capabilities()
    scram(pop, strict_user, PASSWORD, "SCRAM-SHA-256")
    assert pop.capabilities() == [n for n in before if n != "STLS"]
    pop.quit()
    pop = strict.pop3(listener="pop3s", source=source)
    before = pop.capabilities()
    pop.login(strict_user, PASSWORD)
    assert pop.capabilities() == before
    pop.quit()


def test_auth_lists_mechanisms(strict, tls, source):
    """With and without the blank that one client sends."""
    pop = strict.pop3(source=source)
    for command in ("AUTH", "AUTH "):
        assert pop.many(command).decode().split() == CLEAR
        assert tls.many(command).decode().split() == TLS


# -- USER and PASS ------------------------------------------------------------

@pytest.mark.parametrize("listener", ["pop3", "pop3s"])
def test_user_and_pass(server, user, source, listener):
    pop = server.pop3(listener=listener, source=source)
    assert pop.login(user, PASSWORD) == "0 messages"
    assert logged_in(pop)
    pop.quit()


def test_wrong_password_then_right(tls, user):
    tls.ok("USER " + user)
    assert tls.err("PASS wrong").code == "AUTH"
    tls.login(user, PASSWORD)
    assert logged_in(tls)


def test_unknown_user_looks_the_same(tls, user):
    answers = []
    for name in (user, "nobody"):
        first = tls.ok("USER " + name)
        answers.append((first, repr(tls.err("PASS wrong"))))
    assert answers[0] == answers[1]


def test_pass_needs_user(tls, user):
    tls.err("PASS " + PASSWORD)
    tls.login(user, PASSWORD)


def test_user_counts_once(tls, user):
    """After a PASS that failed the client begins anew."""
    tls.ok("USER " + user)
    tls.err("PASS wrong")
    assert tls.err("PASS " + PASSWORD).code is None


def test_the_last_user_counts(tls, user):
    tls.ok("USER nobody")
    tls.login(user, PASSWORD)


def test_password_with_spaces(server, source):
    password = "  two  blanks "
    name = server.add_user()
    done = server.tool("user", "passwd", name, text=password + "\n")
    assert done.returncode == 0, done.stderr
    pop = server.pop3(listener="pop3s", source=source)
    pop.ok("USER " + name)
    pop.ok("PASS " + password)
    pop.quit()


@pytest.mark.parametrize("command", [
    "STAT", "LIST", "RETR 1", "DELE 1", "NOOP", "RSET", "TOP 1 1", "UIDL",
    "APOP a b", "XYZZY", "USER", "CAPA x", "STLS now"])
def test_refused_before_login(tls, user, command):
    tls.err(command)
    tls.login(user, PASSWORD)


@pytest.mark.parametrize("data", [
    b"USER " + b"x" * 10240 + b"\r\n", b"x" * 10000])
def test_line_too_long(tls, data):
    tls.send(data)
    assert not tls.status().ok
    tls.expect_end()


def test_name_and_password_of_1000_octets(tls):
    tls.ok("USER " + "u" * 1000)
    assert tls.err("PASS " + "p" * 1000).code == "AUTH"


def test_nul_is_refused(tls, user):
    tls.send(b"USER " + user.encode() + b"\0x\r\n")
    assert not tls.status().ok
    tls.login(user, PASSWORD)


def test_too_many_bad_commands(tls):
    tls.send(b"XYZZY\r\n" * 3)
    for _ in range(4):
        assert not tls.status().ok
    tls.expect_end()


def test_quit_before_login(tls):
    tls.quit()


def test_in_the_clear(strict, strict_user, source):
    """Refused before the password is sent; CAPA has said so."""
    pop = strict.pop3(source=source)
    assert pop.err("USER " + strict_user).text == "Use TLS first"
    assert not any(strict_user in line and "user=" in line
                   for line in strict.lines[-3:])
    pop.ok("STLS")
    pop.start_tls()
    pop.login(strict_user, PASSWORD)
    pop.quit()


# -- AUTH ---------------------------------------------------------------------

def test_auth_plain(tls, user):
    tls.ok("AUTH PLAIN " + plain(user, PASSWORD))
    assert logged_in(tls)


def test_auth_plain_in_two_steps(tls, user):
    tls.start("auth plain")
    assert tls.continuation() == b""
    assert tls.command(plain(user, PASSWORD)).text == "0 messages"
    assert logged_in(tls)


def test_auth_login(tls, user):
    tls.start("AUTH LOGIN")
    assert base64.b64decode(tls.continuation()) == b"User Name"
    tls.start(base64.b64encode(user.encode()).decode())
    assert base64.b64decode(tls.continuation()) == b"Password"
    tls.ok(base64.b64encode(PASSWORD.encode()).decode())
    assert logged_in(tls)


def scram(pop, user, password, mechanism):
    """The exchange by POP3; the status at the end, or the refusal as it is."""
    client = Scram(mechanism, user, password)
    pop.start("AUTH %s %s" % (
        mechanism, base64.b64encode(client.first()).decode()))
    last = client.final(base64.b64decode(pop.continuation()))
    pop.start(base64.b64encode(last).decode())
    raw = pop.line()
    if not raw.startswith(b"+ "):
        return raw
    assert client.knows(base64.b64decode(raw[2:]))
    return pop.command("")


@pytest.mark.parametrize("mechanism", CLEAR)
def test_auth_scram(strict, strict_user, source, mechanism):
    """Without TLS, too: the password does not go over the wire."""
    pop = strict.pop3(source=source)
    assert scram(pop, strict_user, PASSWORD, mechanism).ok
    assert logged_in(pop)
    assert "USER" not in pop.capabilities()
    pop.quit()


def test_auth_scram_wrong(strict, strict_user, source):
    pop = strict.pop3(source=source)
    raw = scram(pop, strict_user, "wrong", "SCRAM-SHA-256")
    assert raw.startswith(b"-ERR [AUTH] ")


@pytest.mark.parametrize("response", [
    plain("nobody", PASSWORD), plain("", ""),
    base64.b64encode(b"\0only one").decode(), "="])
def test_auth_plain_refused(tls, user, response):
    assert tls.err("AUTH PLAIN " + response).code == "AUTH"
    tls.login(user, PASSWORD)


def test_auth_as_somebody_else(tls, server, user):
    other = server.add_user()
    assert tls.err("AUTH PLAIN " + plain(user, PASSWORD, other)).code == "AUTH"


def test_auth_behaves_as_if_it_had_not_been(tls, user):
    """RFC 5034 section 4: after a failure USER still counts."""
    tls.ok("USER " + user)
    tls.err("AUTH XYZZY")
    tls.err("AUTH PLAIN " + plain("nobody", "x"))
    tls.ok("PASS " + PASSWORD)


@pytest.mark.parametrize("line", ["*", "not base64!", "AGEAYg", "=AAA",
                                  "AG EAYg=="])
def test_auth_broken_off(tls, user, line):
    tls.start("AUTH PLAIN")
    assert tls.continuation() == b""
    assert tls.err(line).code is None
    tls.login(user, PASSWORD)


def test_auth_line_of_a_megabyte(tls):
    tls.start("AUTH PLAIN")
    tls.continuation()
    with contextlib.suppress(OSError):      # it closes long before the end
        for _ in range(100):
            tls.send(b"A" * 10000)
    assert not tls.status().ok
    tls.expect_end()


def test_auth_in_the_clear(strict, strict_user, source):
    """Refused without a look at what was sent."""
    pop = strict.pop3(source=source)
    for command in ("AUTH PLAIN " + plain(strict_user, PASSWORD),
                    "AUTH LOGIN"):
        assert pop.err(command).text == "Use TLS first"
    assert PASSWORD not in strict.log()


# -- STLS ---------------------------------------------------------------------

def test_stls(server, user, source):
    pop = server.pop3(source=source)
    pop.ok("STLS")
    pop.start_tls()
    pop.err("STLS")
    pop.login(user, PASSWORD)
    assert logged_in(pop)
    pop.err("STLS")
    pop.quit()


def test_plaintext_after_stls_is_not_run(server, source):
    pop = server.pop3(source=source)
    pop.ok("STLS")
    pop.send(b"CAPA\r\n")
    try:
        while b"+OK" not in pop.input and b"-ERR" not in pop.input:
            pop.receive(time.monotonic() + 20)
    except Closed:
        return
    pytest.fail("answered in the clear: %r" % bytes(pop.input))


def test_user_before_stls_is_forgotten(server, user, source):
    pop = server.pop3(source=source)
    pop.ok("USER " + user)
    pop.ok("STLS")
    pop.start_tls()
    assert pop.err("PASS " + PASSWORD).text == "Send USER first"
