# SPDX-License-Identifier: MIT
"""Each command in each state, from the server's own table of commands
(src/imap/command_table.c): where the table does not allow it, the answer is BAD
and nothing else; where it does, it works (RFC 9051 section 3)."""

import re

import pytest

from lib.server import ROOT

TABLE = (ROOT / "src" / "imap" / "command_table.c").read_text()
ROW = re.compile(r'^\s*ROW\("([A-Z ]+)", (\w+),', re.M)
STATES = {"IN_ANY": {"authenticated", "selected"},
          "IN_SELECTED": {"selected"},
          "IN_AUTHENTICATED": {"authenticated"}, "0": set()}
COMMANDS = {name: STATES[states] for name, states in ROW.findall(TABLE)}

# Before login another table rules: what RFC 9051 section 6.1 and 6.2 and RFC
# 2971 allow.
BEFORE_LOGIN = {"CAPABILITY", "NOOP", "LOGOUT", "ID", "STARTTLS",
                "AUTHENTICATE", "LOGIN"}

# A command that works, in a mailbox with one message.
ARGUMENTS = {
    "ID": "NIL", "AUTHENTICATE": "PLAIN =", "LOGIN": "nobody x",
    "ENABLE": "IMAP4rev2", "COMPRESS": "DEFLATE", "SELECT": "INBOX", "EXAMINE": "INBOX",
    "CREATE": "made", "DELETE": "Archive", "RENAME": "Junk other",
    "SUBSCRIBE": "INBOX", "UNSUBSCRIBE": "INBOX", "LIST": '"" "*"',
    "LSUB": '"" "*"', "XLIST": '"" "*"', "STATUS": "INBOX (MESSAGES)",
    "APPEND": "INBOX {4+}\r\nA: b", "SEARCH": "ALL", "FETCH": "1 FLAGS",
    "STORE": "1 +FLAGS (x)", "COPY": "1 Trash", "MOVE": "1 Trash",
    "UID COPY": "1 Trash", "UID MOVE": "1 Trash", "UID FETCH": "1 FLAGS",
    "REPLACE": "1 INBOX {4+}\r\nA: b", "UID REPLACE": "1 INBOX {4+}\r\nA: b",
    "UID STORE": "1 +FLAGS (x)", "UID SEARCH": "ALL", "UID EXPUNGE": "1",
}


def test_the_table_was_read():
    assert len(COMMANDS) > 30


def words(name):
    return " ".join((name, ARGUMENTS[name])) if name in ARGUMENTS else name


def run(connection, name):
    """The command's tagged answer, and what came before it."""
    if name == "IDLE":
        tag = connection.start("IDLE")
        response = connection.read()
        if response.tag != "+":
            return [], response
        connection.send(b"DONE\r\n")
        return connection.read_until(tag)
    untagged, tagged = connection.command(words(name))
    if name == "COMPRESS" and tagged.name == "OK":
        connection.start_compression()
    return untagged, tagged


def session(server, source, state):
    if state == "not authenticated":
        return server.connect("imap", source)
    user = server.add_user()
    connection = server.login(user, "imap", source)
    connection.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    if state == "selected":
        connection.ok("SELECT INBOX")
    return connection


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("state",
                         ["not authenticated", "authenticated", "selected"])
def test_command_in_state(server, source, state, name):
    allowed = name in BEFORE_LOGIN if state == "not authenticated" \
        else state in COMMANDS[name]
    connection = session(server, source, state)
    untagged, tagged = run(connection, name)
    if not allowed:
        assert tagged.name == "BAD"
        assert not untagged
    elif name in ("LOGIN", "AUTHENTICATE"):
        assert tagged.name in ("NO", "BAD")
        assert tagged.code_name != "CLIENTBUG"
    else:
        assert tagged.name == "OK", tagged
    if name not in ("LOGOUT", "STARTTLS"):
        connection.ok("NOOP")
    connection.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_command_with_too_much(server, source, name):
    """Something behind the last argument is BAD, and changes nothing."""
    connection = session(server, source, "selected")
    untagged, tagged = connection.command(words(name) + " )(")
    assert tagged.name == "BAD"
    assert not untagged
    connection.ok("NOOP")
    connection.close()


@pytest.mark.parametrize("name", ARGUMENTS)
def test_command_without_arguments(server, source, name):
    connection = session(server, source, "selected")
    untagged, tagged = connection.command(name)
    assert tagged.name == "BAD"
    assert not untagged
    untagged, tagged = connection.command(name + " ")
    assert tagged.name == "BAD"
    assert not untagged
    connection.ok("NOOP")
    connection.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_prefix_of_a_command_is_answered(server, source, name):
    """Cut anywhere, a command gets one tagged answer, or is the beginning of a
    longer name; nothing hangs or gets out of step."""
    whole = words(name)
    if name in ("APPEND", "REPLACE", "UID REPLACE", "LOGOUT", "IDLE"):
        pytest.skip("streams, ends or waits")
    connection = session(server, source, "selected")
    for cut in range(1, len(whole)):
        untagged, tagged = connection.command(whole[:cut])
        assert tagged.name in ("OK", "NO", "BAD")
        if cut % 10 == 0:
            connection.close()
            connection = session(server, source, "selected")
    connection.close()
