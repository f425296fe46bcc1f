# SPDX-License-Identifier: MIT
"""curl reads line by line: CAPABILITY first, a LIST whose pattern is an atom,
FETCH of one section without parentheses, APPEND with a literal that waits."""


def test_commands(selected, mail):
    assert selected.ask("A001 CAPABILITY")[0].startswith("* CAPABILITY IMAP4rev1 ")
    got = selected.ask('A002 LIST "" *')
    assert len(got) > 5
    selected.run("A003 FETCH 1 BODY[TEXT]",
                 "* 1 FETCH (BODY[TEXT] {12}\r\n0123456789\r\n...)", "A003 OK ...")
    selected.run("A004 UID FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]",
                 "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (...)] {18}\r\n"
                 "Subject: hello\r\n\r\n...)", "A004 OK ...")
    selected.run("A005 APPEND Sent (\\Seen) {%d}" % len(mail), "+ ...")
    selected.send(mail + b"\r\n")
    selected.expect("A005 OK [APPENDUID ...] ...")
