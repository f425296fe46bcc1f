# SPDX-License-Identifier: MIT
"""Python's imaplib: folders, append, flags, copy, move, search, fetch, IDLE-less
polling of a second session, expunge."""

import imaplib
import ssl

MESSAGE = (b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\n"
           b"To: you@example.org\r\nSubject: number %d\r\n"
           b"Message-ID: <%d@example.org>\r\n\r\nbody %d\r\n")


def connect(account):
    context = ssl.create_default_context(cafile=str(account.certificate))
    if account.implicit:
        client = imaplib.IMAP4_SSL(account.host, account.port,
                                   ssl_context=context)
    else:
        client = imaplib.IMAP4(account.host, account.port)
        assert client.starttls(context)[0] == "OK"
    assert client.login(account.user, account.password)[0] == "OK"
    return client


def good(result):
    assert result[0] == "OK", result
    return result[1]


def test_imaplib(account):
    client = connect(account)
    other = connect(account)
    good(client.create("Lists/dev"))
    good(client.subscribe("Lists/dev"))
    assert any(b'"Lists/dev"' in line for line in good(client.lsub()))
    for number in range(20):
        good(client.append("INBOX", r"(\Flagged $Work)",
                           imaplib.Time2Internaldate(1767225600 + number),
                           MESSAGE % (number, number, number)))
    assert good(client.select()) == [b"20"]
    assert good(other.select()) == [b"20"]
    assert good(client.search(None, "SUBJECT", '"number 1"')) \
        == [b"2 11 12 13 14 15 16 17 18 19 20"]
    assert good(client.search(None, "KEYWORD", "$Work", "UNSEEN")) \
        == [b" ".join(b"%d" % n for n in range(1, 21))]
    data = good(client.fetch("7", "(UID RFC822.SIZE BODY[])"))
    assert data[0][1] == MESSAGE % (6, 6, 6)
    good(client.store("7", "-FLAGS", r"(\Flagged)"))
    assert b"\\Seen" in good(client.fetch("7", "(FLAGS)"))[0]
    good(client.copy("1:5", "Lists/dev"))
    good(client.uid("MOVE", "6:10", "Lists/dev"))
    assert b"MESSAGES 10" in good(client.status("Lists/dev", "(MESSAGES)"))[0]
    good(client.store("1:3", "+FLAGS", r"(\Deleted)"))
    client.response("EXPUNGE")    # forget those of MOVE
    assert good(client.expunge()) == [b"1", b"1", b"1"]
    good(other.noop())
    good(other.noop())
    assert good(other.search(None, "ALL")) \
        == [b" ".join(b"%d" % n for n in range(1, 13))]
    good(client.rename("Lists/dev", "Lists/old"))
    good(client.delete("Lists/old"))
    good(client.close())
    assert client.logout()[0] == "BYE"
    other.logout()
