# SPDX-License-Identifier: MIT
"""FairEmail and all that is built on JavaMail: fetches a body in pieces of
16 KiB and needs to see where each begins, takes an ENVELOPE of NILs for a
message that is gone, and stumbles over numbers beyond EXISTS and lists of
nothing."""


def test_pieces(client, other):
    body = b"".join(b"%08d\r\n" % n for n in range(4000))
    other.append("INBOX", b"Subject: x\r\n\r\n" + body)
    client.ask("A1 SELECT INBOX")
    got = ""
    for at in range(0, len(body) + 1, 16384):
        piece = body[at:at + 16384].decode()
        client.run("A2 FETCH 1 (BODY[1]<%d.16384>)" % at,
                   "* 1 FETCH (BODY[1]<%d> {%d}\r\n%s...)"
                   % (at, len(piece), piece), "A2 OK ...")
        got += piece
    assert got.encode() == body


def test_envelope(client, other):
    other.append("INBOX", b"X-Nothing: else\r\n\r\nx\r\n")
    client.ask("A1 SELECT INBOX")
    client.run("A2 FETCH 1 (ENVELOPE)",
               "* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))",
               "A2 OK ...")
    client.run("A3 FETCH 1 (BODY.PEEK[HEADER.FIELDS (From)])",
               "* 1 FETCH (BODY[HEADER.FIELDS (...)] {2}\r\n\r\n)",
               "A3 OK ...")


def test_gone_meanwhile(selected, other):
    other.ok("SELECT INBOX")
    other.ok("UID STORE 1 +FLAGS.SILENT (\\Deleted)")
    other.ok("EXPUNGE")
    selected.run("A1 FETCH 1 (ENVELOPE)",
                 '* 1 FETCH (ENVELOPE ("Mon, ...', "A1 OK ...")
    selected.run("A2 NOOP", "* 1 EXPUNGE", "A2 OK ...")


def test_search(selected):
    selected.run('A1 SEARCH OR OR FROM "alice" TO "x" SUBJECT "y" ALL',
                 "* SEARCH 1", "A1 OK ...")
    selected.run('A2 STATUS "Sent" (MESSAGES)', '* STATUS "Sent" (MESSAGES 0)',
                 "A2 OK ...")
    selected.run('A3 MOVE 1 "Trash"', "* OK [COPYUID ...] ...",
                 "* 1 EXPUNGE", "A3 OK ...")
