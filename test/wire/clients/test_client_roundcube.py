# SPDX-License-Identifier: MIT
"""Roundcube: subscribed folders by LIST or LSUB, STATUS of the folder that is
selected for its HIGHESTMODSEQ, UNSELECT before DELETE, BINARY with a fallback
for parts that cannot be decoded; sorts by itself where SORT is not there."""


def test_folders(client):
    got = client.ask('A0001 LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)')
    assert '* LIST (\\Subscribed \\HasNoChildren \\Sent) "/" "Sent"' in got
    assert any(line.endswith('"/" "INBOX"') for line in
               client.ask('A0002 LSUB "" "*"'))


def test_status_of_the_selected(selected):
    got = selected.ask('A1 SELECT "INBOX"')
    told = [line for line in got if "[HIGHESTMODSEQ " in line][-1]
    modseq = told.split("[HIGHESTMODSEQ ")[1].split("]")[0]
    selected.run('A2 STATUS "INBOX" (HIGHESTMODSEQ)',
                 "* OK [HIGHESTMODSEQ %s] ..." % modseq,
                 '* STATUS "INBOX" (HIGHESTMODSEQ %s)' % modseq, "A2 OK ...")


def test_unselect_and_delete(client):
    client.ask('A1 CREATE "old"')
    client.ask('A2 SELECT "old"')
    client.run("A3 UNSELECT", "A3 OK ...")
    client.run('A4 DELETE "old"', "A4 OK ...")


def test_binary(client, other):
    other.append("INBOX", b"Content-Transfer-Encoding: base64\r\n\r\n"
                 b"aGVsbG8=\r\n")
    other.append("INBOX", b"Content-Transfer-Encoding: x-strange\r\n\r\nabc\r\n")
    client.ask('A1 SELECT "INBOX"')
    client.run("A2 UID FETCH 1 (BINARY.PEEK[1])",
               "* 1 FETCH (UID 1 BINARY[1] {5}\r\nhello)", "A2 OK ...")
    client.run("A3 UID FETCH 2 (BINARY.PEEK[1])", "A3 NO [UNKNOWN-CTE] ...")
    client.run("A4 UID FETCH 2 (BODY.PEEK[1])",
               "* 2 FETCH (UID 2 BODY[1] {5}\r\nabc\r\n)", "A4 OK ...")


def test_without_sort(selected):
    names = selected.ask("A1 CAPABILITY")[0].split()
    assert not {"SORT", "THREAD=REFERENCES", "ACL"} & set(names)
    selected.refused("A2 UID SORT (DATE) UTF-8 ALL")
    selected.refused("A3 UID THREAD REFERENCES UTF-8 ALL")
    selected.run("A4 UID FETCH 1:* (UID RFC822.SIZE FLAGS INTERNALDATE "
                 "BODY.PEEK[HEADER.FIELDS (DATE FROM TO SUBJECT)])",
                 "* 1 FETCH (UID 1 RFC822.SIZE ...)", "A4 OK ...")
