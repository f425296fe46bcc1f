# SPDX-License-Identifier: MIT
"""MailKit: LIST with a selection and with RETURN, an empty RETURN of a SEARCH,
FETCH macros, sets that go down, lines of 8000 octets."""


def test_lists(client):
    got = client.ask('A00000001 LIST (SPECIAL-USE) "" "*"')
    assert len(got) == 6 and all("\\" in line for line in got[:-1])
    client.run('A00000002 LIST "" "INBOX" RETURN (SUBSCRIBED CHILDREN)',
               '* LIST (\\Subscribed \\HasNoChildren) "/" "INBOX"',
               "A00000002 OK ...")


def test_empty_return(selected):
    selected.run("A1 UID SEARCH RETURN () UNSEEN",
                 '* ESEARCH (TAG "A1") UID ALL 1', "A1 OK ...")


def test_macros(selected):
    selected.run("A1 FETCH 1 ALL", "* 1 FETCH (FLAGS (...) INTERNALDATE ... "
                 "RFC822.SIZE ... ENVELOPE (...))", "A1 OK ...")
    selected.run("A2 FETCH 1 FULL", "* 1 FETCH (FLAGS (...) INTERNALDATE ... "
                 "RFC822.SIZE ... ENVELOPE (...) BODY (...))", "A2 OK ...")


def test_descending(client, other, mail):
    for _ in range(8):
        other.append("INBOX", mail)
    client.ask("A1 SELECT INBOX")
    got = client.ask("A2 FETCH 9:4 (UID)")
    assert got[:-1] == ["* %d FETCH (UID %d)" % (n, n) for n in range(4, 10)]
    numbers = ",".join(str(n) for n in range(100000, 102000))[:7900]
    client.run("A3 UID FETCH %s9 (UID)" % numbers, "A3 OK ...")


def test_codes_are_whole(selected):
    selected.run('A1 UID COPY 77 "Sent"', "A1 OK Nothing copied")
    selected.run('A2 UID COPY 1 "Sent"', "A2 OK [COPYUID ... 1 1] Copied")
