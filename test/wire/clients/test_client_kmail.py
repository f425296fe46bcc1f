# SPDX-License-Identifier: MIT
"""KMail: several sessions at a time, items of a FETCH in the order asked behind
the UID, and flags by CONDSTORE; annotations only where announced."""


def test_order_of_items(selected):
    selected.run("A000001 UID FETCH 1 (RFC822.SIZE INTERNALDATE FLAGS UID "
                 "BODY.PEEK[1])",
                 "* 1 FETCH (UID 1 RFC822.SIZE ... INTERNALDATE ... FLAGS (...) "
                 "BODY[1] {12}\r\n0123456789\r\n)", "A000001 OK ...")


def test_several_sessions(server, user, source):
    pool = [server.login(user, source=source) for _ in range(5)]
    for connection in pool:
        connection.ok("SELECT INBOX (CONDSTORE)")
    for connection in pool:
        connection.close()


def test_annotations_are_not_there(client):
    names = client.ask("A1 CAPABILITY")[0].split()
    assert not {"METADATA", "ANNOTATEMORE", "ACL"} & set(names)
    client.refused('A2 GETANNOTATION "INBOX" "/comment" "value.priv"')
    client.refused('A3 GETACL "INBOX"')
    client.refused('A4 MYRIGHTS "INBOX"')
