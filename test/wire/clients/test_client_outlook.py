# SPDX-License-Identifier: MIT
"""Outlook on Windows: asks for capabilities again after login, takes whole
messages and whole headers only, and looks for special folders in LSUB, too.
It takes the folder's state from EXISTS and UIDVALIDITY."""


def test_first_minutes(client, mail):
    got = client.ask("a1 CAPABILITY")
    assert "IMAP4rev1" in got[0].split()
    got = client.ask('a2 LSUB "" "*"')
    assert '* LSUB (\\HasNoChildren \\Sent) "/" "Sent"' in got
    got = client.ask('a3 LIST "" "*"')
    assert '* LIST (\\HasNoChildren \\Trash) "/" "Trash"' in got
    got = client.ask('a4 SELECT "INBOX"')
    assert "* 1 EXISTS" in got
    assert any(line.startswith("* OK [UIDVALIDITY ") for line in got)
    whole = mail.decode()
    size = len(whole)
    client.run("a5 UID FETCH 1:* (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER])",
               "* 1 FETCH (UID 1 FLAGS (...) RFC822.SIZE %d BODY[HEADER] {...}"
               "\r\nFrom: ...\r\n\r\n)" % size, "a5 OK ...")
    client.run("a6 UID FETCH 1 (UID BODY.PEEK[])",
               "* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)" % (size, whole),
               "a6 OK ...")
    client.run("a7 UID FETCH 1 RFC822.PEEK",
               "* 1 FETCH (UID 1 RFC822 {%d}\r\n%s)" % (size, whole),
               "a7 OK ...")


def test_every_flag_can_be_stored(selected):
    selected.run("a1 UID STORE 1 +FLAGS.SILENT (\\Seen \\Deleted)",
                 "a1 OK ...")
    selected.run("a2 UID FETCH 1 (FLAGS)", "* 1 FETCH (...\\Deleted \\Seen...)",
                 "a2 OK ...")
    selected.run("a3 EXPUNGE", "* 1 EXPUNGE", "a3 OK ...")
