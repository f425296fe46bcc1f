# SPDX-License-Identifier: MIT
"""SnappyMail: leaves a folder before it asks for its STATUS, wants APPENDLIMIT,
SIZE and MAILBOXID, takes a part with its MIME header, and does not EXAMINE where
PERMANENTFLAGS is missing; metadata of folders only where announced."""


def test_status(selected):
    selected.run("TAG1 UNSELECT", "TAG1 OK ...")
    selected.run('TAG2 STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY '
                 "APPENDLIMIT SIZE MAILBOXID)",
                 '* STATUS "INBOX" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ... '
                 "UNSEEN 1 SIZE ... APPENDLIMIT ... MAILBOXID (F...))",
                 "TAG2 OK ...")


def test_examine(client):
    got = client.ask('TAG1 EXAMINE "INBOX"')
    assert any(line.startswith("* OK [PERMANENTFLAGS ()] ") for line in got)
    assert got[-1].startswith("TAG1 OK [READ-ONLY] ")


def test_part_with_its_header(client, other):
    other.append("INBOX", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                 b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n")
    client.ask("TAG1 SELECT INBOX")
    client.run("TAG2 UID FETCH 1 (UID BODY.PEEK[1] BODY.PEEK[1.MIME])",
               "* 1 FETCH (UID 1 BODY[1] {5}\r\nhello BODY[1.MIME] {28}\r\n"
               "Content-Type: text/plain\r\n\r\n)", "TAG2 OK ...")


def test_without_metadata(client):
    assert "METADATA" not in client.ask("TAG1 CAPABILITY")[0].split()
    client.refused('TAG2 GETMETADATA "INBOX" (/private/comment)')
    client.ask('TAG3 CREATE "[odd] name"')
    got = client.ask('TAG4 LIST "" "[odd*"')
    assert got[0].endswith('"/" "[odd] name"')
