# SPDX-License-Identifier: MIT
"""imapflow: enables all that it knows in one command, lists with everything at
once, and after ENABLE IMAP4rev2 takes an ESEARCH without ALL for an empty
folder.  A user with a slash in its name logs in with LOGIN."""


def test_enable_and_search(client, mail):
    del mail
    client.run("1 ENABLE CONDSTORE UTF8=ACCEPT X-UNKNOWN QRESYNC IMAP4rev2",
               "* ENABLED IMAP4rev2 UTF8=ACCEPT CONDSTORE QRESYNC", "1 OK ...")
    got = client.ask('2 SELECT "INBOX"')
    assert "* 1 EXISTS" in got
    client.run("3 UID SEARCH 1:*", '* ESEARCH (TAG "3") UID ALL 1', "3 OK ...")
    client.run("4 SEARCH SUBJECT nothing", '* ESEARCH (TAG "4")', "4 OK ...")


def test_list(client):
    got = client.ask('1 LIST "" "*" RETURN (STATUS (MESSAGES UIDNEXT '
                     "UIDVALIDITY UNSEEN HIGHESTMODSEQ) SPECIAL-USE CHILDREN "
                     "SUBSCRIBED)")
    assert '* LIST (\\Subscribed \\HasNoChildren \\Sent) "/" "Sent"' in got
    assert any(line.startswith('* STATUS "Sent" (') for line in got)
    got = client.ask('2 LIST "" "Sent" RETURN (SUBSCRIBED)')
    assert "\\Sent" in got[0] and "\\HasNoChildren" in got[0]
    assert '* XLIST (\\HasNoChildren \\Sent) "/" "Sent"' in \
        client.ask('3 XLIST "" "*"')


def test_append_tells_exists(selected, mail):
    selected.send('1 APPEND "INBOX" (\\Seen) {%d}\r\n' % len(mail))
    selected.expect("+ ...")
    selected.send(mail + b"\r\n")
    assert "* 2 EXISTS" in selected.until("1")


def test_idle_again(selected):
    for n in range(3):
        selected.run("%d IDLE" % n, "+ ...")
        selected.run("DONE", "%d OK ..." % n)


def test_names_with_a_slash(stranger):
    stranger.run('1 LOGIN "no/body\\\\x" "y"', "1 NO [AUTHENTICATIONFAILED] ...")
