# SPDX-License-Identifier: MIT
"""FETCH: every item and section of a message with parts, in both revisions (RFC
9051 section 6.4.5 and 7.5.2, RFC 3501 section 6.4.5, RFC 3516)."""

import pytest

from lib.shared import new_source, shared_server
from messages import INNER_HEADER, INNER_TEXT, PARTS, PLAIN, message

HEADER = PARTS[:PARTS.index(b"\r\n\r\n") + 4]
TEXT = PARTS[len(HEADER):]


@pytest.fixture(scope="module", params=["rev1", "rev2"])
def inbox(request):
    """A session with PLAIN and PARTS in its INBOX; no test changes it."""
    server = shared_server()
    connection = server.login(server.add_user(), "imap", new_source())
    if request.param == "rev2":
        connection.ok("ENABLE IMAP4rev2")
    connection.append("INBOX", PLAIN, "(\\Seen)", " 1-Jan-2026 00:00:00 +0000")
    connection.append("INBOX", PARTS, "(\\Seen $Forwarded)")
    connection.ok("SELECT INBOX")
    yield connection
    connection.close()


def fetch(connection, number, items):
    """The one FETCH response to FETCH ${number} ${items}."""
    untagged = connection.ok("FETCH %d %s" % (number, items))
    assert [(r.name, r.number) for r in untagged] == [("FETCH", number)]
    return untagged[0].data


SECTIONS = [
    ("", PARTS),
    ("HEADER", HEADER),
    ("TEXT", TEXT),
    ("1", b"Hello\r\nthere"),
    ("1.MIME", message("""
Content-Type: text/plain; charset=utf-8
Content-ID: <one@example.org>
Content-Description: the text
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
Content-Language: en
Content-Location: http://example.org/one

""")),
    ("2", INNER_HEADER + INNER_TEXT),
    ("2.MIME", b"Content-Type: message/rfc822\r\n\r\n"),
    ("2.HEADER", INNER_HEADER),
    ("2.TEXT", INNER_TEXT),
    ("2.1", b"first"),
    ("2.1.MIME", b"\r\n"),
    ("2.2", b"<p>second</p>"),
    ("2.2.MIME", b"Content-Type: text/html\r\n\r\n"),
    ("2.HEADER.FIELDS (SUBJECT)", b"Subject: inner\r\n\r\n"),
    ("2.HEADER.FIELDS.NOT (SUBJECT CONTENT-TYPE)",
     b"From: carol@example.com\r\n\r\n"),
    ("HEADER.FIELDS (SENDER MESSAGE-ID)",
     b"Sender: desk@example.org\r\nMessage-ID: <parts@example.org>\r\n\r\n"),
    ("3", b"AAECAw=="),
    ("3.MIME", message("""
Content-Type: application/octet-stream; name="x.bin"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="x.bin"

""")),
]


@pytest.mark.parametrize("section, octets", SECTIONS)
def test_section(inbox, section, octets):
    data = fetch(inbox, 2, "BODY.PEEK[%s]" % section)
    assert data == {"BODY[%s]" % section: octets}


@pytest.mark.parametrize("section, octets", SECTIONS)
def test_partial_section(inbox, section, octets):
    for first, count in ((0, 1), (0, 7), (3, 4), (0, 1000000),
                         (len(octets) - 1, 2), (len(octets), 1)):
        data = fetch(inbox, 2, "BODY.PEEK[%s]<%d.%d>" % (section, first, count))
        assert data == {"BODY[%s]<%d>" % (section, first):
                        octets[first:first + count]}


@pytest.mark.parametrize("section", [
    "4", "1.1", "2.3", "2.1.1", "3.1", "1.HEADER", "3.TEXT", "4.MIME"])
def test_no_such_section(inbox, section):
    data = fetch(inbox, 2, "BODY.PEEK[%s]" % section)
    assert data["BODY[%s]" % section] in (None, b"")


@pytest.mark.parametrize("section, octets", [
    ("1", b"Hello.\r\n"), ("TEXT", b"Hello.\r\n"),
    ("1.MIME", None), ("", PLAIN)])
def test_section_of_a_plain_message(inbox, section, octets):
    data = fetch(inbox, 1, "BODY.PEEK[%s]" % section)
    got = data["BODY[%s]" % section]
    # RFC 9051 does not say what 1.MIME of a message without MIME fields is;
    # it is a header in any case.
    assert got == octets or (octets is None and got is not None and
                             got.endswith(b"\r\n"))


