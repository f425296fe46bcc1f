# SPDX-License-Identifier: MIT
"""The table of bad inputs, as far as they can be told as octets to send.  A
row is named by its letter and number: A framing, B TLS, C logging in, D names
of mailboxes, G POP3, H LMTP.  What a row is about is said at its test."""

import base64

from lib.bad import ANSWER, ENDS, GOES_ON, TLS, WAITS, Input, Many

INPUTS = []
BYE = rb"\* BYE .+"
TOO_BIG = rb"a BAD \[TOOBIG\] .+"
DENIED = rb"a NO \[AUTHENTICATIONFAILED\] .+"
BAD = rb"a BAD .+"
UNTAGGED = rb"\* BAD .+"


def inputs(row):
    return [item for item in INPUTS if item.row == row]


def add(row, cases, end=GOES_ON, where="imap", inside=False, torn=False):
    """cases: (name, pieces, *want)"""
    for name, pieces, *want in cases:
        INPUTS.append(Input(row, name + ("-inside" if inside else ""), pieces,
                            want, end, where, inside, torn))


# -- A: framing ---------------------------------------------------------------

MEGABYTE = b"x" * (1 << 20)

for _inside in (False, True):
    add("A1", [
        ("endless-word", Many(MEGABYTE, 10), BYE),
        ("endless-argument", [b"a NOOP ", Many(MEGABYTE, 10)], BYE),
        ("endless-nul", Many(bytes(1 << 20), 10), BYE),
        ("endless-quoted", [b'a ID ("', Many(MEGABYTE, 10)], BYE),
        ("endless-braces", Many(b"{1}" * 300000, 10), BYE),
    ], ENDS, inside=_inside, torn=True)
add("A1", [("one-octet-too-many", b"a NOOP " + b"x" * 8186, BYE)], ENDS,
    torn=True)
add("A1", [("long-line-inside", b"a NOOP " + b"x" * 300000 + b"\r\n",
            TOO_BIG)], inside=True)

SIZES = [b"4294967296", b"4294967295", b"2147483647", b"2147483648",
         b"18446744073709551615", b"18446744073709551616", b"9" * 40]
for _size in SIZES:
    add("A2", [(_size.decode(), b"a LOGIN {%s}\r\n" % _size, TOO_BIG)])
    add("A2", [(_size.decode(), b"a CREATE {%s}\r\n" % _size, TOO_BIG)],
        inside=True)
    add("A5", [(_size.decode(), b"a LOGIN {%s+}\r\nb NOOP\r\n" % _size, BYE)],
        ENDS, torn=True)
    add("A5", [(_size.decode(), b"a CREATE {%s+}\r\nb NOOP\r\n" % _size, BYE)],
        ENDS, inside=True, torn=True)
add("A2", [("one-too-many", b"a LOGIN {4097}\r\n", TOO_BIG)])
add("A5", [("one-too-many", b"a LOGIN {4097+}\r\nb NOOP\r\n", BYE)], ENDS,
    torn=True)

for _text in [b"{-1}", b"{+}", b"{}", b"{1x}", b"{ 1}", b"{1 }", b"{1-}",
              b"{1++}", b"{+1}", b"{0x1}", b"{1.0}", b"{1}x", b"{{1}x}",
              b"{1e1}"]:
    add("A4", [(_text.decode(), b"a LOGIN %s\r\n" % _text, BAD)])
    add("A4", [(_text.decode(), b"a CREATE %s\r\n" % _text, BAD)],
        inside=True)

add("A6", [
    ("octets-missing", b"a LOGIN {5+}\r\nab"),
    ("none", b"a LOGIN {5+}\r\n"), ("half-announced", b"a LOGIN {5+"),
    ("half-a-line", b"a NOO"), ("cr", b"a NOOP\r"),
    ("second-missing", b"a LOGIN {1+}\r\nu {5+}\r\n")], WAITS)
add("A6", [("waited-for", b"a LOGIN {5}\r\nab", rb"\+ .+")], WAITS)
add("A6", [
    ("append", b"a APPEND INBOX {500+}\r\nab"),
    ("create", b"a CREATE {5+}\r\nab")], WAITS, inside=True)

add("A8", [
    ("one-command", [b"a SEARCH", Many(b" TEXT {1000000+}\r\n" + b"x" * 1000000,
                                       50), b"\r\n"], TOO_BIG)], inside=True)
