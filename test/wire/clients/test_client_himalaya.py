# SPDX-License-Identifier: MIT
"""himalaya's parser takes nothing that is not in the grammar: no space at the
end of a line, text behind each code, no space between addresses, "7BIT" where
no encoding is named, sets in order."""

TEXT = (b"From: a@example.org\r\nTo: b@example.org, c@example.org\r\n"
        b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\nx\r\n")


def test_strict(client, other, mail):
    other.append("INBOX", mail)
    other.append("INBOX", TEXT)
    client.send('1 CAPABILITY\r\n2 ID NIL\r\n3 STATUS "INBOX" (MESSAGES)\r\n'
                "4 SELECT INBOX\r\n5 SEARCH SUBJECT nothing\r\n"
                "6 FETCH 1:* (ENVELOPE BODYSTRUCTURE)\r\n7 IDLE\r\n")
    got = []
    while not got or not got[-1].startswith("+"):
        got.append(client.connection.read().raw.decode()[:-2])
    for line in got:
        assert line == line.rstrip() and ") (NIL NIL" not in line
        if "[" in line and line.startswith("* OK"):
            assert line.split("] ")[1]
    assert "* SEARCH" in got
    client.run("DONE", "7 OK ...")
    got = client.ask("8 FETCH 3 (BODYSTRUCTURE)")
    assert '"7BIT"' in got[0] and "BOUNDARY\" NIL" not in got[0]
    client.run('9 UID COPY 3,1:2 "Sent"', "9 OK [COPYUID ... 1:3 1:3] ...")