@pytest.mark.parametrize("section, octets", [
    ("1", b"Hello\r\nthere"), ("3", b"\0\1\2\3"), ("2.1", b"first"),
    ("2.2", b"<p>second</p>")])
def test_binary(inbox, section, octets):
    data = fetch(inbox, 2, "(BINARY.PEEK[%s] BINARY.SIZE[%s])" %
                 (section, section))
    assert data == {"BINARY[%s]" % section: octets,
                    "BINARY.SIZE[%s]" % section: len(octets)}


@pytest.mark.parametrize("first, count", [(0, 1), (1, 2), (3, 9), (4, 1)])
def test_partial_binary(inbox, first, count):
    data = fetch(inbox, 2, "BINARY.PEEK[3]<%d.%d>" % (first, count))
    assert data == {"BINARY[3]<%d>" % first: b"\0\1\2\3"[first:first + count]}


def test_size_is_the_number_of_octets(inbox):
    assert fetch(inbox, 2, "RFC822.SIZE")["RFC822.SIZE"] == len(PARTS)
    assert fetch(inbox, 1, "RFC822.SIZE")["RFC822.SIZE"] == len(PLAIN)


def address(name, mailbox, host):
    return name, None, mailbox, host


def test_envelope(inbox):
    envelope = fetch(inbox, 2, "ENVELOPE")["ENVELOPE"]
    assert envelope == {
        "date": b"Mon, 2 Mar 2026 10:00:00 +0100",
        "subject": b'=?utf-8?q?gr=C3=BCn?= "quoted"',
        "from": [address(b"Alice Example", b"alice", b"example.org")],
        "sender": [address(None, b"desk", b"example.org")],
        "reply-to": [address(None, b"reply", b"example.org")],
        "to": [address(b"Bob", b"bob", b"example.net"),
               address(None, b"carol", b"example.com")],
        # RFC 9051 section 7.5.2: group syntax.
        "cc": [address(None, b"friends", None),
               address(None, b"dan", b"example.com"),
               address(None, b"erin", b"example.com"),
               address(None, None, None)],
        "bcc": [address(None, b"frank", b"example.com")],
        "in-reply-to": b"<before@example.org>",
        "message-id": b"<parts@example.org>",
    }


def test_envelope_defaults(inbox):
    """RFC 9051 section 7.5.2: Sender and Reply-To from From; no Cc is NIL."""
    envelope = fetch(inbox, 1, "ENVELOPE")["ENVELOPE"]
    alice = [address(b"Alice Example", b"alice", b"example.org")]
    assert envelope["sender"] == envelope["reply-to"] == alice
    assert envelope["cc"] is None and envelope["bcc"] is None
    assert envelope["in-reply-to"] is None


def lower(params):
    return {name.lower(): value for name, value in params or ()}


def test_bodystructure(inbox):
    whole = fetch(inbox, 2, "BODYSTRUCTURE")["BODYSTRUCTURE"]
    assert whole["subtype"] == "mixed"
    assert lower(whole["params"]) == {b"boundary": b"b"}
    assert whole["language"] == [b"en", b"de"]
    text, inner, binary = whole["parts"]
    assert (text["type"], text["subtype"]) == ("text", "plain")
    assert lower(text["params"]) == {b"charset": b"utf-8"}
    assert text["id"] == b"<one@example.org>"
    assert text["description"] == b"the text"
    assert text["encoding"].upper() == b"7BIT"
    assert (text["octets"], text["lines"]) == (12, 1) or \
        (text["octets"], text["lines"]) == (12, 2)
    assert text["md5"] == b"Q2hlY2sgSW50ZWdyaXR5IQ=="
    assert text["language"] in (b"en", [b"en"])
    assert text["location"] == b"http://example.org/one"
    assert (inner["type"], inner["subtype"]) == ("message", "rfc822")
    assert inner["octets"] == len(INNER_HEADER + INNER_TEXT)
    assert inner["envelope"]["subject"] == b"inner"
    assert inner["body"]["subtype"] == "alternative"
    assert [part["subtype"] for part in inner["body"]["parts"]] == \
        ["plain", "html"]
    assert binary["type"] == "application"
    assert binary["encoding"].upper() == b"BASE64"
    assert binary["octets"] == 8
    kind, params = binary["disposition"]
    assert kind.lower() == b"attachment"
    assert lower(params) == {b"filename": b"x.bin"}


