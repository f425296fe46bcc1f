# SPDX-License-Identifier: MIT
"""Terminals of the IMAP grammar (RFC 9051 section 9), read strictly.

A Scanner walks one response.  Everything that the formal syntax does not allow
a server to send raises Malformed, with the place and what was wanted.
"""

import base64
import re

ATOM_SPECIALS = b'(){ %*"\\]'
QUOTED_SPECIALS = b'"\\'
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Malformed(Exception):
    """A response that breaks the grammar or a rule clients rely on."""


def decode_mailbox_utf7(name):
    """Modified UTF-7 (RFC 3501 section 5.1.3), only in its one right form."""
    out = []
    at = 0
    while at < len(name):
        if name[at] != ord("&"):
            if not 0x20 <= name[at] < 0x7f:
                raise Malformed("8-bit or control byte in name %r" % name)
            out.append(chr(name[at]))
            at += 1
            continue
        end = name.find(b"-", at)
        if end < 0:
            raise Malformed("shift not ended in name %r" % name)
        code = name[at + 1:end]
        out.append("&" if not code else decode_shifted(code, name))
        if code and name[end + 1:end + 2] == b"&" and \
                name[end + 2:end + 3] != b"-":
            raise Malformed("null shift in name %r" % name)
        at = end + 1
    return "".join(out)


def decode_shifted(code, name):
    padded = code.replace(b",", b"/") + b"=" * (-len(code) % 4)
    try:
        text = base64.b64decode(padded, validate=True).decode("utf-16-be")
    except ValueError:
        raise Malformed("bad modified base64 in name %r" % name) from None
    back = base64.b64encode(text.encode("utf-16-be")).rstrip(b"=")
    if back.replace(b"/", b",") != code:
        raise Malformed("padding bits set in name %r" % name)
    if any(0x20 <= ord(char) < 0x7f for char in text):
        raise Malformed("printable ASCII shifted in name %r" % name)
    return text


def encode_mailbox_utf7(name):
    """Modified UTF-7 of a Python string, as bytes."""
    out = b""
    for run in re.findall(r"[ -~]+|[^ -~]+", name):
        if " " <= run[0] <= "~":
            out += run.replace("&", "&-").encode()
        else:
            code = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=")
            out += b"&" + code.replace(b"/", b",") + b"-"
    return out