add("A8", [
    ("one-command-short", b"a CREATE " + b"{10+}\r\n0123456789 " * 200000
     + b"\r\n", BYE),
    ("many-commands", Many(b"a SEARCH TEXT {1000000+}\r\n" + b"x" * 1000000
                           + b"\r\n", 50), *[BAD] * 20, BYE)],
    ENDS, inside=True, torn=True)

add("A10", [
    ("user", b"a LOGIN {14+}\r\nx\r\nb LOGOUT\r\ny y\r\n", DENIED),
    ("password", b"a LOGIN u {12+}\r\n\r\nb LOGOUT\r\n\r\n", DENIED)])
add("A10", [
    ("name", b"a CREATE {14+}\r\nx\r\nb LOGOUT\r\ny\r\n", rb"a NO .+"),
    ("refused", b"a CREATE x y {14+}\r\nx\r\nb LOGOUT\r\ny\r\n", BAD),
    ("unknown", b"a XYZZY {14+}\r\nx\r\nb LOGOUT\r\ny\r\n", BAD),
    ("too-big", b"a CREATE {1200000+}\r\n" + b"\r\nb LOGOUT\r\n" * 100000
     + b"\r\n", TOO_BIG),
    ("message", b"a APPEND none {14+}\r\nx\r\nb LOGOUT\r\ny\r\n",
     rb"a NO \[TRYCREATE\] .+")], inside=True)

add("A12", [
    ("both", b"a LOGIN {0+}\r\n {0+}\r\n\r\n", DENIED),
    ("user", b"a LOGIN {0+}\r\n p\r\n", DENIED),
    ("password", b"a LOGIN u {0+}\r\n\r\n", DENIED),
    ("quoted", b'a LOGIN "" ""\r\n', DENIED),
    ("waited-for", [b"a LOGIN {0}\r\n", ANSWER, b" {0}\r\n", ANSWER, b"\r\n"],
     rb"\+ .+", rb"\+ .+", DENIED)])
add("A12", [
    ("name", b"a CREATE {0+}\r\n\r\n", rb"a NO \[CANNOT\] .+"),
    ("waited-for", [b"a SELECT {0}\r\n", ANSWER, b"\r\n"], rb"\+ .+",
     rb"a NO .+")], inside=True)

# Before login a line ends with CR LF and nothing else; a line with anything
# else that ends lines is refused as a whole.
for _name, _end in [("cr", b"\r"), ("lf", b"\n"), ("lfcr", b"\n\r")]:
    add("A13", [(_name, b"a NOOP%sb NOOP%sc NOOP\r\n" % (_end, _end), BAD),
                (_name + "-starttls", b"a STARTTLS%sb NOOP\r\n" % _end, BAD)])
add("A13", [("crcrlf", b"a NOOP\r\r\nb NOOP\r\n", BAD, rb"b OK .+"),
            ("crcrlf-starttls", b"a STARTTLS\r\r\nb NOOP\r\n", BAD,
             rb"b OK .+")])
add("A13", [
    ("cr", b"a NOOP\rb NOOP\r\n", BAD),
    ("lf", b"a NOOP\nb NOOP\n", rb"a OK .+", rb"b OK .+"),
    ("crcrlf", b"a NOOP\r\r\nb NOOP\r\n", BAD, rb"b OK .+"),
    ("lfcr", b"a NOOP\n\rb NOOP\r\n", rb"a OK .+", UNTAGGED),
    ("lf-behind-a-literal", b"a CREATE {4+}\nlong\r\nb NOOP\r\n", rb"a .+",
     rb"b .+|\* BAD .+")], inside=True)

for _name, _data, _inside, _want in [
        ("tag", b"a\0b NOOP", False, UNTAGGED),
        ("alone", b"\0", False, UNTAGGED), ("verb", b"a NO\0OP", False, BAD),
        ("quoted", b'a LOGIN "$USER\0x" p', False, BAD),
        ("literal", b"a LOGIN {3+}\r\nu\0x p", False, BAD),
        ("atom", b"a LOGIN $USER\0x p", False, BAD),
        ("password", b'a LOGIN $USER "correct horse\0"', False, BAD),
        ("mechanism", b"a AUTHENTICATE PLAIN\0X", False, BAD),
        ("end", b"a NOOP\0", False, BAD),
        ("tag", b"a\0b NOOP", True, UNTAGGED),
        ("verb", b"a NO\0OP", True, BAD),
        ("quoted", b'a CREATE "u\0x"', True, BAD),
        ("literal", b"a CREATE {3+}\r\nu\0x", True, BAD),
        ("atom", b"a CREATE u\0x", True, BAD)]:
    add("A14", [(_name, _data + b"\r\n", _want)], inside=_inside)

