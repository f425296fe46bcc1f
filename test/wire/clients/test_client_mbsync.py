# SPDX-License-Identifier: MIT
"""mbsync: sends many commands before it reads, finds new mail by UIDNEXT and
what it has uploaded by a header field of its own, and ends with CLOSE."""


def test_pipeline(client, mail):
    client.send('1 SELECT "INBOX"\r\n2 UID FETCH 1:1000000000 (UID FLAGS)\r\n'
                "3 UID FETCH 1 (BODY.PEEK[])\r\n"
                "4 UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\n5 CLOSE\r\n"
                '6 STATUS "INBOX" (MESSAGES)\r\n')
    got = client.until("6")
    assert any(line.startswith("* OK [UIDNEXT 2] ") for line in got)
    assert any(line.endswith("\r\n%s)" % mail.decode()) for line in got)
    assert '* STATUS "INBOX" (MESSAGES 0)' in got
    tagged = [line.split()[:2] for line in got if line[0] != "*"]
    assert tagged == [[str(n), "OK"] for n in range(1, 7)]


def test_search_of_what_was_uploaded(client):
    text = b"X-TUID: abcdefgh\r\nSubject: x\r\n\r\nx\r\n"
    client.ask("1 SELECT INBOX")
    client.send('2 APPEND "INBOX" (\\Seen) {%d+}\r\n' % len(text))
    client.send(text + b"\r\n")
    assert client.until("2")[-1].startswith("2 OK [APPENDUID ")
    client.run("3 UID SEARCH HEADER X-TUID abcdefgh", "* SEARCH 1", "3 OK ...")


def test_names_that_make_trouble_elsewhere(client):
    client.run('1 CREATE "box.lock"', "1 OK ...")
    client.run('2 CREATE "a.b/c.d"', "2 OK ...")
    got = client.ask('3 LIST "" "a.b/*"')
    assert got[0].endswith('"/" "a.b/c.d"')
