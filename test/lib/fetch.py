# SPDX-License-Identifier: MIT
"""FETCH responses: msg-att of RFC 9051 section 9, RFC 3501 section 9 and RFC
3516, with ENVELOPE and BODYSTRUCTURE in full."""

import re

from lib.scan import Malformed

SYSTEM_FLAGS = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")
DISCRETE = ("text", "image", "audio", "video", "application", "font", "model")


def parse_flag(s, more=()):
    """One flag; ${more} are names beginning with a backslash that this place
    allows beside the system flags."""
    if s.peek(b"\\"):
        s.take(b"\\")
        name = "\\*" if s.take(b"*") else "\\" + s.atom()
        if name not in SYSTEM_FLAGS and name not in more:
            s.fail("a flag that may be sent here, not %s," % name)
        return name
    return s.atom()


def parse_flags(s, more=()):
    flags = s.maybe_list_of(lambda: parse_flag(s, more))
    folded = [flag.lower() for flag in flags]
    if len(set(folded)) != len(folded):
        s.fail("no flag twice")
    return flags


# -- ENVELOPE -----------------------------------------------------------------

def parse_address(s):
    s.want(b"(")
    parts = [s.nstring()]
    for _ in range(3):
        s.space()
        parts.append(s.nstring())
    s.want(b")")
    return tuple(parts)


def parse_addresses(s):
    """ "(" 1*address ")" / nil: no space between two addresses."""
    if s.take(b"NIL"):
        return None
    s.want(b"(")
    addresses = [parse_address(s)]
    while not s.take(b")"):
        addresses.append(parse_address(s))
    return addresses


ENVELOPE = ("date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc",
            "in-reply-to", "message-id")


def parse_envelope(s):
    s.want(b"(")
    envelope = {}
    for name in ENVELOPE:
        if name != "date":
            s.space()
        is_list = name in ENVELOPE[2:8]
        envelope[name] = parse_addresses(s) if is_list else s.nstring()
    s.want(b")")
    # RFC 9051 section 7.5.2: these two default to From.
    if envelope["from"] and not (envelope["sender"] and envelope["reply-to"]):
        s.fail("Sender and Reply-To wherever there is a From")
    return envelope


# -- BODY and BODYSTRUCTURE ---------------------------------------------------

def parse_params(s):
    """ "(" string SP string ... ")" / nil"""
    if s.take(b"NIL"):
        return None

    def pair():
        name = s.string()
        s.space()
        return name, s.string()
    return s.list_of(pair)


def parse_disposition(s):
    if s.take(b"NIL"):
        return None
    s.want(b"(")
    kind = s.string()
    s.space()
    params = parse_params(s)
    s.want(b")")
    return kind, params


def parse_language(s):
    if s.peek(b"("):
        return s.list_of(s.string)
    return s.nstring()


def parse_extension(s, part, first):
    """The extension data, all of it: wire rule 22."""
    part[first] = parse_params(s) if first == "params" else s.nstring()
    s.space()
    part["disposition"] = parse_disposition(s)
    s.space()
    part["language"] = parse_language(s)
    s.space()
    part["location"] = s.nstring()


def parse_fields(s, part):
    part["params"] = parse_params(s)
    s.space()
    part["id"] = s.nstring()
    s.space()
    part["description"] = s.nstring()
    s.space()
    part["encoding"] = s.string()
    s.space()
    part["octets"] = s.number()


def parse_single(s, extended):
    part = {"type": s.string().decode().lower()}
    s.space()
    part["subtype"] = s.string().decode().lower()
    s.space()
    parse_fields(s, part)
    if part["type"] == "text":
        s.space()
        part["lines"] = s.number64()
    elif part["type"] == "message" and part["subtype"] in ("rfc822", "global"):
        s.space()
        part["envelope"] = parse_envelope(s)
        s.space()
        part["body"] = parse_body(s, extended)
        s.space()
        part["lines"] = s.number64()
    elif part["type"] == "multipart":
        s.fail("no multipart without parts")
    if extended:
        s.space()
        parse_extension(s, part, "md5")
    return part


def parse_multipart(s, extended):
    part = {"type": "multipart", "parts": [parse_body(s, extended)]}
    while s.peek(b"("):
        part["parts"].append(parse_body(s, extended))
    s.space()
    part["subtype"] = s.string().decode().lower()
    if extended:
        s.space()
        parse_extension(s, part, "params")
    return part


def parse_body(s, extended):
    s.want(b"(")
    if s.peek(b"("):
        part = parse_multipart(s, extended)
    else:
        part = parse_single(s, extended)
    s.want(b")")
    return part