for _inside in (False, True):
    add("A16", [(repr(_tag[:4]), _tag + b" NOOP\r\n", UNTAGGED) for _tag in [
        b"+", b"*", b"", b"x" * 5000, b"x" * 129, b'a"b', b"a(b", b"a)b",
        b"a{b", b"a%b", b"a*b", b"a\\b", b"\xff\xfe", b"a\x7f", b"\x1b[2J",
        b"a+b", b"+a"]], inside=_inside)

for _name, _text in [
        ("unterminated", b'"u p'), ("wrong-escape", b'"\\x" p'),
        ("escape-at-the-end", b'"a\\'), ("something-behind", b'"a"b p'),
        ("in-an-atom", b'a"b p'), ("cr", b'"a\rb" p'), ("alone", b'"'),
        ("escaped-end", b'"a\\"')]:
    add("A17", [(_name, b"a LOGIN %s\r\n" % _text, BAD)])
    add("A17", [(_name, b"a RENAME %s\r\n" % _text, BAD)], inside=True)
add("A17", [("over-two-lines", b'a LOGIN "a\r\nb" p\r\n', BAD, UNTAGGED)])
add("A17", [("over-two-lines", b'a RENAME "a\r\nb" p\r\n', BAD, UNTAGGED)],
    inside=True)

add("A18", [("no-command", b"(" * 60000 + b"\n", BYE),
            ("command", b"a ID " + b"(" * 60000 + b"\r\n", BYE)], ENDS,
    torn=True)
add("A18", [("one-line", b"a ID " + b"(" * 8000 + b"\r\n", BAD),
            ("with-strings", b"a ID " + b'("a" ' * 1600 + b"\r\n", BAD)])
add("A18", [
    ("search", b"a EXAMINE INBOX\r\nb SEARCH " + b"(" * 60000 + b"\r\n",
     *[rb"\* .+"] * 8, rb"a OK .+", rb"b NO \[LIMIT\] .+"),
    ("fetch", b"a FETCH 1 " + b"(" * 60000 + b"\r\n", BAD),
    ("id", b"a ID " + b"(" * 60000 + b"\r\n", BAD),
    ("unknown", b"a XYZZY " + b"(" * 60000 + b"\r\n", BAD)], inside=True)

add("A21", [
    ("quoted", b'a LOGIN "\xe2\x82'), ("literal", b"a LOGIN {3+}\r\n\xe2\x82"),
    ("tag", b"\xf0\x9f")], WAITS)
add("A21", [("whole", b'a LOGIN "\xe2\x82" "\xf0\x9f\x98"\r\n', DENIED)])
add("A21", [("mailbox", b'a CREATE "\xe2\x82"\r\n', rb"a (NO|BAD) .+"),
            ("search", b'a SEARCH SUBJECT "\xe2\x82"\r\n', BAD)], inside=True)

add("A22", [("unknown", b"a XYZZY\r\n" * 30, *[BAD] * 3, BYE),
            ("malformed", b"\x16\x03\x01\r\n" * 30, *[UNTAGGED] * 3, BYE),
            ("http", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nC: d\r\n\r\n",
             rb"GET BAD .+", rb"Host: BAD .+", rb"A: BAD .+", BYE)],
    ENDS, torn=True)
add("A22", [("unknown", b"a XYZZY\r\n" * 60, *[BAD] * 20, BYE)], ENDS,
    inside=True, torn=True)

add("A24", [("done", b"DONE\r\n", rb"DONE BAD .+"),
            ("done-with-tag", b"a DONE\r\n", BAD)])
add("A24", [("done", b"DONE\r\n", rb"DONE BAD .+"),
            ("done-with-tag", b"a DONE\r\n", BAD),
            ("twice", b"a IDLE\r\nDONE\r\nDONE\r\n", rb"\+ .+", rb"a OK .+",
             rb"DONE BAD .+")], inside=True)

