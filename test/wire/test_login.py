# SPDX-License-Identifier: MIT
"""AUTHENTICATE PLAIN and what is announced when, where bytes have to be
computed (RFC 9051 section 6.2, RFC 4616, RFC 4959)."""

import base64

import pytest

from lib.client import quote
from lib.server import PASSWORD, Server


def plain(user, password, authzid=""):
    return base64.b64encode(
        ("%s\0%s\0%s" % (authzid, user, password)).encode()).decode()


@pytest.fixture
def tls(server, source):
    connection = server.connect("imaps", source)
    yield connection
    connection.close()


def test_plain_with_initial_response(tls, user):
    tls.ok("AUTHENTICATE PLAIN " + plain(user, PASSWORD))
    assert tls.tagged.code_name == "CAPABILITY"
    tls.ok("SELECT INBOX")


def test_plain_without_initial_response(tls, user):
    tls.send(b"a1 AUTHENTICATE PLAIN\r\n")
    challenge = tls.read()
    assert (challenge.tag, challenge.text) == ("+", "")
    tls.send(plain(user, PASSWORD).encode() + b"\r\n")
    untagged, tagged = tls.read_until("a1")
    assert tagged.name == "OK" and not untagged


def test_plain_mechanism_name_in_any_case(tls, user):
    tls.ok("authenticate plain " + plain(user, PASSWORD))


def test_plain_after_starttls(server, source, user):
    connection = server.connect("imap", source)
    connection.ok("STARTTLS")
    connection.start_tls()
    connection.ok("AUTHENTICATE PLAIN " + plain(user, PASSWORD))
    connection.ok("NOOP")


@pytest.mark.parametrize("response", [
    plain("nobody", PASSWORD), plain("", ""), plain("x" * 255, "y" * 1000)])
def test_plain_refused(tls, response):
    _, tagged = tls.command("AUTHENTICATE PLAIN " + response)
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    tls.ok("NOOP")


def test_plain_wrong_password(tls, user):
    _, tagged = tls.command("AUTHENTICATE PLAIN " + plain(user, "wrong"))
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    tls.ok("AUTHENTICATE PLAIN " + plain(user, PASSWORD))


def test_plain_as_somebody_else(tls, server, user):
    """RFC 4616 section 2: an authorization identity that is not ours."""
    other = server.add_user()
    _, tagged = tls.command(
        "AUTHENTICATE PLAIN " + plain(user, PASSWORD, authzid=other))
    assert tagged.name == "NO"
    tls.ok("NOOP")


def test_plain_as_oneself(tls, user):
    tls.ok("AUTHENTICATE PLAIN " + plain(user, PASSWORD, authzid=user))


@pytest.mark.parametrize("response", [
    base64.b64encode(b"no separators").decode(),
    base64.b64encode(b"\0only one").decode(), "="])
def test_plain_malformed_message(tls, response):
    _, tagged = tls.command("AUTHENTICATE PLAIN " + response)
    assert tagged.name in ("NO", "BAD")
    tls.ok("NOOP")


def test_capabilities_before_and_after(server, source, user):
    """RFC 9051 section 6.1.1: what is announced fits the state."""
    connection = server.connect("imap", source)
    before = capabilities(connection)
    assert "STARTTLS" in before
    connection.ok("STARTTLS")
    connection.start_tls()
    inside = capabilities(connection)
    assert not {"STARTTLS", "LOGINDISABLED"} & inside
    assert {"AUTH=PLAIN", "SASL-IR", "IMAP4rev1", "IMAP4rev2"} <= inside
    connection.login(user, PASSWORD)
    code = set(connection.tagged.code[1])
    after = capabilities(connection)
    assert code == after
    assert not any(name.startswith("AUTH=") for name in after)
    assert {"IMAP4rev1", "IMAP4rev2", "LITERAL+", "ENABLE", "ID", "NAMESPACE",
            "CHILDREN", "UNSELECT", "IDLE", "UIDPLUS", "MOVE", "SPECIAL-USE",
            "CREATE-SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS",
            "STATUS=SIZE", "ESEARCH", "SEARCHRES", "BINARY", "UTF8=ACCEPT",
            "WITHIN", "MULTIAPPEND"} <= after
    assert any(name.startswith("APPENDLIMIT") for name in after)
    connection.close()


def capabilities(connection):
    untagged = connection.ok("CAPABILITY")
    assert [response.name for response in untagged] == ["CAPABILITY"]
    return set(untagged[0].data)


def test_capability_switched_off():
    """What the administrator switches off is neither announced nor there."""
    server = Server(more='capabilities_off = [ "MOVE", "IDLE" ];').start()
    try:
        connection = server.login(server.add_user())
        assert not {"MOVE", "IDLE"} & capabilities(connection)
        connection.ok("SELECT INBOX")
        assert connection.command('MOVE 1 "Trash"')[1].name == "BAD"
        assert connection.command("IDLE")[1].name == "BAD"
        connection.ok("NOOP")
        connection.close()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


@pytest.mark.parametrize("more", ["", 'password_memory = "0s"\n'])
def test_changed_password_counts_at_once(more):
    """Also when the old one was found right a moment ago."""
    server = Server(more=more).start()
    try:
        user = server.add_user()
        for _ in range(2):
            server.login(user).close()
        done = server.tool("user", "passwd", user, text="new one\n")
        assert done.returncode == 0, done.stderr
        connection = server.connect()
        _, tagged = connection.command("LOGIN %s %s" % (user, quote(PASSWORD)))
        assert tagged.code_name == "AUTHENTICATIONFAILED"
        connection.ok("LOGIN %s %s" % (user, quote("new one")))
        connection.close()
        server.stop()
    finally:
        server.remove()