# -- sections -----------------------------------------------------------------

PART = rb"[1-9]\d*(?:\.[1-9]\d*)*"


def parse_section(s):
    """ "[" [section-spec] "]" as text in one form: "1.2.HEADER"."""
    s.want(b"[")
    spec = ""
    match = re.compile(PART).match(s.data, s.at)
    if match:
        spec = match.group().decode()
        s.at = match.end()
        if s.take(b"]"):
            return spec
        s.want(b".")
        spec += "."
    elif s.take(b"]"):
        return ""
    for word in (b"HEADER.FIELDS.NOT", b"HEADER.FIELDS", b"HEADER", b"TEXT",
                 b"MIME"):
        if s.take(word):
            break
    else:
        s.fail("a section")
    if word == b"MIME" and not spec:
        s.fail("a part before MIME")
    spec += word.decode()
    if word.startswith(b"HEADER.FIELDS"):
        s.space()
        names = s.list_of(s.astring)
        spec += " (" + " ".join(n.decode().upper() for n in names) + ")"
    s.want(b"]")
    return spec


def parse_section_binary(s):
    s.want(b"[")
    match = re.compile(PART).match(s.data, s.at)
    spec = match.group().decode() if match else ""
    s.at += len(spec)
    s.want(b"]")
    return spec


def parse_origin(s):
    """["<" number ">"], as text."""
    if not s.take(b"<"):
        return ""
    origin = s.number64()
    s.want(b">")
    return "<%d>" % origin


# -- msg-att ------------------------------------------------------------------

def parse_modseq(s):
    s.want(b"(")
    value = s.number64(least=1)
    s.want(b")")
    return value


SIMPLE = {
    "FLAGS": lambda s: parse_flags(s, () if s.rev2 else ("\\Recent",)),
    "ENVELOPE": parse_envelope,
    "INTERNALDATE": lambda s: s.date_time(),
    "SAVEDATE": lambda s: s.date_time(),
    "RFC822.SIZE": lambda s: s.number64(),
    "RFC822": lambda s: s.nstring(),
    "RFC822.HEADER": lambda s: s.nstring(),
    "RFC822.TEXT": lambda s: s.nstring(),
    "BODYSTRUCTURE": lambda s: parse_body(s, True),
    "UID": lambda s: s.nz_number(),
    "MODSEQ": parse_modseq,
    "PREVIEW": lambda s: parse_preview(s),
    "EMAILID": lambda s: parse_objectid(s),
    "THREADID": lambda s: None if s.take(b"NIL") else parse_objectid(s),
}


def parse_objectid(s):
    """ "(" objectid ")", RFC 8474 section 7."""
    s.want(b"(")
    value = s.run(lambda b: chr(b).isalnum() or b in b"_-", "an objectid")
    s.want(b")")
    if len(value) > 255:
        s.fail("an objectid of at most 255 octets")
    return value.decode("ascii")


def parse_preview(s):
    """nstring; at most 200 characters of UTF-8, RFC 8970 section 3.3."""
    text = s.nstring()
    if text is not None and len(text.decode("utf-8")) > 200:
        s.fail("a preview of at most 200 characters")
    return text


def parse_binary(s):
    return s.literal8() if s.peek(b"~") else s.nstring()


def parse_item(s):
    match = re.compile(rb"[A-Z0-9.]+").match(s.data, s.at)
    if not match:
        s.fail("the name of a FETCH item")
    name = match.group().decode()
    s.at = match.end()
    if name == "BODY" and s.peek(b"["):
        name += "[" + parse_section(s) + "]" + parse_origin(s)
        s.space()
        return name, s.body_nstring()
    if name in ("BINARY", "BINARY.SIZE") and s.peek(b"["):
        name += "[" + parse_section_binary(s) + "]"
        if name.startswith("BINARY["):
            name += parse_origin(s)
        s.space()
        is_size = name.startswith("BINARY.SIZE")
        return name, s.number64() if is_size else parse_binary(s)
    s.space()
    if name == "BODY":
        return name, parse_body(s, False)
    if name not in SIMPLE:
        s.fail("a FETCH item that exists, not %s," % name)
    return name, SIMPLE[name](s)


def parse_msg_att(s):
    """A dict in the order of the response."""
    items = {}
    for name, value in s.list_of(lambda: parse_item(s)):
        if name in items and items[name] != value:
            raise Malformed("%s twice with different values" % name)
        items[name] = value
    return items