add("A25", [
    ("command", b"a IDLE\r\nA NOOP\r\n", rb"\+ .+", BAD),
    ("idle", b"a IDLE\r\nA IDLE\r\n", rb"\+ .+", BAD),
    ("done-and-more", b"a IDLE\r\nDONE now\r\n", rb"\+ .+", BAD),
    ("empty", b"a IDLE\r\n\r\n", rb"\+ .+", BAD),
    ("literal", b"a IDLE\r\nA CREATE {14+}\r\nx\r\nb LOGOUT\r\ny\r\n",
     rb"\+ .+", BAD),
    ("literal-that-waits", b"a IDLE\r\nA CREATE {3}\r\n", rb"\+ .+", BAD),
    ("message", b"a IDLE\r\nA APPEND INBOX {14+}\r\nx\r\nb LOGOUT\r\ny\r\n",
     rb"\+ .+", BAD)],
    inside=True)
add("A25", [("nothing", b"a IDLE\r\n", rb"\+ .+"),
            ("half", b"a IDLE\r\nDON", rb"\+ .+")], WAITS, inside=True)

add("A26", [
    ("one-segment", b"a IDLE\r\nDONE\r\nb SELECT INBOX\r\n"
     b"c UID FETCH 1:* FLAGS\r\n", rb"\+ .+", rb"a OK .+",
     *[rb"\* .+"] * 8, rb"b OK .+", rb"c OK .+"),
    ("many", b"a IDLE\r\nDONE\r\n" * 50, *[rb"\+ .+", rb"a OK .+"] * 50)],
    inside=True)

# -- B: TLS -------------------------------------------------------------------

# What comes inside TLS shows that nothing of before is left; a handshake that
# fails is as good.
add("B1", [
    ("login", [b"a STARTTLS\r\nb LOGIN u p\r\n", ANSWER, TLS],
     rb"a OK .+"),
    ("noop", [b"a STARTTLS\r\nb NOOP\r\n", ANSWER, TLS], rb"a OK .+"),
    ("half", [b"a STARTTLS\r\nb LOG", ANSWER, TLS], rb"a OK .+"),
    ("literal", [b"a STARTTLS\r\nb LOGIN {5+}\r\n", ANSWER, TLS],
     rb"a OK .+"),
    ("empty", [b"a STARTTLS\r\n\r\n", ANSWER, TLS], rb"a OK .+"),
    ("much", [b"a STARTTLS\r\n" + b"b NOOP\r\n" * 1000, ANSWER, TLS],
     rb"a OK .+")])
add("B2", [
    ("command", [b"a STARTTLS\r\n", ANSWER, b"b LOGIN u p\r\n"], rb"a OK .+"),
    ("garbage", [b"a STARTTLS\r\n", ANSWER, b"\xff" * 1000], rb"a OK .+"),
    ("half-a-hello", [b"a STARTTLS\r\n", ANSWER, b"\x16\x03\x01\xff\xff\x01"],
     rb"a OK .+")], WAITS)
add("B4", [
    ("literal-that-waits", [b"x LOGIN {5}\r\n", ANSWER,
                            b"a STARTTLS\r\nb NOOP\r\n"],
     rb"\+ .+", rb"x BAD .+", rb"b OK .+"),
    ("literal", [b"x LOGIN {12+}\r\na STARTTLS\r\n b\r\n"],
     rb"x NO .+"),
    ("exchange", [b"x AUTHENTICATE PLAIN\r\n", ANSWER, b"a STARTTLS\r\n"],
     rb"\+ ?", rb"x BAD .+")])
add("B5", [
    ("user", [b"STLS\r\nUSER x\r\nPASS y\r\n", ANSWER, TLS], rb"\+OK .+"),
    ("half", [b"STLS\r\nUSE", ANSWER, TLS], rb"\+OK .+"),
    ("capa", [b"STLS\r\nCAPA\r\n", ANSWER, TLS], rb"\+OK .+")],
    where="pop3")

# -- C: logging in ------------------------------------------------------------


def plain(user, password, authzid=b""):
    return base64.b64encode(b"%s\0%s\0%s" % (authzid, user, password))


