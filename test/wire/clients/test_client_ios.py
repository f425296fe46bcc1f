# SPDX-License-Identifier: MIT
"""Mail on iOS: several commands in a packet, DONE and what follows in a packet,
an empty line in front of a tag; fetches a part in slices that it plans by the
size of the message, so that most begin beyond the end of the part; wants OK for
messages that it has moved already."""


def test_one_packet(client):
    client.send('B1 NAMESPACE\r\nB2 LIST "" "*" RETURN (SPECIAL-USE)\r\n')
    client.expect("* NAMESPACE ...", "B1 OK ...")
    got = client.until("B2")
    assert '* LIST (\\HasNoChildren \\Sent) "/" "Sent"' in got
    assert all(line.split('"/" ')[1][0] == '"' for line in got[:-1])


def test_done_and_more(selected):
    selected.run("B1 IDLE", "+ ...")
    selected.send("DONE\r\nB2 NOOP\r\nB3 UID FETCH 1 UID\r\n")
    selected.expect("B1 OK ...", "B2 OK ...", "* 1 FETCH (UID 1)",
                    "B3 OK ...")


def test_empty_line_before_the_tag(selected):
    selected.run('\r\nB41 UID MOVE 1 "Trash"', "* OK [COPYUID ... 1 1] ...",
                 "* 1 EXPUNGE", "B41 OK ...")


def test_moved_already(selected):
    selected.run('B1 UID MOVE 475,476 "Trash"', "B1 OK ...")
    selected.run('B2 UID COPY 475 "Trash"', "B2 OK ...")


def test_slices(selected):
    size = 393216
    selected.send("".join(
        "S%d UID FETCH 1 (UID BODY.PEEK[1]<%d.%d>)\r\n" % (n, n * size, size)
        for n in range(10)))
    selected.expect("* 1 FETCH (UID 1 BODY[1]<0> {12}\r\n0123456789\r\n)",
                    "S0 OK ...")
    for n in range(1, 10):
        selected.expect('* 1 FETCH (UID 1 BODY[1]<%d> "")' % (n * size),
                        "S%d OK ..." % n)


def test_changed_since_nothing(selected):
    selected.run("B1 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)",
                 "* OK [HIGHESTMODSEQ ...] ...",
                 "* 1 FETCH (UID 1 FLAGS (...) MODSEQ (...))", "B1 OK ...")
    selected.run("B2 UID SEARCH RETURN (COUNT) UNSEEN",
                 '* ESEARCH (TAG "B2") UID COUNT 1', "B2 OK ...")
    selected.refused("B3 UID SEARCH FUZZY TEXT x")


def test_not_junk_when_moved_to_the_trash(selected):
    selected.run("B1 UID STORE 1 +FLAGS.SILENT (NotJunk)", "* FLAGS (...)",
                 "* OK [PERMANENTFLAGS (...)] ...", "B1 OK ...")
