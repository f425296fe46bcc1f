# SPDX-License-Identifier: MIT
"""Mail on macOS: takes special uses from a plain LIST, does not ask for them,
and would make folders of its own without; takes tagged answers in the order of
its commands; tries to make INBOX/INBOX."""


def test_special_uses_unasked(client):
    got = client.ask('1.1 LIST "" "*"')
    for use in ("Drafts", "Sent", "Junk", "Trash", "Archive"):
        assert '* LIST (\\HasNoChildren \\%s) "/" "%s"' % (use, use) in got


def test_answers_in_order(selected):
    selected.send("2.1 UID FETCH 1 BODY.PEEK[]\r\n2.2 NOOP\r\n2.3 FOO\r\n"
                  "2.4 UID SEARCH ALL\r\n")
    selected.expect("* 1 FETCH (...)", "2.1 OK ...", "2.2 OK ...",
                    "2.3 BAD ...", "* SEARCH 1", "2.4 OK ...")


def test_inbox_below_inbox(client):
    client.run('3.1 CREATE "INBOX/INBOX"', "3.1 NO [CANNOT] ...")