def test_body_is_bodystructure_without_extension(inbox):
    data = fetch(inbox, 2, "(BODY BODYSTRUCTURE)")

    def without(part):
        keep = {name: value for name, value in part.items() if name not in
                ("md5", "disposition", "language", "location")}
        if part["type"] == "multipart":
            keep.pop("params", None)
            keep["parts"] = [without(child) for child in part["parts"]]
        if "body" in part:
            keep["body"] = without(part["body"])
        return keep
    assert data["BODY"] == without(data["BODYSTRUCTURE"])


def test_items_come_in_the_order_asked(inbox):
    items = ["RFC822.SIZE", "BODY[TEXT]<0>", "FLAGS", "ENVELOPE", "UID",
             "INTERNALDATE", "BODY", "BODY[HEADER.FIELDS (TO)]",
             "BODYSTRUCTURE"]
    asked = " ".join(items).replace("[", ".PEEK[", 1).replace("<0>", "<0.9>")
    asked = asked.replace("BODY[HEADER", "BODY.PEEK[HEADER")
    assert list(fetch(inbox, 2, "(%s)" % asked)) == items


@pytest.mark.parametrize("item", ["uid", "Flags", "body.peek[text]",
                                  "bOdY[1]", "rfc822.size", "binary.peek[1]"])
def test_items_in_any_case(inbox, item):
    assert len(fetch(inbox, 2, item)) == 1


def test_flags_and_uid(inbox):
    data = fetch(inbox, 2, "(FLAGS UID)")
    assert set(data["FLAGS"]) - {"\\Recent"} == {"\\Seen", "$Forwarded"}
    assert data["UID"] == 2


def test_internaldate(inbox):
    data = fetch(inbox, 1, "INTERNALDATE")
    assert data["INTERNALDATE"] in (" 1-Jan-2026 00:00:00 +0000",
                                    "01-Jan-2026 00:00:00 +0000")


def test_rfc822_items(inbox):
    """RFC 3501 section 6.4.5; the obsolete RFC822.PEEK as some clients send
    it."""
    if inbox.rev2:
        pytest.skip("IMAP4rev1 only")
    assert fetch(inbox, 2, "RFC822") == {"RFC822": PARTS}
    assert fetch(inbox, 2, "RFC822.TEXT") == {"RFC822.TEXT": TEXT}
    assert fetch(inbox, 2, "RFC822.HEADER") == {"RFC822.HEADER": HEADER}
    assert list(fetch(inbox, 2, "RFC822.PEEK").values()) == [PARTS]


# -- strange messages ---------------------------------------------------------

STRANGE = {
    "empty header": b"\r\nbody only\r\n",
    "no body": b"Subject: x\r\n",
    "no end": b"Subject: x",
    "one octet": b"x",
    "header only": b"Subject: x\r\n\r\n",
    "bare LF": b"Subject: x\nTo: y@z\n\nline\n",
    "mbox line": b"From a@b Mon Jan  1 00:00:00 2024\r\nSubject: x\r\n\r\nx",
    "no colon": b"Subject\r\nrubbish here\r\n\r\nx\r\n",
    "8-bit header": "Subject: gr\u00fcn\r\nFrom: \u00fc <a@b>\r\n\r\nx".encode(),
    "latin-1 header": b"Subject: gr\xfcn\r\nFrom: \xfc <a@b>\r\n\r\nx",
    "no final boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                         b"--b\r\n\r\nx\r\n--b\r\n\r\ny",
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\nx\r\n",
    "empty multipart": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                       b"--b--\r\n",
    "bad type": b"Content-Type: what is this; ;;\r\n\r\nx\r\n",
    "bad encoding": b"Content-Transfer-Encoding: \"8bit \" x\r\n\r\nx\r\n",
    "empty subject": b"Subject:\r\nFrom:\r\nTo: \r\n\r\nx\r\n",
    "unclosed address": b"From: a <b@c\r\nTo: ((((x\r\nCc: g: a@b\r\n\r\nx\r\n",
    "comment at end": b"From: a@b (comment \\\r\n\r\nx\r\n",
    "long subject": b"Subject: " + b"x" * 5000 + b"\r\n\r\nx\r\n",
    "folded subject": b"Subject: a\r\n b\r\n\tc\r\n\r\nx\r\n",
    "quotes": b'Subject: "a\\b"\r\nFrom: "q \\" r" <a@b>\r\n\r\nx\r\n',
    "control octets": b"Subject: a\x01\x02\x7f\r\n\r\nx\r\n",
    "many addresses": b"To: " + b", ".join(
        b"u%d@example.org" % n for n in range(500)) + b"\r\n\r\nx\r\n",
    "digest": b"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n"
              b"Subject: inner\r\n\r\nx\r\n--b--\r\n",
    "empty rfc822": b"Content-Type: message/rfc822\r\n\r\n",
    "rfc2231": b"Content-Type: text/plain; name*0*=utf-8''%e2%82;"
               b" name*1*=%ac\r\n\r\nx\r\n",
    "deep": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n"
                     b"--b%d\r\n" % (n, n) for n in range(300)) + b"\r\nx",
    "deep rfc822": b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"x",
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
                  b"--b\r\n\r\nx\r\n" * 2000 + b"--b--\r\n",
}


