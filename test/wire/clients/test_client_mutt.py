# SPDX-License-Identifier: MIT
"""mutt and neomutt: ask for the delimiter first, open empty folders, store
flags silently, take each flag away by its name, and want NO when a FETCH did
not work."""


def test_empty_folder(client):
    client.run('a0001 LIST "" ""', '* LIST (\\Noselect) "/" ""', "a0001 OK ...")
    got = client.ask('a0002 SELECT "Sent"')
    assert "* 0 EXISTS" in got
    client.run("a0003 FETCH 1:* (UID FLAGS)", "a0003 BAD ...")


def test_flags(selected):
    selected.run("a0001 UID STORE 1 +FLAGS.SILENT (\\Seen \\Flagged)",
                 "a0001 OK ...")
    selected.run("a0002 UID STORE 1 -FLAGS.SILENT (\\Seen \\Flagged)",
                 "a0002 OK ...")
    selected.run("a0003 UID STORE 1 FLAGS.SILENT ()", "a0003 OK ...")
    selected.run("a0004 FETCH 1 (FLAGS)", "* 1 FETCH (FLAGS (\\Recent))",
                 "a0004 OK ...")
