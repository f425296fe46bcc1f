# SPDX-License-Identifier: MIT
"""Rule 23: no line ends with a space, a response code has text behind it, and
"+" has one space.  The grammar that all tests read responses with looks for
that; here it is looked at octet by octet, over commands of all kinds."""

import re

import pytest

COMMANDS = [
    "CAPABILITY", "NOOP", "ID NIL", "NAMESPACE", "ENABLE XYZZY",
    "ENABLE CONDSTORE", 'LIST "" ""', 'LIST "" "*"', 'LIST "" nothing',
    'LIST "" "*" RETURN (STATUS (MESSAGES))', 'LSUB "" "*"',
    "STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE)",
    "STATUS nothing (MESSAGES)", "CREATE new", "CREATE new", "RENAME new old",
    "DELETE old", "SUBSCRIBE new", "UNSUBSCRIBE new", "SELECT INBOX",
    "EXAMINE Sent", "SELECT nothing", "SELECT INBOX", "SEARCH ALL",
    "SEARCH ANSWERED", "UID SEARCH RETURN () ANSWERED",
    "SEARCH RETURN (COUNT) ALL", "SEARCH CHARSET X ALL", "FETCH 1 FULL",
    "FETCH 1 (UID FLAGS BODYSTRUCTURE BODY.PEEK[])", "UID FETCH 9 FLAGS",
    "STORE 1 +FLAGS (\\Seen)", "STORE 1 +FLAGS.SILENT (\\Deleted)",
    "COPY 1 Sent", "UID COPY 9 Sent", "UID MOVE 9 Sent", "EXPUNGE",
    "XYZZY", "FETCH", "CLOSE", "UNSELECT", "LOGOUT",
]


def check(line):
    assert line.endswith(b"\r\n") and not line.endswith(b" \r\n"), line
    assert b"  " not in line, line
    if re.match(rb"(\*|\S+) (OK|NO|BAD|BYE|PREAUTH) \[", line):
        assert re.match(rb"\S+ \S+ \[[^\]]+\] \S", line), line
    if line.startswith(b"+"):
        assert re.match(rb"\+ \S", line) or line == b"+ \r\n", line


@pytest.mark.parametrize("rev", [1, 2])
def test_lines(server, user, source, rev):
    connection = server.connect(source=source)
    check(connection.greeting.raw)
    connection.ok("CAPABILITY")
    connection.login(user, "correct horse")
    if rev == 2:
        connection.ok("ENABLE IMAP4rev2")
    connection.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    connection.send(b"i IDLE\r\nDONE\r\n")
    assert connection.read().tag == "+" and connection.read().tag == "i"
    for command in COMMANDS:
        connection.command(command)
    sent = [octets for side, octets in connection.log if side == "S"]
    assert len(sent) > len(COMMANDS)
    for octets in sent:
        for line in re.sub(rb"\{(\d+)\}\r\n", b"{}", octets).split(b"\r\n"):
            if not line.startswith(b"Subject") and line:
                check(line + b"\r\n")
    connection.close()
