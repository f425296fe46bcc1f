# SPDX-License-Identifier: MIT
"""Every line an IMAP server may send, by the formal syntax of RFC 9051 section
9 (and of RFC 3501 section 9 before ENABLE IMAP4rev2), read into a Response.

What is checked beside the grammar: text after every status response and after
every response code, no trailing spaces, and that each word is one that a server
with our extensions may send.  Anything else raises Malformed.
"""

from lib.fetch import parse_flags, parse_msg_att, parse_objectid
from lib.scan import Malformed, Scanner

STATUSES = ("OK", "NO", "BAD")

# Response codes without data: RFC 9051 section 7.1, RFC 5530, RFC 4315, RFC
# 3516, RFC 4978, RFC 5182, RFC 7889, RFC 6154, RFC 7162.
PLAIN_CODES = frozenset("""
    ALERT ALREADYEXISTS AUTHENTICATIONFAILED AUTHORIZATIONFAILED CANNOT CLIENTBUG
    CLOSED COMPRESSIONACTIVE CONTACTADMIN CORRUPTION EXPIRED EXPUNGEISSUED
    HASCHILDREN INUSE LIMIT
    NONEXISTENT NOPERM NOTSAVED OVERQUOTA PARSE PRIVACYREQUIRED READ-ONLY
    READ-WRITE SERVERBUG TOOBIG TRYCREATE UIDNOTSTICKY UNAVAILABLE UNKNOWN-CTE
    USEATTR NOMODSEQ
    """.split())

# \\Inbox: of XLIST, which is not announced, but answered.
LIST_ATTRIBUTES = frozenset("""
    \\Noinferiors \\HasChildren \\HasNoChildren \\Subscribed \\Remote
    \\NonExistent \\Noselect \\Marked \\Unmarked
    \\All \\Archive \\Drafts \\Flagged \\Junk \\Sent \\Trash \\Inbox
    """.split())
SPECIAL_USES = frozenset(
    "\\All \\Archive \\Drafts \\Flagged \\Junk \\Sent \\Trash".split())


class Response:
    """One response.

    tag     "*", "+" or the tag
    name    upper case: OK, NO, BAD, BYE, PREAUTH, FETCH, EXISTS, LIST ...
    number  of EXISTS, RECENT, EXPUNGE and FETCH, else None
    code    of a status response: (name, value), else None
    text    of a status response or continuation
    data    of other responses, parsed
    raw     the bytes, with the final CRLF
    """

    def __init__(self, raw):
        self.raw = raw
        self.tag = self.name = self.text = ""
        self.number = self.code = self.data = None

    def __repr__(self):
        return "<%s>" % self.raw.decode("utf-8", "backslashreplace").rstrip()

    @property
    def code_name(self):
        return self.code[0] if self.code else None


# -- status responses ---------------------------------------------------------

def parse_capabilities(s):
    names = [s.atom()]
    while s.take(b" "):
        names.append(s.atom())
    if "IMAP4rev1" not in names and "IMAP4rev2" not in names:
        s.fail("IMAP4rev1 or IMAP4rev2 among the capabilities")
    if len(set(name.upper() for name in names)) != len(names):
        s.fail("no capability twice")
    return names


def parse_charset(s):
    return (s.quoted() if s.peek(b'"') else s.atom().encode()).decode()


def parse_badcharset(s):
    return s.list_of(lambda: parse_charset(s)) if s.take(b" ") else []


def parse_appenduid(s):
    uidvalidity = s.nz_number()
    s.space()
    return uidvalidity, s.uid_set()


def parse_copyuid(s):
    uidvalidity = s.nz_number()
    s.space()
    source = s.uid_set()
    s.space()
    target = s.uid_set()
    if len(source) != len(target):
        s.fail("as many new UIDs as old ones")
    return uidvalidity, source, target


def parse_permanentflags(s):
    return parse_flags(s, ("\\*",))


def parse_inprogress(s):
    """RFC 9585 section 5: the tag, or None; our server counts nothing."""
    s.want(b"(")
    tag = None if s.take(b"NIL") else s.quoted().decode()
    s.want(b" NIL NIL)")
    return tag


DATA_CODES = {
    "CAPABILITY": parse_capabilities,
    "PERMANENTFLAGS": parse_permanentflags,
    "UIDNEXT": lambda s: s.nz_number(),
    "UIDVALIDITY": lambda s: s.nz_number(),
    "UNSEEN": lambda s: s.nz_number(),
    "HIGHESTMODSEQ": lambda s: s.number64(least=1),
    "APPENDUID": parse_appenduid,
    "COPYUID": parse_copyuid,
    "MODIFIED": lambda s: s.uid_set(),
    "MAILBOXID": parse_objectid,
    "INPROGRESS": parse_inprogress,
}