MESSAGES = [
    ("chars", b"!!!!"), ("no-padding", b"AGE"), ("blank", b"AG EA YQ=="),
    ("padding-inside", b"AG==EA=="), ("padding-only", b"===="),
    ("one-letter", b"A"), ("url-letters", b"AGEA_w-="),
    ("8-bit", b"\xff\xfe\xfd\xfc"), ("nothing-behind", b"AGEAYQ==x")]
add("C1", [(_name, b"a AUTHENTICATE PLAIN " + _text + b"\r\n", BAD)
           for _name, _text in MESSAGES])
add("C1", [(_name + "-later", [b"a AUTHENTICATE PLAIN\r\n", ANSWER,
                               _text + b"\r\n"], rb"\+ ?", BAD)
           for _name, _text in MESSAGES])
add("C1", [
    ("megabyte", [b"a AUTHENTICATE PLAIN\r\n", ANSWER, b"A" * (1 << 20),
                  b"\r\n"], rb"\+ ?", BYE),
    ("megabyte-at-once", [b"a AUTHENTICATE PLAIN ", b"A" * (1 << 20),
                          b"\r\n"], BYE)], ENDS, torn=True)

MECHANISMS = [b"PLAIN", b"LOGIN", b"SCRAM-SHA-256", b"SCRAM-SHA-1"]
add("C2", [
    (_name.decode(), [b"a AUTHENTICATE %s\r\n" % _name, ANSWER, b"*\r\n"],
     rb"\+ .*", BAD) for _name in MECHANISMS])
add("C2", [
    ("login-second-step", [b"a AUTHENTICATE LOGIN\r\n", ANSWER, b"eA==\r\n",
                           ANSWER, b"*\r\n"], rb"\+ .*", rb"\+ .*", BAD),
    ("scram-second-step", [
        b"a AUTHENTICATE SCRAM-SHA-256\r\n", ANSWER,
        base64.b64encode(b"n,,n=nobody,r=abcdefghijkl") + b"\r\n", ANSWER,
        b"*\r\n"], rb"\+ .*", rb"\+ .*", BAD)])
add("C2", [
    (_name.decode() + "-hang-up", [b"a AUTHENTICATE %s\r\n" % _name, ANSWER],
     rb"\+ .*") for _name in MECHANISMS], WAITS)

NAMES = [
    b"%{user}", b"%n%s%x", b"../../x", b"a/../b", b".", b"..", b"-rf",
    b"$USER@", b"@dom", b"a@b@c", b"x" * 1000, b"\xff\xfe", b"\xc0\xaf",
    "\u202eresu".encode(), b"$USER ", b" $USER", b"a/b", b"/etc/passwd",
    b"a\tb", b"a\x1b[2Jb", b"a=b user=c", b"~root", b"%00", b"$USER%"]
add("C5", [(repr(_name[:12]), b"a LOGIN {%d+}\r\n%s x\r\n" % (
    len(_name), _name), DENIED) for _name in NAMES if b"$USER" not in _name])
add("C5", [(repr(_name), b'a LOGIN "%s" "correct horse"\r\n' % _name, DENIED)
           for _name in NAMES if b"$USER" in _name])
add("C6", [(repr(_name), b'a LOGIN "%s" "%s"\r\n' % (_name, _name), DENIED)
           for _name in [b"' OR 1=1 --", b"*)(uid=*", b"\\\\2a", b"$(id)",
                         b"`id`", b"a;id", b"a|id", b"*", b"x' OR '1'='1",
                         b"{PLAIN}", b"a:b", b"!", b"x"]])
add("C9", [
    ("not-offered", b"a AUTHENTICATE OAUTHBEARER " + base64.b64encode(
        b"n,a=u,\1auth=Bearer eyJhbGciOiJub25lIn0.e30.\1\1") + b"\r\n",
     rb"a NO .+")])
add("C9", [("huge", [b"a AUTHENTICATE OAUTHBEARER ", b"A" * 100000, b"\r\n"],
            BYE)], ENDS, torn=True)
