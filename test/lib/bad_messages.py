# SPDX-License-Identifier: MIT
"""Messages of the table of bad inputs, and what is asked of each: it is
appended or delivered, all that can be asked is asked and checked against the
grammar, and it is removed.

There is no SORT, no THREAD and no extractor of text from attachments: their
rows (13, 14, 18) are what SEARCH and FETCH see of such messages."""

import base64
import contextlib
import gzip

from lib.bad import Dialogue, DIALOGUES, dialogue, empty, session
from lib.lmtp import Lmtp, deliver

ITEMS = ("UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE "
         "PREVIEW EMAILID BODY.PEEK[HEADER] BODY.PEEK[1] BODY.PEEK[1.MIME] "
         "BODY.PEEK[1.1.1.1] BODY.PEEK[TEXT]<0.100> "
         "BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT REFERENCES)]")
SEARCHES = ["TEXT needle", "BODY needle", "SUBJECT needle", "FROM needle",
            "TO needle", "HEADER References needle", "SENTSINCE 1-Jan-2020",
            "SENTBEFORE 1-Jan-1980", "BEFORE 1-Jan-1970", "LARGER 10"]
PART = b"Content-Type: text/plain\r\n\r\nx\r\n"


def nested(depth):
    """multipart in multipart."""
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth))
    return head + PART


def rfc822(depth):
    return (b"Content-Type: message/rfc822\r\n\r\n" * depth
            + b"Subject: inner\r\n\r\nx\r\n")


