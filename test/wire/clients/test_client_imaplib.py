# SPDX-License-Identifier: MIT
"""imaplib and imapclient: n:* has the last message even when n is greater, and
sizes come with literals only."""


def test_star(selected):
    selected.run("ABCD1 UID FETCH 2:* (FLAGS UID)",
                 "* 1 FETCH (UID 1 FLAGS (...))", "ABCD1 OK ...")
    selected.run("ABCD2 UID SEARCH UID 2:*", "* SEARCH 1", "ABCD2 OK ...")


def test_size_of_the_literal(selected, mail):
    selected.run("ABCD1 FETCH 1 (RFC822)",
                 "* 1 FETCH (RFC822 {%d}\r\n%s...)" % (len(mail),
                                                       mail.decode()),
                 "ABCD1 OK ...")
    selected.run('ABCD2 APPEND INBOX (\\Seen) {1}', "+ ...")
    selected.send(b"x\r\n")
    assert "* 2 EXISTS" in selected.until("ABCD2")
