# SPDX-License-Identifier: MIT
"""Evolution: LIST with STATUS of each folder, QRESYNC, PREVIEW; fetches chunks
until one is shorter than asked for, and trusts RFC822.SIZE."""


def test_list_status(client):
    got = client.ask('A00001 LIST "" "*" RETURN (CHILDREN SUBSCRIBED '
                     "SPECIAL-USE STATUS (MESSAGES UNSEEN))")
    assert '* STATUS "Sent" (MESSAGES 0 UNSEEN 0)' in got
    assert got.index('* STATUS "Sent" (MESSAGES 0 UNSEEN 0)') == 1 + [
        line.endswith('"/" "Sent"') for line in got].index(True)


def test_chunks(selected, mail):
    size = len(mail)
    got = ""
    for n, at in enumerate(range(0, size + 64, 64)):
        selected.send("A%d UID FETCH 1 (BODY.PEEK[]<%d.64>)\r\n" % (n, at))
        raw = selected.until("A%d" % n)[0]
        if at >= size:
            assert raw == '* 1 FETCH (UID 1 BODY[]<%d> "")' % at
            continue
        got += raw.split("}\r\n", 1)[1][:-1]
    assert got == mail.decode()


def test_preview(selected):
    selected.run("A1 UID FETCH 1 (UID PREVIEW (LAZY))",
                 '* 1 FETCH (UID 1 PREVIEW "0123456789")', "A1 OK ...")


def test_notify_is_not_there(client):
    assert "NOTIFY" not in client.ask("A1 CAPABILITY")[0].split()
    client.refused("A2 NOTIFY SET (SELECTED (MessageNew MessageExpunge))")
