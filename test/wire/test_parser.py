# SPDX-License-Identifier: MIT
"""The parser of responses itself: what the formal syntax allows is read, what it
does not is refused."""

import pytest

from lib.imap import parse_response
from lib.scan import Malformed

GOOD = [
    b"+ ", b"+ go on", b"* OK [ALERT] x", b"a NO [BADCHARSET (UTF-8)] x",
    b"* 0 EXISTS", b"* 1 EXPUNGE", b"* SEARCH", b"* SEARCH 1 2", b"* ENABLED",
    b"* ESEARCH (TAG \"a\") UID COUNT 0 ALL 1:3,5", b"* ID NIL",
    b'* LIST () "/" "INBOX"', b'* LIST (\\Noselect) "/" ""',
    b'* LIST () NIL "&AOk-"', b'* NAMESPACE (("" "/")) NIL NIL',
    b'* STATUS "a" (MESSAGES 0 SIZE 4294967296)', b'* STATUS "a" ()',
    b"a OK [COPYUID 1 1:2,4 5:7] x", b"* 1 FETCH (FLAGS (\\Seen \\Recent a))",
    b'* 1 FETCH (BODY[1.2.HEADER.FIELDS (A "B")]<0> {3}\r\na\r\n UID 1)',
    b"* 1 FETCH (BINARY[1] ~{2}\r\n\0\1 BINARY.SIZE[1] 2)",
    b'* 1 FETCH (ENVELOPE (NIL "x" ((NIL NIL "a" "b")(NIL NIL "c" "d")) '
    b'((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL))',
    b'* 1 FETCH (BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1))',
]

BAD = [
    b"+", b"*", b"* ", b"a OK", b"a OK ", b"a OK  x", b"a OK x ",
    b"a OK [READ-ONLY]", b"a OK [XYZZY] x", b"a OK gr\xc3\xbcn", b"a FINE x",
    b"* XYZZY", b"* 01 EXISTS", b"* 0 EXPUNGE", b"* 0 FETCH (UID 1)",
    b"* -1 EXISTS", b"* SEARCH ", b"* SEARCH 0", b"* SEARCH 1  2",
    b"* ESEARCH (TAG a) ALL 1", b'* ESEARCH (TAG "a") ALL 1,1',
    b'* ESEARCH (TAG "a") MIN 0', b'* ESEARCH (TAG "a") ALL *',
    b"* LIST () \"/\" INBOX", b'* LIST () "/" "inbox"', b'* LIST () / "a"',
    b'* LIST (\\HasChildren \\HasNoChildren) "/" "a"',
    b'* LIST (\\Xyzzy) "/" "a"', b'* LIST () "/" "&AGE-"',
    b'* LIST () "/" "&AOk"', b'* LIST () "/" "\xc3\xa9"',
    b'* STATUS "a" (MESSAGES)', b'* STATUS "a" (UIDNEXT 0)',
    b'* STATUS "a" (MESSAGES 1 )', b"a OK [UIDVALIDITY 0] x",
    b"a OK [COPYUID 1 1:2 5] x", b"a OK [COPYUID 1  ] x",
    b"* 1 FETCH ()", b"* 1 FETCH (UID 0)", b"* 1 FETCH (UID 1 )",
    b"* 1 FETCH (FLAGS (\\Seen \\seen))", b"* 1 FETCH (FLAGS (\\*))",
    b"* 1 FETCH (FLAGS NIL)", b"* 1 FETCH (BODY[] {0}\r\n)",
    b"* 1 FETCH (BODY[] {2+}\r\nab)", b"* 1 FETCH (BODY[] {3}\r\nab)",
    b"* 1 FETCH (RFC822.HEADER {2}\r\n\0a)", b'* 1 FETCH (BODY[] "a\rb")',
    b'* 1 FETCH (BODY[MIME] "a")', b'* 1 FETCH (INTERNALDATE "1-Jan-2024")',
    b'* 1 FETCH (ENVELOPE (NIL NIL () NIL NIL NIL NIL NIL NIL NIL))',
    b'* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL "a" "b") (NIL NIL "c" "d")) '
    b'NIL NIL NIL NIL NIL NIL NIL))',
    b'* 1 FETCH (BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1))',
    b'* 1 FETCH (BODY ("TEXT" "PLAIN" NIL NIL NIL NIL 1 1))',
    b'* 1 FETCH (BODY ("TEXT" "PLAIN" () NIL NIL "7BIT" 1 1))',
]

BAD_IN_REV2 = [b"* 1 RECENT", b"* SEARCH 1", b"* 1 FETCH (FLAGS (\\Recent))"]


@pytest.mark.parametrize("response", GOOD)
def test_good(response):
    assert parse_response(response + b"\r\n").raw == response + b"\r\n"


@pytest.mark.parametrize("response", BAD)
def test_bad(response):
    with pytest.raises(Malformed):
        parse_response(response + b"\r\n")


@pytest.mark.parametrize("response", BAD_IN_REV2)
def test_bad_in_rev2(response):
    parse_response(response + b"\r\n")
    with pytest.raises(Malformed):
        parse_response(response + b"\r\n", rev2=True)


@pytest.mark.parametrize("response", GOOD)
def test_every_prefix_is_refused_or_shorter(response):
    for cut in range(len(response)):
        with pytest.raises(Malformed):
            parse_response(response[:cut])      # no CRLF
