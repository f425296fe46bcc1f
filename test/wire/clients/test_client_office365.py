# SPDX-License-Identifier: MIT
"""The connectors of Microsoft's cloud: ID before login, sections and header
fields by number, and a tag in ESEARCH that has to be a quoted string.  They
enable UIDONLY where it is offered, and then ask by number."""

from lib.server import PASSWORD


def test_id_before_login(stranger, user):
    stranger.run('a1 ID ("name" "Microsoft Office 365" "version" "16.0")',
                 '* ID ("name" "Avocet")', "a1 OK ...")
    stranger.run('a2 LOGIN "%s" "%s"' % (user, PASSWORD), "a2 OK ...")


def test_uidonly_is_not_there(selected):
    assert not any("UIDONLY" in line for line in selected.ask("a1 CAPABILITY"))
    selected.run("a2 ENABLE UIDONLY", "* ENABLED", "a2 OK ...")
    selected.run("a3 FETCH 1 (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])",
                 "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (...)] {18}\r\n"
                 "Subject: hello\r\n\r\n)", "a3 OK ...")
    selected.run("a4 FETCH 1 BODY.PEEK[1]",
                 "* 1 FETCH (BODY[1] {12}\r\n0123456789\r\n)", "a4 OK ...")


def test_tag_is_quoted(selected):
    selected.run("a5 UID SEARCH RETURN (ALL) ALL",
                 '* ESEARCH (TAG "a5") UID ALL 1', "a5 OK ...")
