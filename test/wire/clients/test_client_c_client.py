# SPDX-License-Identifier: MIT
"""c-client, in PHP and Alpine: every string may be a literal that waits, and
ranges may come with their ends swapped."""

from lib.server import PASSWORD


def test_literals(stranger, user):
    stranger.run("00000000 LOGIN {%d}" % len(user), "+ ...")
    stranger.run("%s {%d}" % (user, len(PASSWORD)), "+ ...")
    stranger.run(PASSWORD, "00000000 OK ...")
    stranger.run("00000001 LIST {0}", "+ ...")
    stranger.run(" {1}", "+ ...")
    stranger.send("*\r\n")
    assert len(stranger.until("00000001")) > 5


def test_swapped(client, other, mail):
    other.append("INBOX", mail)
    other.append("INBOX", mail)
    client.ask("00000001 SELECT INBOX")
    got = client.ask("00000002 FETCH 3:1 FLAGS")
    assert [line.split()[1] for line in got[:-1]] == ["1", "2", "3"]
    got = client.ask("00000003 UID FETCH *:1 UID")
    assert len(got) == 4
