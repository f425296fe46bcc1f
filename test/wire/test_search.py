# SPDX-License-Identifier: MIT
"""SEARCH: every key of RFC 9051 section 6.4.4, RFC 3501 section 6.4.4 and RFC
5032, and how they combine, in both revisions."""

import time

import pytest

from lib.shared import new_source, shared_server
from messages import message

NOW = time.gmtime()
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date(seconds):
    t = time.gmtime(seconds)
    return "%2d-%s-%04d %02d:%02d:%02d +0000" % (
        t.tm_mday, MONTHS[t.tm_mon - 1], t.tm_year, t.tm_hour, t.tm_min,
        t.tm_sec)


def mail(subject, sender, body, day="Mon, 2 Mar 2026 10:00:00 +0000",
         more=""):
    return message("From: %s\nTo: bob@example.net\n%sSubject: %s\nDate: %s\n\n"
                   "%s\n" % (sender, more, subject, day, body))


# Message n of MAILS is message number n + 1, with UID n + 2: one with UID 1 was
# expunged before.
MAILS = [
    (mail("apple", "alice@example.org", "red fruit"),
     "(\\Seen)", "10-Jan-2024 12:00:00 +0000"),
    (mail("banana", "Bob <bob@example.com>", "yellow fruit"),
     "(\\Answered \\Flagged)", "11-Jan-2024 23:59:59 +0000"),
    (mail("=?utf-8?q?gr=C3=BCne?= Kirsche", "=?utf-8?q?J=C3=BCrgen?= <j@x.org>",
          "cherry", "Thu, 11 Jan 2024 23:30:00 -0800"),
     "(\\Deleted $Forwarded)", "12-Jan-2024 00:00:00 +0000"),
    (mail("Re: apple", "carol@example.com", "x" * 5000,
          more="Cc: alice@example.org\nX-Empty:\nX-List: one two\n"),
     "(\\Draft \\Seen Later)", "13-Jan-2024 12:00:00 +0000"),
    (mail("base", "dan@example.com", "aGlkZGVuIG5lZWRsZQ==",
          more="Bcc: secret@example.org\nContent-Transfer-Encoding: base64\n"),
     "", date(time.time() - 3600)),
    (message("""
From: erin@example.com
Subject: split fo
 lded
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

caf=E9 au la=
it
--b
Content-Type: message/rfc822

Subject: enclosed

deep inside
--b--
"""), "", ""),
]

# Keys, and the numbers of the messages found.
KEYS = [
    ("ALL", "123456"), ("1", "1"), ("2:4", "234"), ("*", "6"), ("5:*", "56"),
    ("4:2,6", "2346"), ("1,1", "1"),
    ("ANSWERED", "2"), ("UNANSWERED", "13456"),
    ("DELETED", "3"), ("UNDELETED", "12456"),
    ("DRAFT", "4"), ("UNDRAFT", "12356"),
    ("FLAGGED", "2"), ("UNFLAGGED", "13456"),
    ("SEEN", "14"), ("UNSEEN", "2356"),
    ("KEYWORD $Forwarded", "3"), ("KEYWORD $forwarded", "3"),
    ("KEYWORD nothing", ""), ("UNKEYWORD Later", "12356"),
    ("UNKEYWORD nothing", "123456"),
    ("UID 2", "1"), ("UID 1", ""), ("UID 3:5", "234"), ("UID *", "6"),
    ("UID 100:*", "6"), ("UID 2,7", "16"),
    ("BEFORE 12-Jan-2024", "12"), ("ON 12-Jan-2024", "3"),
    ("SINCE 12-Jan-2024", "3456"), ("BEFORE 10-Jan-2024", ""),
    ('ON "11-Jan-2024"', "2"), ("ON 11-JAN-2024", "2"),
    ("SINCE 1-Jan-2024 BEFORE 1-Feb-2024", "1234"),
    ("SENTON 11-Jan-2024", "3"), ("SENTBEFORE 12-Jan-2024", "3"),
    ("SENTSINCE 2-Mar-2026", "1245"), ("SENTON 2-Mar-2026", "1245"),
    ("LARGER 1000", "4"), ("SMALLER 1000", "12356"), ("LARGER 0", "123456"),
    ("SMALLER 0", ""), ("LARGER 4294967295", ""),
    ("OLDER 86400", "1234"), ("YOUNGER 86400", "56"), ("YOUNGER 60", "6"),
    ("OLDER 60", "12345"),
    ("SUBJECT apple", "14"), ("SUBJECT APPLE", "14"), ('SUBJECT ""', "123456"),
    ('SUBJECT "fo lded"', "6"),
    ("FROM alice", "1"), ("FROM example.com", "2456"), ("FROM bob", "2"),
    ('FROM "Bob <bob"', "2"), ("TO bob@example.net", "12345"), ("CC alice", "4"),
    ("BCC secret", "5"), ("CC nobody", ""),
    ("BODY fruit", "12"), ("BODY FRUIT", "12"), ("BODY apple", ""),
    ("TEXT apple", "14"), ("TEXT fruit", "12"), ('BODY "hidden needle"', "5"),
    ("BODY aGlkZGVu", ""), ('BODY "au lait"', "6"), ('BODY "deep inside"', "6"),
    ("TEXT enclosed", "6"), ('TEXT "red fruit"', "1"),
    ('HEADER Subject "banana"', "2"), ('HEADER X-Empty ""', "4"),
    ('HEADER X-List "two"', "4"), ('HEADER X-Nothing ""', ""),
    ('HEADER x-list ""', "4"), ('HEADER Content-Type ""', "6"),
    ("NOT SEEN", "2356"), ("NOT NOT SEEN", "14"),
    ("OR SEEN FLAGGED", "124"), ("OR (SEEN DRAFT) DELETED", "34"),
    ("OR OR SEEN FLAGGED DELETED", "1234"), ("NOT (SEEN DRAFT)", "12356"),
    ("(SEEN)", "14"), ("((SEEN) (DRAFT))", "4"), ("SEEN SUBJECT apple", "14"),
    ("SEEN NOT DRAFT", "1"), ("2:6 UNSEEN UNDELETED", "256"),
    ("NOT 1:3", "456"), ("NOT UID 2", "23456"),
    ("SEEN FLAGGED", ""), ("NOT ALL", ""),
]


