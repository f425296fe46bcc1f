# SPDX-License-Identifier: MIT
"""K-9 and Thunderbird for Android: quoted strings in LOGIN, lines of up to 8172
octets where CONDSTORE is announced, CREATE with a use, EXAMINE, IDLE in each
folder on a connection of its own."""

from lib.server import PASSWORD


def test_line_length(stranger, user):
    stranger.run('1 LOGIN "%s" "%s"' % (user, PASSWORD),
                 "1 OK [CAPABILITY ... CONDSTORE ...] ...")
    stranger.ask('2 EXAMINE "INBOX"')
    numbers = ",".join(str(n) for n in range(1, 10000, 2))[:8120]
    stranger.run("3 UID FETCH %s1 (UID)" % numbers, "3 OK ...")


def test_create_with_a_use(client):
    client.run('1 DELETE "Drafts"', "1 OK ...")
    client.run('2 CREATE "My drafts" (USE (\\Drafts))', "2 OK ...")
    client.run('3 LIST "" "My*"',
               '* LIST (\\HasNoChildren \\Drafts) "/" "My drafts"', "3 OK ...")


def test_same_flags_in_both_connections(selected, other):
    selected.run("1 IDLE", "+ ...")
    other.ok("SELECT INBOX")
    other.ok("UID STORE 1 +FLAGS.SILENT (\\Flagged)")
    selected.expect("* 1 FETCH (UID 1 FLAGS (...\\Flagged...))")
    selected.run("DONE", "1 OK ...")
    selected.run("2 UID FETCH 1 (UID FLAGS)",
                 "* 1 FETCH (UID 1 FLAGS (...\\Flagged...))", "2 OK ...")