def wide(count):
    return (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n")


def header(*lines, body=b"x\r\n"):
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def text(encoding, body, kind=b"text/plain; charset=utf-8"):
    return header(b"Content-Type: " + kind,
                  b"Content-Transfer-Encoding: " + encoding, body=body)


IDS = b" ".join(b"<%d@example.org>" % n for n in range(100000))

MESSAGES = {
    "F1": {"multipart": nested(10000), "same-boundary": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 10000
        + PART)},
    "F2": {"empty": wide(200000), "bare": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\n" * 1000000)},
    "F4": {"message": rfc822(1000), "mixed": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\n") * 500 + PART},
    "F5": {
        "received": b"Received: from x by y; Mon, 2 Mar 2026 10:00:00 +0000\r\n"
                    * 100000 + b"\r\nx\r\n",
        "one-header": header(b"Subject: " + b"x" * (10 << 20)),
        "folded": header(b"Subject: x" + b"\r\n x" * 1000000),
        "addresses": header(b"To: " + b"a@example.org, " * 1000000),
        "names": b"X-%d: y\r\n" % 7 * 500000 + b"\r\nx\r\n",
        "parameters": header(b"Content-Type: text/plain" + b"; a=b" * 100000),
        "colons": header(b":" * 1000000)},
    "F6": {str(number): header(b"From: " + value, b"To: " + value)
           for number, value in enumerate([
               b"friends: a@b, c@d;", b"a: b: c@d;;", b"a:", b"<a@b",
               b"(" * 10000, b"(comment\\", b"a (b (c) <d@e>", b"@a,@b:c@d",
               b"<@a,@b:c@d>", b"<>", b"gr\xfcn <a@b>", b"a\rb <c@d>",
               b'"unterminated <a@b>', b'"a\\', b"a@b@c", b"@", b"a@", b"@b",
               b",,,", b";", b":;", b"a <b@c> d <e@f>", b"=?utf-8?q?=3Ca=40b=3E?=",
               b"a@[1.2.3.4", b"." * 5000, b"<<<<<a@b>>>>>", b"\\", b"", b" "])},
    "F8": {str(number): header(b"Subject: " + value, b"From: " + value + b" <a@b>")
           for number, value in enumerate([
               b"=?x-unknown?q?abc?=", b"=?utf-8?b?4pi?=", b"=?utf-8?b?!!!?=",
               b"=?utf-8?q?=e2=98?= =?utf-8?q?=83?=", b"=?utf-8?q?=ZZ?=",
               b"=?utf-8?q?" + b"a" * (1 << 20) + b"?=", b"=?utf-7?q?+AGE-?=",
               b"=?utf-8?x?abc?=", b"=?utf-8?q?", b"=?", b"=?=?=?=?=",
               b"=??q??=", b"=?utf-8?b?AAAA?=", b"=?utf-8?q?=0D=0AX-Evil:_y?=",
               b"=?iso-2022-jp?b?GyRC?=", b"=?utf-8*en?q?a?=",
               b"=?utf-16?b?2D0=?=", b"=?utf-8?q?a?=" * 10000])},
    "F9": {
        "no-header": b"\r\nonly text\r\n", "only-header": b"Subject: x\r\n",
        "no-end": b"Subject: x", "one-line-end": b"\r\n",
        "no-colon": b"this is no header\r\nSubject: x\r\n\r\nx\r\n",
        "from-line": b"From a@b Mon Mar  2 10:00:00 2026\r\nSubject: x\r\n\r\nx\r\n",
        "space-before-colon": b"Subject : x\r\nFrom\t: a@b\r\n\r\nx\r\n",
        "tab-behind": b"Subject:\tx\r\nFrom:a@b\r\n\r\nx\r\n",
        "continuation-first": b" x\r\nSubject: y\r\n\r\nx\r\n"},
    "F10": {
        "lf": b"Subject: x\n\nline\nline\n", "cr": b"Subject: x\r\rline\r",
        "mixed": b"Subject: x\r\n\r\na\rb\nc\r\nd\n\re",
        "long-line": b"Subject: x\r\n\r\n" + b"y" * (10 << 20),
        "no-final-line-end": b"Subject: x\r\n\r\nx",
        "utf-16": header(b"Content-Type: text/plain; charset=utf-16",
                         body="\ufeffn\u00e9edle\u4e01".encode("utf-16")
                         .replace(b"\0", b"\1"))},
    "F12": {
        "unknown": text(b"x-rot13", b"arrqyr\r\n"),
        "space": text(b"8bit ", b"n\xc3\xa9edle\r\n"),
        "base64-garbage": text(b"base64", b"!!!!bm\x01VlZGxl==AA\r\n" * 100),
        "qp": text(b"quoted-printable", b"a=ZZb=\r\n=4\r\n=\r\n"),
        "qp-long": text(b"quoted-printable", b"x" * (1 << 20) + b"=\r\n" * 100),
        "twice": text(b"base64, base64", b"AAAA\r\n"),
        "empty": text(b"", b"x\r\n"),
        "on-multipart": text(b"base64", b"--b\r\n\r\nx\r\n--b--\r\n",
                             b"multipart/mixed; boundary=b"),
        "on-message": text(b"base64", b"U3ViamVjdDogeA0K\r\n",
                           b"message/rfc822")},
    "F13": {str(number): header(b"Date: " + value)
            for number, value in enumerate([
                b"", b"yesterday", b"Mon, 2 Mar 99999 10:00:00 +0000",
                b"Mon, 2 Mar 2026 10:00:00 +9999", b"2 Mar 26", b"(x" * 1000,
                b"Mon, 2 Mar 2026 10:00:00 (comment) +0000", b"0 Jan 0000",
                b"31 Feb 2026 25:61:61 -9999", b"1 Jan 1960 00:00:00 +0000",
                b"1" * 10000, b"-1 Jan -1 -1:-1:-1", b"Mon, 2 Mar 2026"])},
    "F14": {
        "megabyte": header(b"Message-ID: <" + b"x" * (1 << 20) + b"@y>"),
        "self": header(b"Message-ID: <a@b>", b"References: <a@b>",
                       b"In-Reply-To: <a@b>"),
        "cycle": header(b"Message-ID: <b@b>", b"References: <c@b> <b@b> <c@b>"),
        "many": header(b"References: " + IDS),
        "no-brackets": header(b"Message-ID: a@b", b"References: a@b c@d"),
        "open": header(b"Message-ID: <a@b", b"References: <<<<" * 10000)},
    "F16": {str(number): header(
        b"Content-Type: application/octet-stream; name=" + value,
        b"Content-Disposition: attachment; filename=" + value)
            for number, value in enumerate([
                b'"../../etc/passwd"', b'"a\\\rb"', b'"a\\\nb"',
                b'"' + b"x" * 65536 + b'"', b"/etc/passwd", b'"unterminated',
                b'"=?utf-8?q?a=0D=0Ab?="', b"\xff\xfe", b'"a\\"b"'])},
    "F17": {"forged": header(
        b"X-UID: 4294967295", b"X-IMAPbase: 1 99 needle", b"X-IMAP: 1 99",
        b"Status: RO", b"X-Status: DAF", b"X-Keywords: needle",
        b"Delivered-To: somebody", b"X-Mozilla-Status: 0009")},
    "F18": {
        "html": text(b"7bit", b"<div>" * 200000 + b"needle",
                     b"text/html; charset=utf-8"),
        "entities": text(b"7bit", b"&#x41;" * 300000 + b"&" * 300000,
                         b"text/html"),
        "gzip": text(b"base64", base64.encodebytes(gzip.compress(
            bytes(50 << 20))).replace(b"\n", b"\r\n"), b"application/gzip"),
        "open-comment": text(b"7bit", b"<!--" * 200000, b"text/html")},
}


def fetched(connection, number, item, name=None):
    response, = [r for r in connection.ok("FETCH %d %s" % (number, item))
                 if r.name == "FETCH"]
    return response.data[name or item.replace(".PEEK", "")]


def ask_everything(connection, message, number=1):
    """Whatever the message is, answers are legal (which reading them checks),
    and its octets are what came."""
    _, tagged = connection.command("FETCH %d (%s)" % (number, ITEMS))
    assert tagged.name == "OK", tagged
    octets = fetched(connection, number, "BODY.PEEK[]")
    assert octets == message
    assert fetched(connection, number, "RFC822.SIZE") == len(message)
    whole = fetched(connection, number, "BODY.PEEK[HEADER]") + \
        fetched(connection, number, "BODY.PEEK[TEXT]")
    assert whole == message or whole == message + b"\r\n"
    _, tagged = connection.command("FETCH %d BINARY.PEEK[1]" % number)
    assert tagged.name == "OK" or tagged.code_name == "UNKNOWN-CTE", tagged
    for key in SEARCHES:
        connection.ok("SEARCH " + key)


def append_and_ask(server, source, user, message):
    with session(server, source, user) as connection:
        connection.append("INBOX", message)
        connection.ok("SELECT INBOX")
        ask_everything(connection, message)
        empty(connection, "INBOX")


def deliver_and_ask(server, source, user, message):
    """Nothing in a message says what its UID, flags, keywords or mailbox
    are."""
    with session(server, source, user) as connection:
        status, = connection.ok("STATUS INBOX (UIDNEXT UIDVALIDITY)")
        with contextlib.closing(Lmtp(server)) as lmtp:
            lmtp.hello()
            assert deliver(lmtp, [user], message) == [250]
        connection.ok("SELECT INBOX")
        response, = connection.ok("FETCH 1 (UID FLAGS)")
        assert response.data["UID"] == status.data[1]["UIDNEXT"]
        assert set(response.data["FLAGS"]) <= {"\\Recent"}
        after, = connection.ok("STATUS INBOX (UIDNEXT UIDVALIDITY)")
        assert after.data[1]["UIDNEXT"] == status.data[1]["UIDNEXT"] + 1
        assert after.data[1]["UIDVALIDITY"] == status.data[1]["UIDVALIDITY"]
        octets = fetched(connection, 1, "BODY.PEEK[]")
        assert octets.endswith(message)
        ask_everything(connection, octets)
        empty(connection, "INBOX")


class Message(Dialogue):
    """That of one message."""

    def __init__(self, row, name, message):
        super().__init__(row, append_and_ask, {"message": message}, False)
        self.name = name
        if row == "F17":
            self.run = deliver_and_ask

    def __repr__(self):
        return "%s-%s" % (self.row, self.name)


DIALOGUES += [Message(row, name, message) for row, found in MESSAGES.items()
              for name, message in found.items()]


@dialogue("F9")
def no_octet_at_all(server, source, user):
    with session(server, source, user) as connection:
        tag = connection.start("APPEND INBOX {0+}\r\n")
        assert connection.read_until(tag)[1].name == "NO"


@dialogue("F12")
def unknown_encoding(server, source, user):
    """RFC 3516 section 4.3: BINARY is refused, BODY is not."""
    with session(server, source, user) as connection:
        connection.append("INBOX", MESSAGES["F12"]["unknown"])
        connection.ok("SELECT INBOX")
        _, tagged = connection.command("FETCH 1 BINARY.PEEK[1]")
        assert (tagged.name, tagged.code_name) == ("NO", "UNKNOWN-CTE")
        assert fetched(connection, 1, "BODY.PEEK[1]") == b"arrqyr\r\n"
        empty(connection, "INBOX")


@dialogue("F13", date=[
    " 1-Jan-1960 00:00:00 +0000", " 1-Jan-1900 00:00:00 +0000",
    "31-Dec-1969 23:59:59 +0000", "19-Jan-2038 03:14:08 +0000",
    "31-Dec-9999 23:59:59 +0000"])
def internal_date(server, source, user, date):
    """It is kept, or refused, but not changed."""
    with session(server, source, user) as connection:
        tag = connection.start('APPEND INBOX "%s" ' % date,
                               b"Subject: x\r\n\r\nx\r\n")
        _, tagged = connection.read_until(tag)
        assert tagged.name in ("OK", "NO", "BAD")
        connection.ok("SELECT INBOX")
        if tagged.name == "OK":
            untagged = connection.ok("FETCH 1 INTERNALDATE")
            assert date.replace(" ", "0", 1).encode() in untagged[0].raw \
                or date.encode() in untagged[0].raw
            connection.ok("SEARCH SINCE 1-Jan-1950")
            empty(connection, "INBOX")


@dialogue("F20")
def the_same_message_again(server, source, user):
    """Each has its UID; that they are the same is for the store alone."""
    message = b"Message-ID: <same@example.org>\r\nSubject: x\r\n\r\nx\r\n"
    with session(server, source, user) as connection:
        connection.ok("CREATE other")
        for mailbox in ("INBOX", "INBOX", "other"):
            connection.append(mailbox, message)
        connection.ok("SELECT INBOX")
        connection.ok("COPY 1 INBOX")
        connection.ok("COPY 1 other")
        uids = [r.data["UID"] for r in connection.ok("FETCH 1:* UID")
                if r.name == "FETCH"]
        assert len(uids) == len(set(uids)) == 3
        connection.ok("STORE 1 +FLAGS (\\Deleted)")
        connection.ok("EXPUNGE")
        for number in (1, 2):
            assert fetched(connection, number, "BODY.PEEK[]") == message
        response, = connection.ok("STATUS other (MESSAGES)")
        assert response.data[1]["MESSAGES"] == 2
