# SPDX-License-Identifier: MIT
"""Apple's parser in Swift reads lines of 8 KiB, literals of 4 KiB outside of
bodies: what is long in an ENVELOPE is a literal, what is longer is in many
lines."""

SUBJECT = b"word " * 600
TO = b", ".join(b"a%d@example.org" % n for n in range(40))


def test_lines_are_short(client, other):
    other.append("INBOX", b"Subject: " + SUBJECT + b"\r\nTo: " + TO +
                 b"\r\n\r\nx\r\n")
    other.ok("SELECT INBOX")
    for n in range(40):
        other.ok("STORE 1 +FLAGS (keyword-number-%d)" % n)
    client.send("a1 SELECT INBOX\r\n"
                "a2 FETCH 1 (FLAGS ENVELOPE BODYSTRUCTURE)\r\n")
    raw = b""
    while not raw.startswith(b"a2 OK "):
        raw = client.connection.read().raw
        assert not raw.startswith(b"a2 NO "), raw
        assert max(map(len, raw.split(b"\r\n"))) < 8192