add("C10", [
    ("login-empty", [b"a AUTHENTICATE LOGIN\r\n", ANSWER, b"\r\n"],
     rb"\+ .*", DENIED),
    ("login-long", [b"a AUTHENTICATE LOGIN\r\n", ANSWER,
                    base64.b64encode(b"u" * 3000) + b"\r\n", ANSWER,
                    base64.b64encode(b"p" * 3000) + b"\r\n"],
     rb"\+ .*", rb"\+ .*", DENIED),
    ("plain-empty", b"a AUTHENTICATE PLAIN =\r\n", rb"a (NO|BAD) .+"),
    ("plain-nul", b"a AUTHENTICATE PLAIN AAA=\r\n", rb"a (NO|BAD) .+"),
    ("plain-many-nul", b"a AUTHENTICATE PLAIN "
     + base64.b64encode(b"\0" * 300) + b"\r\n", rb"a (NO|BAD) .+"),
    ("cram-md5", b"a AUTHENTICATE CRAM-MD5\r\n", rb"a NO .+"),
    ("ntlm", b"a AUTHENTICATE NTLM\r\n", rb"a NO .+"),
    ("digest-md5", b"a AUTHENTICATE DIGEST-MD5\r\n", rb"a NO .+"),
    ("no-name", b"a AUTHENTICATE \r\n", BAD),
    ("long-name", b"a AUTHENTICATE " + b"X" * 5000 + b"\r\n", rb"a NO .+")])
add("C14", [
    ("login", b'a LOGIN $USER "correct horse"\r\n', BAD),
    ("authenticate", b"a AUTHENTICATE PLAIN\r\n", BAD),
    ("initial", b"a AUTHENTICATE PLAIN AGEAYg==\r\n", BAD),
    ("starttls", b"a STARTTLS\r\n", BAD)], inside=True)

# -- D: names of mailboxes ------------------------------------------------------

CANNOT = rb"a NO \[CANNOT\] .+"


def create(name):
    return b"a CREATE {%d+}\r\n%s\r\n" % (len(name), name)


add("D1", [(repr(_name), create(_name), CANNOT) for _name in [
    b"../x", b"a/../../b", b"/etc/x", b".", b"..", b"a//b", b"a/./b", b"/",
    b"//", b"a/..", b"../../../../../../tmp/x"]], inside=True)
add("D4", [(repr(_name), create(_name), CANNOT) for _name in [
    b"a\rb", b"a\nb", b"a\r\nb LOGOUT", b"a\x7fb", b"a\x01b", b"\x1b[2J",
    b"a%b", b"a*b"]], inside=True)
add("D4", [("nul", create(b"a\0b"), BAD)], inside=True)
add("D4", [(repr(_name), create(_name), CANNOT) for _name in [
    b"\x80", b"a\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"]],
    inside=True)
add("D5", [(_name.decode(), create(_name), CANNOT) for _name in [
    b"&", b"a&", b"&AGE", b"&AGE-", b"&2D0-", b"&3cg-", b"&3cjYPQ-",
    b"&&&&", b"&AAA-", b"&AA0-", b"&AAo-", b"&AOR-", b"&AOT-", b"&AOQ!-",
    b"&AOQ", b"&AOQ-&AOQ-", b"&A-", b"&AO-", b"&AOQA-"]], inside=True)
add("D6", [(repr(_name), create(_name), rb"a NO .+") for _name in [
    b"INBOX", b"inbox", b"InBoX", b"&AEk-NBOX", b"INBOX/INBOX",
    b"inbox/inbox", b"INBOX/"]], inside=True)
add("D10", [
    ("%*", b'a LIST "" "' + b"*%" * 60 + b'Z"\r\n', rb"a OK .+"),
    ("%a", b'a LIST "" "' + b"%a*" * 200 + b'"\r\n', rb"a OK .+"),
    ("long", b'a LIST "" "' + b"*%" * 15000 + b'Z"\r\n', rb"a .+"),
    ("lsub", b'a LSUB "" "' + b"*%" * 60 + b'Z"\r\n', rb"a OK .+")],
    inside=True)

# -- G: POP3 ----------------------------------------------------------------------

ERR = rb"-ERR .+"

add("G1", [(_text, _text.encode() + b"\r\n", ERR) for _text in [
    "RETR 0", "RETR -1", "RETR 4294967297", "RETR 18446744073709551617",
    "RETR", "RETR x", "RETR 1x", "RETR 1 2", "RETR 999", "TOP 1 -1", "TOP 1",
    "TOP 0 1", "TOP 1 x", "TOP 1 99999999999999999999999", "UIDL 0",
    "UIDL -1", "LIST 0", "LIST -1", "LIST 4294967297", "DELE 0", "DELE -1",
    "DELE 4294967297", "RETR +1", "RETR 0x1"]], where="pop3", inside=True)