class Scanner:
    """The bytes of one response without its final CRLF, and a place in it.

    utf8: quoted strings and mailbox names may hold UTF-8 (after ENABLE
    UTF8=ACCEPT or IMAP4rev2).  rev2: what only IMAP4rev1 had is malformed.
    """

    def __init__(self, data, utf8=False, rev2=False):
        self.data = data
        self.at = 0
        self.utf8 = utf8 or rev2
        self.rev2 = rev2

    def fail(self, wanted):
        before = self.data[max(0, self.at - 60):self.at]
        after = self.data[self.at:self.at + 40]
        raise Malformed("%s wanted here: %r -->HERE<-- %r" %
                        (wanted, before, after))

    # -- looking and taking -------------------------------------------------

    def rest(self):
        return self.data[self.at:]

    def at_end(self):
        return self.at == len(self.data)

    def peek(self, text):
        return self.data.startswith(text, self.at)

    def take(self, text):
        if not self.peek(text):
            return False
        self.at += len(text)
        return True

    def want(self, text):
        if not self.take(text):
            self.fail(repr(text.decode()))

    def space(self):
        self.want(b" ")

    def end(self):
        if not self.at_end():
            self.fail("the end of the response")

    def run(self, allowed, wanted):
        """One or more bytes for which allowed(byte) holds."""
        start = self.at
        while self.at < len(self.data) and allowed(self.data[self.at]):
            self.at += 1
        if self.at == start:
            self.fail(wanted)
        return self.data[start:self.at]

    def list_of(self, item):
        """"(" item *(SP item) ")", at least one."""
        self.want(b"(")
        items = [item()]
        while self.take(b" "):
            items.append(item())
        self.want(b")")
        return items

    def maybe_list_of(self, item):
        """The same, but it may be empty."""
        return [] if self.take(b"()") else self.list_of(item)

    # -- terminals ----------------------------------------------------------

    def atom(self):
        text = self.run(lambda b: 0x20 < b < 0x7f and b not in ATOM_SPECIALS,
                        "an atom")
        return text.decode("ascii")

    def astring_atom(self):
        text = self.run(lambda b: b == ord("]") or (
            0x20 < b < 0x7f and b not in ATOM_SPECIALS), "an astring")
        return text

    def number(self, least=0, most=0xffffffff):
        digits = self.run(lambda b: 0x30 <= b <= 0x39, "a number")
        value = int(digits)
        if digits != b"%d" % value:
            self.fail("a number without leading zeros")
        if not least <= value <= most:
            self.fail("a number from %d to %d, not %d," % (least, most, value))
        return value

    def nz_number(self):
        return self.number(least=1)

    def number64(self, least=0):
        return self.number(least=least, most=2**63 - 1)

    def quoted(self):
        self.want(b'"')
        out = bytearray()
        while not self.take(b'"'):
            if self.at_end():
                self.fail("the end of a quoted string")
            byte = self.data[self.at]
            self.at += 1
            if byte == ord("\\"):
                if self.at_end() or self.data[self.at] not in QUOTED_SPECIALS:
                    self.fail('\\ or " after a backslash')
                byte = self.data[self.at]
                self.at += 1
            elif byte in (0, 10, 13):
                self.fail("no NUL, CR or LF in a quoted string")
            out.append(byte)
        self.check_eight_bit(out)
        return bytes(out)

    def check_eight_bit(self, text):
        if not any(byte > 0x7f for byte in text):
            return
        if not self.utf8:
            self.fail("no 8-bit text before UTF-8 was enabled")
        try:
            bytes(text).decode("utf-8")
        except UnicodeDecodeError:
            self.fail("well-formed UTF-8")

    def literal(self):
        self.want(b"{")
        count = self.number64()
        self.want(b"}\r\n")
        if count == 0:
            # Some clients stall on it: wire rule 19.
            self.fail('"" for an empty string, not {0},')
        value = self.data[self.at:self.at + count]
        if len(value) < count:
            self.fail("%d bytes of literal" % count)
        self.at += count
        return value

    def literal8(self):
        self.want(b"~")
        return self.literal()

    def string(self):
        if self.peek(b'"'):
            return self.quoted()
        if not self.peek(b"{"):
            self.fail("a string")
        value = self.literal()
        if 0 in value:
            self.fail("no NUL in a literal")
        return value

    def nstring(self):
        if self.take(b"NIL"):
            return None
        return self.string()

    def body_nstring(self):
        """What a message is made of: also NUL, since bytes that came in go
        out unchanged, which a literal of the grammar cannot say."""
        return self.literal() if self.peek(b"{") else self.nstring()

    def astring(self):
        if self.peek(b'"') or self.peek(b"{"):
            return self.string()
        return self.astring_atom()

    def mailbox(self):
        """A mailbox name as a Python string.

        Names are to be quoted always (wire rule 12); INBOX is upper case.
        """
        if not self.peek(b'"') and not self.peek(b"{"):
            self.fail("a quoted mailbox name")
        raw = self.string()
        if self.utf8:
            self.check_eight_bit(raw)
            name = raw.decode("utf-8")
        else:
            name = decode_mailbox_utf7(raw)
        if name.split("/")[0].upper() == "INBOX" and \
                not name.startswith("INBOX"):
            self.fail("INBOX in upper case")
        return name

    # -- sets ---------------------------------------------------------------

    def uid_set(self):
        """A set of numbers without "*", as a list in the order given."""
        numbers = []
        while True:
            first = last = self.nz_number()
            if self.take(b":"):
                last = self.nz_number()
            step = 1 if first <= last else -1
            numbers += range(first, last + step, step)
            if not self.take(b","):
                break
        if len(set(numbers)) != len(numbers):
            self.fail("no number twice in a set")
        return numbers

    # -- dates --------------------------------------------------------------

    def date_time(self):
        """date-time, quoted; returned as text without the quotes."""
        match = re.compile(
            rb'"((?: [1-9]|[0-3]\d)-([A-Z][a-z]{2})-\d{4} '
            rb'(\d\d):(\d\d):(\d\d) [+-]\d{4})"').match(self.data, self.at)
        if not match:
            self.fail("a date-time")
        if match.group(2).decode() not in MONTHS or \
                int(match.group(3)) > 23 or int(match.group(4)) > 59 or \
                int(match.group(5)) > 60:
            self.fail("a date-time that exists")
        self.at = match.end()
        return match.group(1).decode()
