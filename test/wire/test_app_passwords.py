# SPDX-License-Identifier: MIT
"""Passwords of applications: beside the user's own, with a scope, an end, and
a moment of their last use."""

import base64
import re

import pytest

from lib.server import PASSWORD


def add(server, user, name, *options):
    done = server.tool("password", "add", user, name, *options)
    assert done.returncode == 0, done.stderr
    text = done.stdout.strip()
    assert re.fullmatch(r"([a-z2-9]{4}-){6}[a-z2-9]{4}", text)
    return text


def login(server, source, user, password):
    connection = server.connect("imap", source)
    _, tagged = connection.command('LOGIN "%s" "%s"' % (user, password))
    connection.close()
    return tagged.name


def test_login(server, source, user):
    text = add(server, user, "my phone")
    assert login(server, source, user, text) == "OK"
    assert login(server, source, user, PASSWORD) == "OK"
    assert login(server, source, user, text.replace("-", "")) == "OK"
    assert login(server, source, user, text.replace("-", " ").upper()) == "OK"
    assert login(server, source, user, text[:-1]) == "NO"
    other = server.add_user()
    assert login(server, source, other, text) == "NO"
    assert text not in server.log()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_authenticate(server, source, user, mechanism):
    text = add(server, user, "phone")
    connection = server.connect("imaps", source)
    if mechanism == "PLAIN":
        connection.ok("AUTHENTICATE PLAIN " + base64.b64encode(
            ("\0%s\0%s" % (user, text)).encode()).decode())
    else:
        connection.send(b"a AUTHENTICATE LOGIN\r\n")
        for word in (user, text):
            assert connection.read().tag == "+"
            connection.send(base64.b64encode(word.encode()) + b"\r\n")
        assert connection.read_until("a")[1].name == "OK"
    connection.ok("SELECT INBOX")
    connection.close()


def pop3_login(server, source, user, password):
    connection = server.pop3(listener="pop3s", source=source)
    connection.ok("USER " + user)
    status = connection.command("PASS " + password)
    connection.close()
    return status.ok


def test_scope_of_pop3(server, source, user):
    """RFC 1939 logs in with them just so."""
    assert pop3_login(server, source, user, add(server, user, "a"))
    assert pop3_login(server, source, user,
                      add(server, user, "b", "--scope", "pop3"))
    assert not pop3_login(server, source, user,
                          add(server, user, "c", "--scope", "imap"))


def test_scope(server, source, user):
    assert login(server, source, user,
                 add(server, user, "a", "--scope", "imap")) == "OK"
    assert login(server, source, user,
                 add(server, user, "b", "--scope", "pop3,imap")) == "OK"
    assert login(server, source, user,
                 add(server, user, "c", "--scope", "pop3")) == "NO"


def test_removed(server, source, user):
    text = add(server, user, "phone")
    assert login(server, source, user, text) == "OK"
    assert server.tool("password", "remove", user, "phone").returncode == 0
    assert login(server, source, user, text) == "NO"


def test_expired(server, source, user):
    text = add(server, user, "phone", "--expires", "2s")
    assert login(server, source, user, text) == "OK"
    while True:
        state = login(server, source, user, text)
        if state == "NO":
            break


def test_of_one_who_has_no_other(server, source, user):
    """A new password of the user's own leaves them."""
    text = add(server, user, "phone")
    assert server.tool("user", "passwd", user, text="new\n").returncode == 0
    assert login(server, source, user, text) == "OK"
    assert login(server, source, user, PASSWORD) == "NO"


def test_list(server, source, user):
    text = add(server, user, "phone", "--scope", "imap",
               "--expires", "2099-01-02")
    out = server.tool("password", "list", user).stdout
    assert re.fullmatch(
        r"phone\timap\tmade \d{4}-.*Z\t"
        r"good until 2099-01-02T00:00:00Z\tused never\n", out), out
    assert login(server, source, user, text) == "OK"
    # The use is noted behind the login's back; the next change waits for it.
    add(server, user, "other")
    assert re.search(r"phone\t.*\tused \d{4}-",
                     server.tool("password", "list", user).stdout)


@pytest.mark.parametrize("options,code", [
    (("--scope", ""), 2), (("--scope", "imap,smtp"), 2),
    (("--expires", "soon"), 2), (("--expires", "2020-01-01"), 2),
    (("--expires", "99999999999999999d"), 2)])
def test_refused_options(server, user, options, code):
    assert server.tool("password", "add", user, "x", *options).returncode \
        == code
    assert server.tool("password", "list", user).stdout == ""


def test_refused_names(server, user):
    for name in ("", "a\nb", "x" * 65):
        assert server.tool("password", "add", user, name).returncode == 1
    assert server.tool("password", "add", "nobody", "x").returncode == 1
    add(server, user, "x")
    assert server.tool("password", "add", user, "x").returncode == 1
    assert server.tool("password", "remove", user, "y").returncode == 1
