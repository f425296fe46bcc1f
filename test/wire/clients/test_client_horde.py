# SPDX-License-Identifier: MIT
"""Nextcloud Mail and what else has Horde's library: ID before login and again
after it, QRESYNC, a FETCH with MODSEQ that needs its UID, VANISHED that must not
name what is still there, literals of eight bits, "&" in names."""

from lib.server import PASSWORD


def test_id_twice(stranger, user):
    stranger.run('1 ID ("name" "Horde")', "* ID (...)", "1 OK ...")
    stranger.run('2 LOGIN "%s" "%s"' % (user, PASSWORD), "2 OK ...")
    stranger.run('3 ID ("name" "Horde")', "* ID (...)", "3 OK ...")


def test_qresync(client, other, mail):
    other.append("INBOX", mail)
    other.append("INBOX", mail)
    client.run("1 ENABLE QRESYNC", "* ENABLED CONDSTORE QRESYNC", "1 OK ...")
    got = client.ask('2 SELECT "INBOX"')
    validity = [line.split("UIDVALIDITY ")[1].split("]")[0]
                for line in got if "[UIDVALIDITY " in line][0]
    client.ask("3 UNSELECT")
    other.ok("SELECT INBOX")
    other.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
    other.ok("EXPUNGE")
    got = client.ask('4 SELECT "INBOX" (QRESYNC (%s 1 1:3))' % validity)
    vanished = [line for line in got if "VANISHED" in line]
    assert vanished == ["* VANISHED (EARLIER) 2"]
    fetched = [line for line in got if " FETCH " in line]
    assert all(" (UID " in line and " MODSEQ (" in line for line in fetched)


def test_catenate_is_not_there(client):
    assert "CATENATE" not in client.ask("1 CAPABILITY")[0].split()
    client.refused('2 APPEND "INBOX" CATENATE (URL "/INBOX/;UID=1")')


def test_names_and_searches(client, other):
    other.append("INBOX", "Subject: Grüße\r\n\r\nx\r\n".encode())
    client.run('1 CREATE "A &- B"', "1 OK ...")
    client.run('2 LIST "" "A &-*"', '* LIST (\\HasNoChildren) "/" "A &- B"',
               "2 OK ...")
    client.ask('3 SELECT "INBOX"')
    client.send("4 UID SEARCH RETURN (ALL COUNT) CHARSET UTF-8 SUBJECT {7+}\r\n"
                "Grüße\r\n")
    client.expect('* ESEARCH (TAG "4") UID COUNT 1 ALL 1', "4 OK ...")
