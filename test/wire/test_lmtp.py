# SPDX-License-Identifier: MIT
"""LMTP as a mail server uses it (RFC 2033, with RFC 5321, 1870, 2920, 3030,
6531)."""

import re
import signal
import smtplib
import socket

import pytest

from lib.lmtp import MESSAGE, Lmtp, deliver, inbox
from lib.server import Server


@pytest.fixture
def lmtp(server):
    made = Lmtp(server)
    made.hello()
    yield made
    made.close()


def test_greeting_and_capabilities(server):
    made = Lmtp(server)
    words = {line.split()[0] for line in made.hello()[1:]}
    assert {"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES",
            "CHUNKING", "SIZE"} <= words
    assert made.command("QUIT")[0] == 221
    assert made.file.read() == b""
    made.close()


@pytest.mark.parametrize("word", ["HELO x", "EHLO x"])
def test_smtp_greetings_are_refused(server, word):
    """RFC 2033 section 4.1."""
    made = Lmtp(server)
    assert made.command(word)[0] >= 500
    made.hello()
    made.close()


def test_delivery(server, source, user, lmtp):
    """Two header lines come before the message; the rest is as it came."""
    assert deliver(lmtp, [user]) == [250]
    octets = inbox(server, user, source)[0]
    assert octets.endswith(MESSAGE)
    prefix = octets[:-len(MESSAGE)]
    assert prefix.startswith(b"Return-Path: <a@example.net>\r\n")
    assert b"Delivered-To: " in prefix


def test_delivery_to_an_address_with_domain(server, source, user, lmtp):
    assert deliver(lmtp, [user + "@example.org"]) == [250]
    assert len(inbox(server, user, source)) == 1


def test_one_reply_for_each_recipient(server, source, lmtp):
    """RFC 2033 section 4.2, in the order of RCPT."""
    users = [server.add_user() for _ in range(3)]
    assert deliver(lmtp, users) == [250, 250, 250]
    for name in users:
        assert len(inbox(server, name, source)) == 1


def test_unknown_recipient(server, source, user, lmtp):
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(550, "RCPT TO:<nobody-here>")
    lmtp.want(250, "RCPT TO:<%s>" % user)
    lmtp.want(354, "DATA")
    lmtp.socket.sendall(MESSAGE + b".\r\n")
    assert lmtp.reply()[0] == 250       # one only: for the accepted one
    lmtp.want(250, "NOOP")
    assert inbox(server, user, source)[0].startswith(b"Return-Path: <>\r\n")


def test_data_without_recipients(lmtp):
    lmtp.want(503, "DATA")
    lmtp.want(250, "MAIL FROM:<>")
    assert lmtp.command("DATA")[0] in (503, 554)
    lmtp.want(250, "NOOP")


def test_dot_stuffing(server, source, user, lmtp):
    """RFC 5321 section 4.5.2."""
    octets = b"Subject: x\r\n\r\n..one\r\n...\r\nend.\r\n"
    assert deliver(lmtp, [user], octets) == [250]
    assert inbox(server, user, source)[0].endswith(
        b"Subject: x\r\n\r\n.one\r\n..\r\nend.\r\n")


def test_chunks(server, source, user, lmtp):
    """RFC 3030 section 2: BDAT, every octet counts, dots are dots."""
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(250, "RCPT TO:<%s>" % user)
    lmtp.socket.sendall(b"BDAT 14\r\nSubject: x\r\n\r\n")
    assert lmtp.reply()[0] == 250
    lmtp.socket.sendall(b"BDAT 3\r\n.\r\n")
    assert lmtp.reply()[0] == 250
    lmtp.socket.sendall(b"BDAT 3 LAST\r\nx\r\n")
    assert lmtp.reply()[0] == 250
    assert inbox(server, user, source)[0].endswith(
        b"Subject: x\r\n\r\n.\r\nx\r\n")


def test_size_is_checked_at_once(lmtp):
    """RFC 1870 section 6.1."""
    code, _ = lmtp.command("MAIL FROM:<> SIZE=99999999999")
    assert code == 552
    lmtp.want(250, "MAIL FROM:<> SIZE=100")


def test_pipelining(server, source, user, lmtp):
    """RFC 2920: a whole transaction at once."""
    lmtp.send("MAIL FROM:<a@example.net>", "RCPT TO:<nobody-here>",
              "RCPT TO:<%s>" % user, "DATA")
    assert [lmtp.reply()[0] for _ in range(4)] == [250, 550, 250, 354]
    lmtp.socket.sendall(MESSAGE + b".\r\nNOOP\r\n")
    assert [lmtp.reply()[0] for _ in range(2)] == [250, 250]
    assert len(inbox(server, user, source)) == 1