add("G4", [("user", b"USER " + b"x" * 10000 + b"\r\n", BYE.replace(
    rb"\* BYE", rb"-ERR"))], ENDS, "pop3", torn=True)
add("G4", [
    ("pass", b"USER u\r\nPASS " + b"x" * 10000 + b"\r\n", rb"\+OK .+", ERR)],
    ENDS, "pop3", torn=True)
add("G4", [
    ("apop", b"APOP u 00112233445566778899aabbccddeeff\r\n", ERR),
    ("pass-alone", b"PASS x\r\n", ERR), ("user-alone", b"USER\r\n", ERR),
    ("unknown-mechanism", b"AUTH XYZZY\r\n", ERR),
    ("auth-long", b"AUTH " + b"X" * 3000 + b"\r\n", ERR)], where="pop3")
add("G4", [("long", b"NOOP " + b"x" * 3000 + b"\r\n", ERR)], where="pop3",
    inside=True)

# -- H: LMTP ----------------------------------------------------------------------

BEGIN = b"MAIL FROM:<x@example.net>\r\nRCPT TO:<$USER>\r\n"
BEGUN = [rb"250 .+", rb"250 .+"]
GO = [*BEGUN, rb"354 .+"]

add("H1", [(_name, BEGIN + b"DATA\r\nSubject: x\r\n\r\ntext" + _end
            + b"MAIL FROM:<evil@example.org>\r\n\r\n.\r\n", *GO, rb"250 .+")
           for _name, _end in [
               ("lf-dot-lf", b"\n.\n"), ("lf-dot-crlf", b"\n.\r\n"),
               ("cr-dot-cr", b"\r.\r"), ("crlf-dot-lf", b"\r\n.\n"),
               ("crlf-dot-cr", b"\r\n.\r"), ("lf-dot-cr", b"\n.\r"),
               ("nul", b"\r\n\0.\r\n"), ("dot-dot", b"\r\n..\r\n")]],
    where="lmtp")
add("H1", [("at-once", BEGIN + b"DATA\r\n.\r\n", *GO, rb"250 .+")],
    where="lmtp")
add("H2", [("whole", BEGIN + b"DATA\r\nSubject: x\r\n\r\ntext\n.\n"
            b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<$USER>\r\nDATA\r\n"
            b"Subject: smuggled\r\n\r\nx\r\n.\r\n", *GO, rb"250 .+")],
    where="lmtp")
add("H4", [("many", [b"MAIL FROM:<>\r\n", Many(b"RCPT TO:<nobody>\r\n", 5000)],
            rb"250 .+", *[rb"550 .+"] * 5000)], where="lmtp")
add("H5", [("unknown", b"MAIL FROM:<>\r\nRCPT TO:<nobody-a>\r\n"
            b"RCPT TO:<$USER>\r\nRCPT TO:<nobody-b>\r\nRCPT TO:<$USER+x>\r\n"
            b"DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n", rb"250 .+", rb"550 .+",
            rb"250 .+", rb"550 .+", rb"250 .+", rb"354 .+",
            rb"250 .+ <user\d+>", rb"250 .+ <user\d+\+x>")], where="lmtp")
add("H6", [
    ("first-is-last", BEGIN + b"BDAT 0 LAST\r\n", *BEGUN, rb"250 .+"),
    ("without-mail", b"BDAT 6 LAST\r\nQUIT\r\n", rb"503 .+"),
    ("without-recipient", b"MAIL FROM:<>\r\nBDAT 6\r\nQUIT\r\n", rb"250 .+",
     rb"503 .+"),
    ("then-data", BEGIN + b"BDAT 3\r\nx\r\nDATA\r\n", *BEGUN, rb"250 .+",
     rb"503 .+"),
    ("then-rset", BEGIN + b"BDAT 3\r\nx\r\nRSET\r\nBDAT 6\r\nQUIT\r\n",
     *BEGUN, rb"250 .+", rb"250 .+", rb"503 .+"),
    ("over-the-limit", [BEGIN, b"BDAT 135266304 LAST\r\n",
                        Many(MEGABYTE, 129)], *BEGUN, rb"552 .+")],
    where="lmtp")
