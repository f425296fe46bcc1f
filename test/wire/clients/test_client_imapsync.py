# SPDX-License-Identifier: MIT
"""imapsync: brings messages of other servers with their dates and with flags
that only these know; NUL in a literal and octets above 127 in a header, too."""


def append(client, tag, flags, date, text):
    client.send('%s APPEND "Archive" %s "%s" {%d}\r\n'
                % (tag, flags, date, len(text)))
    client.expect("+ ...")
    client.send(text + b"\r\n")
    return client.until(tag)[-1]


def test_strange_flags(client, mail):
    for n, flags in enumerate(("(\\Seen \\Forwarded)", "()", "($MDNSent Junk)",
                               "(\\Recent)", "(\\Seen \\X-Evolution)"), 1):
        answer = append(client, "A%d" % n, flags, "02-Mar-1999 10:00:00 +0100",
                        mail)
        assert answer.startswith("A%d OK [APPENDUID " % n), (flags, answer)
    client.ask('B1 SELECT "Archive"')
    client.run("B2 FETCH 1 (INTERNALDATE RFC822.SIZE)",
               '* 1 FETCH (INTERNALDATE "02-Mar-1999 09:00:00 +0000" '
               "RFC822.SIZE %d)" % len(mail), "B2 OK ...")


def test_8_bit_header(client):
    text = b"Subject: gr\xfcn\r\n\r\n\xff\xfe\r\n"
    answer = append(client, "A1", "(\\Seen)", " 2-Mar-1999 10:00:00 +0100", text)
    assert answer.startswith("A1 OK [APPENDUID ")
    client.ask('A2 SELECT "Archive"')
    client.send("A3 FETCH 1 BODY.PEEK[]\r\n")
    assert text in client.connection.read().raw
    client.expect("A3 OK ...")


def test_other_ways_to_log_in(stranger):
    stranger.run("A1 PROXYAUTH alice", "A1 BAD ...")
    stranger.run("A2 NOOP", "A2 OK ...")
