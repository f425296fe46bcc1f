# SPDX-License-Identifier: MIT
"""Rule 1: what a client sends is a stream of octets.  However it is cut into
segments, the same commands get the same answers."""

import pytest

# IDLE, DONE and what follows in one go; literals; a command that is refused.
DIALOGUE = (
    b"a1 SELECT INBOX\r\n"
    b"a2 IDLE\r\nDONE\r\na3 SELECT Sent\r\n"
    b"a4 NOOP\r\na5 STATUS {5+}\r\nINBOX (MESSAGES)\r\na6 XYZZY\r\n"
    b"a7 APPEND Drafts (\\Seen) {17+}\r\nSubject: x\r\n\r\nx\r\n\r\n"
    b"a8 UID SEARCH OR SUBJECT {1+}\r\nx TEXT \"y\"\r\n"
    b"a9 LIST \"\" %\r\n")


def pieces(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]


CUTS = {
    "three lines at once": lambda data: [
        b"".join(piece) for piece in
        pieces([line + b"\r\n" for line in data.split(b"\r\n")[:-1]], 3)],
    "twenty segments": lambda data: pieces(data, len(data) // 20 + 1),
    "one octet each": lambda data: pieces(data, 1),
    "between CR and LF": lambda data: [
        piece for line in data.split(b"\n")[:-1]
        for piece in (line, b"\n")],
}


def answers(server, user, source, segments):
    """All that comes but for what differs from mailbox to mailbox."""
    connection = server.login(user, source=source)
    connection.ok("DELETE Drafts")
    connection.ok("CREATE Drafts")
    for segment in segments:
        connection.send(segment)
    connection.send(b"z NOOP\r\n")
    got = []
    while not got or got[-1].tag != "z":
        got.append(connection.read())
    connection.close()
    return [(r.tag, r.name, r.number, r.code_name) if r.code_name in
            ("APPENDUID", "UIDVALIDITY", "MAILBOXID") else r.raw for r in got]


@pytest.mark.parametrize("cut", CUTS)
def test_cut(server, user, source, cut):
    segments = CUTS[cut](DIALOGUE)
    assert b"".join(segments) == DIALOGUE
    whole = answers(server, user, source, [DIALOGUE])
    assert answers(server, user, source, segments) == whole
    assert [a for a in whole if isinstance(a, bytes) and
            a.startswith(b"a6 BAD")]