def parse_code(s):
    """resp-text-code, without the brackets."""
    name = s.atom()
    if name == "BADCHARSET":
        return name, parse_badcharset(s)
    if name in DATA_CODES:
        s.space()
        return name, DATA_CODES[name](s)
    if name not in PLAIN_CODES:
        s.fail("a response code that exists, not %s," % name)
    return name, None


def check_text(s, text):
    if not text or text.startswith(b" ") or text.endswith(b" "):
        s.fail("text, without spaces round it,")
    if b"\r" in text or b"\n" in text or b"\0" in text:
        s.fail("no CR, LF or NUL in text")
    if any(byte > 0x7f for byte in text) and not s.rev2:
        s.fail("no 8-bit text before ENABLE IMAP4rev2")
    return text.decode("utf-8")


def parse_resp_text(s, response):
    if s.take(b"["):
        response.code = parse_code(s)
        s.want(b"] ")
    response.text = check_text(s, s.rest())
    s.at = len(s.data)


# -- mailbox data -------------------------------------------------------------

def parse_delimiter(s):
    if s.take(b"NIL"):
        return None
    delimiter = s.quoted()
    if len(delimiter) != 1:
        s.fail("one character as the delimiter")
    return delimiter.decode()


def parse_attribute(s):
    s.want(b"\\")
    name = "\\" + s.atom()
    if name not in LIST_ATTRIBUTES:
        s.fail("a LIST attribute that exists, not %s," % name)
    return name


def check_attributes(s, attributes):
    have = set(attributes)
    if len(have) != len(attributes):
        s.fail("no attribute twice")
    if {"\\HasChildren", "\\HasNoChildren"} <= have:
        s.fail("not both child attributes")
    if len(have & {"\\NonExistent", "\\Noselect", "\\Marked",
                   "\\Unmarked"}) > 1:
        s.fail("one selectability attribute only")
    if len(have & SPECIAL_USES) > 1:
        s.fail("one special use only")


def parse_extended_item(s):
    tag = s.astring().decode()
    s.space()
    if tag == "CHILDINFO":
        return tag, s.list_of(lambda: s.quoted().decode())
    if tag == "OLDNAME":
        return tag, s.list_of(s.mailbox)
    return s.fail("a LIST item that exists, not %s," % tag)


def parse_list(s):
    """(attributes, delimiter, name, extended)"""
    attributes = s.maybe_list_of(lambda: parse_attribute(s))
    check_attributes(s, attributes)
    s.space()
    delimiter = parse_delimiter(s)
    s.space()
    name = s.mailbox()
    extended = {}
    if s.take(b" "):
        extended = dict(s.list_of(lambda: parse_extended_item(s)))
    return attributes, delimiter, name, extended


STATUS_ITEMS = {
    "MESSAGES": lambda s: s.number(),
    "UIDNEXT": lambda s: s.nz_number(),
    "UIDVALIDITY": lambda s: s.nz_number(),
    "UNSEEN": lambda s: s.number(),
    "DELETED": lambda s: s.number(),
    "SIZE": lambda s: s.number64(),
    "RECENT": lambda s: s.number(),
    "HIGHESTMODSEQ": lambda s: s.number64(),
    "MAILBOXID": parse_objectid,
    "APPENDLIMIT": lambda s: None if s.take(b"NIL") else s.number(),
}


def parse_status_item(s):
    name = s.atom()
    if name not in STATUS_ITEMS:
        s.fail("a STATUS item that exists, not %s," % name)
    s.space()
    return name, STATUS_ITEMS[name](s)


def parse_status(s):
    name = s.mailbox()
    s.space()
    items = s.maybe_list_of(lambda: parse_status_item(s))
    if len(dict(items)) != len(items):
        s.fail("no STATUS item twice")
    return name, dict(items)


def parse_search(s):
    """RFC 3501 section 7.2.5."""
    if s.rev2:
        s.fail("ESEARCH, since IMAP4rev2 is enabled,")
    numbers = []
    while s.take(b" "):
        if numbers and s.take(b"(MODSEQ "):  # RFC 7162 section 7
            s.number64(least=1)
            s.want(b")")
            break
        numbers.append(s.nz_number())
    return numbers


def parse_vanished(s):
    """(EARLIER?, UIDs): RFC 7162 section 7."""
    earlier = s.take(b"(EARLIER) ")
    return earlier, s.uid_set()


def parse_correlator(s):
    s.want(b'(TAG ')
    # A quoted string, whatever the grammar allows: wire rules, Office 365.
    tag = s.quoted().decode()
    s.want(b")")
    return tag