@pytest.fixture(scope="module", params=["rev1", "rev2"])
def inbox(request):
    server = shared_server()
    connection = server.login(server.add_user(), "imap", new_source())
    if request.param == "rev2":
        connection.ok("ENABLE IMAP4rev2")
    connection.append("INBOX", MAILS[0][0], "(\\Deleted)")
    connection.ok("SELECT INBOX")
    connection.ok("EXPUNGE")
    for octets, flags, when in MAILS:
        connection.append("INBOX", octets, flags, when)
    connection.ok("NOOP")
    yield connection
    connection.close()


def numbers(connection, pieces):
    """What a SEARCH without RETURN finds; the answer fits the revision."""
    untagged = connection.ok(*pieces)
    assert len(untagged) == 1
    if not connection.rev2:
        assert untagged[0].name == "SEARCH"
        return untagged[0].data
    assert untagged[0].name == "ESEARCH"
    assert untagged[0].data["UID"] == pieces[0].startswith("UID")
    return untagged[0].data.get("ALL", [])


@pytest.mark.parametrize("key, found", KEYS)
def test_key(inbox, key, found):
    expected = [int(digit) for digit in found]
    assert numbers(inbox, ["SEARCH " + key]) == expected
    uids = [number + 1 for number in expected]
    assert numbers(inbox, ["UID SEARCH " + key]) == uids
    untagged = inbox.ok("SEARCH RETURN (MIN MAX COUNT ALL) " + key)
    assert len(untagged) == 1
    data = untagged[0].data
    assert data.pop("COUNT") == len(expected)
    assert data.pop("TAG") and not data.pop("UID")
    assert data == ({"MIN": expected[0], "MAX": expected[-1], "ALL": expected}
                    if expected else {})


@pytest.mark.parametrize("key, text, found", [
    ("SUBJECT", "gr\u00fcne", "3"), ("SUBJECT", "GR\u00dcNE KIRSCHE", "3"),
    ("FROM", "j\u00fcrgen", "3"), ("BODY", "caf\u00e9", "6"),
    ("TEXT", "CAF\u00c9 AU LAIT", "6"), ("SUBJECT", "\u20ac", ""),
    ("TEXT", "gr\u00fcn", "3")])
@pytest.mark.parametrize("charset", ["CHARSET UTF-8 ", ""])
def test_text_that_is_not_ascii(inbox, charset, key, text, found):
    """Decoded on both sides, compared without case; RFC 9051: UTF-8 is what is
    meant when no charset is named."""
    if not charset and not inbox.rev2:
        pytest.skip("IMAP4rev1 means US-ASCII then")
    got = numbers(inbox, ["SEARCH %s%s " % (charset, key), text.encode()])
    assert got == [int(digit) for digit in found]


def test_numbers_beyond_the_mailbox(inbox):
    """RFC 9051 section 9, seq-number: BAD for a number greater than EXISTS, or
    nothing found; never an answer with it."""
    untagged, tagged = inbox.command("SEARCH 7")
    assert tagged.name == "BAD" or not numbers(inbox, ["SEARCH 7"])
    assert inbox.command("SEARCH 0")[1].name == "BAD"


@pytest.mark.parametrize("key", ["NEW", "OLD", "RECENT"])
def test_recent_keys(inbox, key):
    """RFC 3501 section 6.4.4."""
    if inbox.rev2:
        pytest.skip("IMAP4rev1 only")
    untagged = inbox.ok("FETCH 1:* FLAGS")
    recent = {r.number for r in untagged if "\\Recent" in r.data["FLAGS"]}
    seen = {1, 4}
    expected = {"RECENT": recent, "NEW": recent - seen,
                "OLD": {1, 2, 3, 4, 5, 6} - recent}[key]
    assert set(numbers(inbox, ["SEARCH " + key])) == expected


def test_literal_in_every_text_key(inbox):
    pieces = ["SEARCH SUBJECT ", b"apple", " FROM ", b"alice", " NOT BODY ",
              b"nothing"]
    assert numbers(inbox, pieces) == [1]


def test_many_keys(inbox):
    """Linear cost, or a clear refusal."""
    for key in ("TEXT fruit ", "NOT BODY nothing ", "UNDELETED "):
        _, tagged = inbox.command("SEARCH " + key * 300 + "ALL")
        assert tagged.name in ("OK", "NO", "BAD")
    inbox.ok("NOOP")
