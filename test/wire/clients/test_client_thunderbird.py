# SPDX-License-Identifier: MIT
"""Thunderbird: lower-case verbs, subscribed folders with their uses, literals
that do not wait, UTF8=ACCEPT with names and messages in UTF-8, STATUS of four
items, NOOP behind an APPEND to the selected folder, and a search for the
Message-ID where there is no UIDPLUS."""

HEAD = ("From: ö@example.org\r\nSubject: ö\r\n"
        "Message-ID: <two@example.org>\r\n\r\nx\r\n").encode()


def test_folders(client):
    got = client.ask('1 list (subscribed) "" "*" return (special-use)')
    assert '* LIST (\\Subscribed \\HasNoChildren \\Sent) "/" "Sent"' in got
    client.run('2 create "new"', "2 OK ...")
    client.run('3 subscribe "new"', "3 OK ...")
    client.run('4 STATUS "new" (UIDNEXT MESSAGES UNSEEN RECENT)',
               '* STATUS "new" (MESSAGES 0 RECENT 0 UIDNEXT 1 UNSEEN 0)',
               "4 OK ...")


def test_utf8(client):
    client.run("1 ENABLE UTF8=ACCEPT", "* ENABLED UTF8=ACCEPT", "1 OK ...")
    client.run('2 create "A & Ö"', "2 OK ...")
    got = client.ask('3 list "" "A*"')
    assert any(line.endswith('"A & Ö"') for line in got)
    client.send('4 append "A & Ö" (\\Seen) UTF8 (~{%d+}\r\n' % len(HEAD))
    client.send(HEAD + b")\r\n")
    client.expect("4 OK [APPENDUID ... 1] ...")


def test_append_to_the_selected_folder(selected):
    selected.send('1 append "INBOX" (\\Seen) {%d+}\r\n' % len(HEAD))
    selected.send(HEAD + b"\r\n2 noop\r\n")
    got = selected.until("2")
    assert "* 2 EXISTS" in got
    selected.run('3 uid search header message-id "two@example.org"',
                 "* SEARCH 2", "3 OK ...")
    selected.run("4 uid fetch 2 (uid rfc822.size body.peek[]<0.65536>)",
                 "* 2 FETCH (UID 2 RFC822.SIZE %d BODY[]<0> {%d}\r\n...)"
                 % (len(HEAD), len(HEAD)), "4 OK ...")


def test_junk(selected):
    selected.ask("1 uid store 1 +FLAGS.SILENT (NonJunk)")
    selected.ask("2 uid store 1 -FLAGS.SILENT (NonJunk)")
    selected.ask("3 uid store 1 +FLAGS.SILENT (Junk $Junk)")
    selected.run("4 uid fetch 1 (flags)",
                 "* 1 FETCH (UID 1 FLAGS (...Junk $Junk))", "4 OK ...")