add("H6", [(_text.decode()[:30], BEGIN + _text + b"\r\nQUIT\r\n", *BEGUN,
            rb"5\d\d .+", rb"421 .+") for _text in [
                b"BDAT", b"BDAT -1", b"BDAT x", b"BDAT 1 2", b"BDAT 1 LASTER",
                b"BDAT 0x10", b"BDAT +5", b"BDAT 99999999999999999999999",
                b"BDAT 18446744073709551615", b"BDAT 300000000",
                b"BDAT " + b"0" * 3000 + b"5"]],
    ENDS, "lmtp", torn=True)
add("H8", [
    ("in-data", BEGIN + b"DATA\r\nSubject: x\r\n\r\nhalf", *GO),
    ("before-the-dot", BEGIN + b"DATA\r\nSubject: x\r\n\r\nhalf\r\n", *GO),
    ("in-a-chunk", BEGIN + b"BDAT 100\r\nSubject: x\r\n", *BEGUN),
    ("between-chunks", BEGIN + b"BDAT 12\r\nSubject: x\r\n", *BEGUN,
     rb"250 .+")], WAITS, "lmtp")
add("H9", [
    ("lhlo-twice", BEGIN + b"LHLO again\r\nDATA\r\n", *BEGUN,
     *[rb"250-.+"] * 6, rb"250 .+", rb"503 .+"),
    ("smtp", b"HELO x\r\nEHLO x\r\n", rb"500 .+", rb"500 .+"),
    ("rset-in-data", BEGIN + b"DATA\r\nRSET\r\n.\r\n", *GO, rb"250 .+"),
    ("noop-flood", Many(b"NOOP\r\n", 20000), *[rb"250 .+"] * 20000)],
    where="lmtp")
add("H9", [("unknown-flood", Many(b"XYZZY\r\n", 1000), *[rb"500 .+"] * 20,
            rb"421 .+")], ENDS, "lmtp", torn=True)
add("H10", [
    ("orcpt", b"MAIL FROM:<>\r\nRCPT TO:<$USER> ORCPT=rfc822;a+0D+0AX:+20y"
     b"\r\n", rb"250 .+", rb"555 .+"),
    ("envid", b"MAIL FROM:<> ENVID=a+0D+0Ab\r\n", rb"555 .+"),
    ("xforward", b"XFORWARD NAME=a+0D+0Ab ADDR=192.0.2.1\r\n", rb"500 .+"),
    ("xclient", b"XCLIENT ADDR=192.0.2.1 LOGIN=$USER\r\n", rb"500 .+"),
    ("nul", b"MAIL FROM:<a\0b@example.net>\r\n", rb"50\d .+"),
    ("bare-cr", b"MAIL FROM:<a\rX-Evil: y@example.net>\r\n", rb"50\d .+"),
    ("bare-lf", b"MAIL FROM:<a\nX-Evil: y@example.net>\r\n", rb"50\d .+"),
    ("escape", b"MAIL FROM:<\x1b[2J@example.net>\r\n", rb"50\d .+")],
    where="lmtp")
add("H14", [
    ("received", [b"MAIL FROM:<>\r\nRCPT TO:<$USER>\r\nDATA\r\n",
                  Many(b"Received: from x by y; Mon, 2 Mar 2026 10:00:00 +0000"
                       b"\r\n", 200), b"\r\nx\r\n.\r\n"], *GO,
     rb"554 5\.4\.6 .+"),
    ("delivered-to", [b"MAIL FROM:<>\r\nRCPT TO:<$USER>\r\nDATA\r\n",
                      Many(b"Delivered-To: $USER\r\n", 200),
                      b"\r\nx\r\n.\r\n"], *GO, rb"554 5\.4\.6 .+")],
    where="lmtp")
add("B6", [
    ("mail", [b"STARTTLS\r\nMAIL FROM:<>\r\n", ANSWER, TLS, b"MAIL FROM:<>\r\n"],
     rb"220 .+", rb"503 .+"),
    ("lhlo-forgotten", [b"MAIL FROM:<>\r\nSTARTTLS\r\n", ANSWER, ANSWER, TLS,
                        b"RCPT TO:<x>\r\n"], rb"250 .+", rb"220 .+",
     rb"503 .+")], where="lmtptls")