def test_byte_by_byte(server, source, user):
    lmtp = Lmtp(server)
    lmtp.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    text = b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n" % user.encode()
    for byte in text + MESSAGE + b".\r\n":
        lmtp.socket.sendall(bytes([byte]))
    assert [lmtp.reply()[0] for _ in range(5)] == [250, 250, 250, 354, 250]
    assert len(inbox(server, user, source)) == 1
    lmtp.close()


def test_rset_forgets(lmtp, user):
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(250, "RCPT TO:<%s>" % user)
    lmtp.want(250, "RSET")
    lmtp.want(503, "DATA")


def test_lhlo_forgets(lmtp, user):
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.hello()
    lmtp.want(503, "RCPT TO:<%s>" % user)


def test_mail_twice(lmtp):
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(503, "MAIL FROM:<>")


@pytest.mark.parametrize("line", [
    "XYZZY", "MAIL", "MAIL FROM", "MAIL FROM:x@y", "MAIL FROM:<x@y",
    "MAIL FROM:<x y>", "MAIL FROM:<> XYZZY=1", "MAIL FROM:<> SIZE=x",
    "MAIL TO:<x>", "RCPT TO:<x>", "DATA", "DATA now", "", "LHLO", "RSET x",
    "x" * 5000])
def test_malformed_command(lmtp, line):
    code, lines = lmtp.command(line)
    assert 500 <= code < 600
    assert re.match(r"5\.\d+\.\d+ ", lines[0])
    lmtp.want(250, "NOOP")


def test_address_detail_names_a_mailbox(server, source, user, lmtp):
    """What follows "+" is the mailbox, when it is there."""
    connection = server.login(user, "imap", source)
    connection.ok("CREATE lists")
    assert deliver(lmtp, [user + "+lists"]) == [250]
    assert deliver(lmtp, [user + "+missing"]) == [250]
    untagged = connection.ok("STATUS lists (MESSAGES)")
    assert untagged[0].data[1]["MESSAGES"] == 1
    untagged = connection.ok("STATUS INBOX (MESSAGES)")
    assert untagged[0].data[1]["MESSAGES"] == 1
    connection.close()


def test_utf8_addresses(lmtp):
    """RFC 6531 section 3.4: only when SMTPUTF8 was said."""
    lmtp.want(250, "MAIL FROM:<gr\u00fcn@example.org> SMTPUTF8 BODY=8BITMIME")
    lmtp.want(250, "RSET")
    assert lmtp.command("MAIL FROM:<gr\u00fcn@example.org>")[0] >= 500


def test_smtplib(server, source, user):
    """The client of Python's library."""
    server.deliver(user, MESSAGE)
    client = server.lmtp()
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@example.net", ["nobody-here"], MESSAGE)
    client.quit()
    assert len(inbox(server, user, source)) == 1


def test_reply_for_a_long_recipient(server, source, user, lmtp):
    """RFC 5321 section 4.5.3.1.5: a reply line has 512 octets at most."""
    for size in (400, 600, 880):
        assert deliver(lmtp, [user + "+" + "x" * size, user]) == [250, 250]
    assert len(inbox(server, user, source)) == 6


def test_mail_after_the_message_of_a_server_that_ends():
    """RFC 5321 section 3.8: 421, and nothing more."""
    server = Server().start()
    try:
        between, lmtp = Lmtp(server), Lmtp(server)
        lmtp.hello()
        lmtp.want(250, "MAIL FROM:<>")
        lmtp.want(250, "RCPT TO:<%s>" % server.add_user())
        lmtp.want(354, "DATA")
        server.process.send_signal(signal.SIGTERM)
        assert between.reply()[0] == 421
        lmtp.socket.sendall(
            MESSAGE + b".\r\nMAIL FROM:<>\r\nRCPT TO:<x>\r\nDATA\r\n")
        assert [lmtp.reply()[0] for _ in range(2)] == [250, 421]
        assert lmtp.file.read() == b""
        lmtp.close()
        between.close()
    finally:
        server.stop()
        server.remove()


def test_last_chunk_without_recipients(lmtp, user):
    """RFC 2033 section 4.3: as many replies as recipients, and it is over."""
    lmtp.send("MAIL FROM:<>", "RCPT TO:<nobody-here>")
    lmtp.send("BDAT 6 LAST", "NOOP", "VRFY x", "RCPT TO:<%s>" % user)
    assert [lmtp.reply()[0] for _ in range(4)] == [250, 550, 252, 503]
    lmtp.want(250, "MAIL FROM:<>")


def test_refused_recipients_are_no_fault(server, source, user, lmtp):
    """A mail server that pipelines sends DATA before it knows that nobody is
    left, and keeps its connection for long."""
    for _ in range(50):
        lmtp.send("MAIL FROM:<>", "RCPT TO:<nobody-here>", "DATA", "RSET")
        assert [lmtp.reply()[0] for _ in range(4)] == [250, 550, 503, 250]
    assert deliver(lmtp, [user]) == [250]
    assert len(inbox(server, user, source)) == 1