RETURN_DATA = {
    "MIN": lambda s: s.nz_number(),
    "MAX": lambda s: s.nz_number(),
    "COUNT": lambda s: s.number(),
    "ALL": lambda s: s.uid_set(),
    "MODSEQ": lambda s: s.number64(least=1),
}


def parse_esearch(s):
    """A dict with TAG, UID (a bool), and the returned data."""
    found = {"TAG": None, "UID": False}
    if s.take(b" ("):
        s.at -= 1
        found["TAG"] = parse_correlator(s)
    found["UID"] = s.take(b" UID")
    while s.take(b" "):
        name = s.atom()
        if name not in RETURN_DATA or name in found:
            s.fail("one of each kind of search data, not %s," % name)
        s.space()
        found[name] = RETURN_DATA[name](s)
    return found


def parse_namespace_descr(s):
    s.want(b"(")
    prefix = s.string()
    s.space()
    delimiter = parse_delimiter(s)
    s.want(b")")
    return prefix.decode(), delimiter


def parse_namespace(s):
    """nil / "(" 1*namespace-descr ")" """
    if s.take(b"NIL"):
        return None
    s.want(b"(")
    found = [parse_namespace_descr(s)]
    while not s.take(b")"):
        found.append(parse_namespace_descr(s))
    return found


def parse_namespaces(s):
    first = parse_namespace(s)
    s.space()
    second = parse_namespace(s)
    s.space()
    return first, second, parse_namespace(s)


def parse_id(s):
    if s.take(b"NIL"):
        return None

    def pair():
        name = s.string()
        s.space()
        return name, s.nstring()
    return s.maybe_list_of(pair)


def parse_enabled(s):
    names = []
    while s.take(b" "):
        names.append(s.atom())
    return names


def spaced(parse):
    def with_space(s):
        s.space()
        return parse(s)
    return with_space


UNTAGGED = {
    "CAPABILITY": spaced(parse_capabilities),
    "ENABLED": parse_enabled,
    "ESEARCH": parse_esearch,
    "FLAGS": spaced(parse_flags),
    "ID": spaced(parse_id),
    "LIST": spaced(parse_list),
    "LSUB": spaced(parse_list),
    "NAMESPACE": spaced(parse_namespaces),
    "SEARCH": parse_search,
    "STATUS": spaced(parse_status),
    "VANISHED": spaced(parse_vanished),
    "XLIST": spaced(parse_list),
}


def parse_numbered(s, response):
    response.number = s.number()
    s.space()
    response.name = s.atom()
    if response.name in ("EXPUNGE", "FETCH") and response.number == 0:
        raise Malformed("message number 0: %r" % response.raw)
    if response.name == "FETCH":
        s.space()
        response.data = parse_msg_att(s)
    elif response.name == "RECENT" and s.rev2:
        raise Malformed("RECENT after ENABLE IMAP4rev2: %r" % response.raw)
    elif response.name not in ("EXISTS", "RECENT", "EXPUNGE"):
        s.fail("EXISTS, RECENT, EXPUNGE or FETCH")


def parse_untagged(s, response):
    if s.data[s.at:s.at + 1].isdigit():
        parse_numbered(s, response)
        return
    response.name = s.atom()
    if response.name in STATUSES + ("BYE", "PREAUTH"):
        s.space()
        parse_resp_text(s, response)
    elif response.name in UNTAGGED:
        response.data = UNTAGGED[response.name](s)
    else:
        s.fail("an untagged response that exists")


def parse_continue(s, response):
    """continue-req = "+" SP (resp-text / base64) CRLF"""
    s.want(b"+ ")
    response.tag = "+"
    text = s.rest()
    s.at = len(s.data)
    if text.startswith(b"["):
        s.at -= len(text)
        parse_resp_text(s, response)
        return
    response.text = check_text(s, text) if text else ""


def parse_tagged(s, response):
    tag = s.run(lambda b: 0x20 < b < 0x7f and b not in b'(){%*"\\+', "a tag")
    response.tag = tag.decode()
    s.space()
    response.name = s.atom()
    if response.name not in STATUSES:
        s.fail("OK, NO or BAD")
    s.space()
    parse_resp_text(s, response)


def parse_response(raw, utf8=False, rev2=False):
    """${raw} is one whole response with its CRLF and all its literals."""
    if not raw.endswith(b"\r\n"):
        raise Malformed("no CRLF at the end: %r" % raw)
    s = Scanner(raw[:-2], utf8, rev2)
    response = Response(raw)
    if s.peek(b"+"):
        parse_continue(s, response)
    elif s.take(b"* "):
        response.tag = "*"
        parse_untagged(s, response)
    else:
        parse_tagged(s, response)
    s.end()
    return response