@pytest.mark.parametrize("enable", ["", "ENABLE IMAP4rev2",
                                    "ENABLE UTF8=ACCEPT"])
@pytest.mark.parametrize("name", STRANGE)
def test_strange_message(server, source, user, name, enable):
    """Whatever the message, its octets come back and all that is made from it
    is well-formed (the parser of responses looks)."""
    octets = STRANGE[name]
    connection = server.login(user, "imap", source)
    if enable:
        connection.ok(enable)
    connection.append("INBOX", octets)
    connection.ok("SELECT INBOX")
    data = fetch(connection, 1, "(BODY.PEEK[] RFC822.SIZE ENVELOPE BODY "
                 "BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[TEXT] "
                 "BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[1.1] "
                 "BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])")
    assert data["BODY[]"] == octets
    assert data["RFC822.SIZE"] == len(octets)
    assert (data["BODY[HEADER]"] or b"") + (data["BODY[TEXT]"] or b"") == octets
    connection.ok('SEARCH SUBJECT "x" FROM "y" TEXT "z" BODY "q" '
                  'SENTSINCE 1-Jan-2020')
    connection.command("FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])")
    connection.ok("NOOP")
    connection.close()


@pytest.mark.parametrize("recipients", [1, 40, 2000])
def test_fields_that_lists_show(server, source, user, recipients):
    """Fields that clients ask for to show a list, of a header that is short
    and of one that is very long; in the order and the case of the message."""
    to = b"to: " + b",\r\n ".join(b"user%d@example.org" % i
                                  for i in range(recipients)) + b"\r\n"
    subject = b"SUBJECT: fields\r\n  folded\r\n"
    text = (b"Received: by example.org\r\n" + to + b"X-Other: x\r\n"
            + subject + b"\r\ntext\r\n")
    connection = server.login(user, "imap", source)
    connection.append("INBOX", text)
    connection.ok("SELECT INBOX")
    found = fetch(connection, 1,
                  "(BODY.PEEK[HEADER.FIELDS (Subject To Cc)]"
                  " BODY.PEEK[HEADER.FIELDS (From)]"
                  " BODY.PEEK[HEADER.FIELDS (To)]<2.9>)")
    assert list(found.values()) == [to + subject + b"\r\n", b"\r\n",
                                    (to + b"\r\n")[2:11]]
    connection.close()


def test_fields_behind_a_trace(server, source, user):
    """What a delivery puts before the header is no part of what lists show,
    and asking for both gives both."""
    server.deliver(user, b"Subject: s\r\nFrom: a@example.org\r\n\r\ntext\r\n")
    connection = server.login(user, "imap", source)
    connection.ok("SELECT INBOX")
    connection.ok("COPY 1 INBOX")
    connection.ok("NOOP")
    for number in 1, 2:
        alone, both = fetch(
            connection, number,
            "(BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]"
            " BODY.PEEK[HEADER.FIELDS (SUBJECT RETURN-PATH)])").values()
        assert alone == b"Subject: s\r\nFrom: a@example.org\r\n\r\n"
        assert both == (b"Return-Path: <sender@example.net>\r\n"
                        b"Subject: s\r\n\r\n")
    connection.close()
