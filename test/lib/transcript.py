# SPDX-License-Identifier: MIT
"""Transcripts: one behaviour of the server a file, as the lines that pass.

    # RFC 9051 section 6.1.2            a comment
    %select INBOX                       a directive, see below
    C: a1 NOOP                          the client sends this line
    S: a1 OK ${*}                       the server answers that
    B C: b1 NOOP                        the same on a connection named B

What the client sends:
    C:  text    a line, CRLF is added
    C+  text    the same, but it goes out together with the next C line
    C-  text    text without CRLF
A line that ends in {#}, {#+} or ~{#} announces a literal: the lines behind it
that begin with "|" are its octets ("| text" is a line with CRLF, "|. text" is
text without it), # is their number, and the next C line goes on after them.
For {#} the runner waits for "+" first.

What the server has to answer, in this order and nothing between:
    S:  text    one response
    S~  text    one response; neighbouring S~ and S? lines come in any order
    S?  text    as S~, but need not come
    S closed    the server ends the connection
    S silent    nothing comes for a moment
Literals are written as for C.  S1: and S2: lines count in IMAP4rev1 and
IMAP4rev2 only; so do C1: and so on.

In every text:
    ${xHH ...}        octets                ${name}    what it was the last time;
    ${*}              anything, expected               the first time, anything
    ${n}              a number, expected               without spaces or brackets
    ${flags \\Seen a}  a flag list in any order, \\Recent not counted
    ${set 1:3,5}      a set of numbers, however written
    ${NO|BAD}         one of these texts
    ${>name}          a number greater than what ${name} was
    ${user}           the account          ${repeat N text}   N times text

Directives: of the file,
    %both             run in IMAP4rev1 and again after ENABLE IMAP4rev2
    %rev2             after ENABLE IMAP4rev2 only
    %strange          connections are not logged in
    %listener NAME    imap (the default) or imaps
    %whole            never byte by byte: the server ends it in the middle
    %config TEXT      a server with this in its configuration
    %plaintext never  a server that wants TLS before passwords
and at their place:
    %select NAME, %examine NAME         the answers pass unseen
    %append NAME [(FLAGS)] ["DATE"]     the "|" lines behind it
    %deliver [ADDRESS]                  the same, by LMTP, to ${user}
    %starttls                           the client begins TLS
    %compress                           the client begins to compress
    %login                              log in
    %close                              the client hangs up
"""

import re

from lib.scan import Scanner

DIRECTIVES = ("select", "examine", "append", "deliver", "starttls", "compress",
              "login", "close")
OPTIONS = ("both", "rev2", "strange", "listener", "plaintext", "whole", "config")
LINE = re.compile(r"(?:([A-Z]\w*) )?(C[12]?[:+-]|S[12]?[:~?]|S closed|S silent|"
                  r"%\w+)(?: (.*))?\Z", re.S)
LITERAL = re.compile(r"(~?)\{#(\+?)\}\Z")
VARIABLE = re.compile(r"\$\{([^}]*)\}")
DEFAULT = "A"


class Mistake(Exception):
    """The transcript itself is wrong."""


class Step:
    """One line, with the literals that belong to it.

    pieces: texts, and between them (prefix, suffix, octets) for literals.
    """

    def __init__(self, number, who, kind, text):
        self.number = number
        self.who = who
        self.kind = kind      # "C:", "S~", "S closed", "%select" ...
        self.pieces = [text]
        self.octets = None    # of the "|" lines being collected

    def wants_literal(self):
        return bool(LITERAL.search(self.pieces[-1]))


class Transcript:
    """A parsed file."""

    def __init__(self, text):
        self.options = {}
        self.steps = []
        self.rev = 0
        for number, line in enumerate(text.split("\n"), 1):
            try:
                self.add_line(number, line)
            except Mistake as mistake:
                raise Mistake("line %d: %s: %s" % (number, mistake, line)) \
                    from None

    def add_line(self, number, line):
        if line.startswith("#") or not line.strip():
            return
        if line.startswith("|"):
            self.add_octets(line[1:])
            return
        match = LINE.match(line)
        if not match:
            raise Mistake("not understood")
        who, kind, text = match.groups()
        if kind[1:] in OPTIONS:
            self.options[kind[1:]] = text or ""
            return
        if kind[0] == "%" and kind[1:] not in DIRECTIVES:
            raise Mistake("no such directive")
        self.add_step(Step(number, who or DEFAULT, kind, text or ""))

    def add_step(self, step):
        last = self.steps[-1] if self.steps else None
        if last and last.octets is not None and last.kind[0] in "CS" and \
                last.who == step.who and last.kind[0] == step.kind[0]:
            match = LITERAL.search(last.pieces[-1])
            last.pieces[-1] = last.pieces[-1][:match.start()]
            last.pieces.append((match.group(1), match.group(2), last.octets))
            last.pieces.append(step.pieces[0])
            last.octets = "" if step.wants_literal() else None
            return
        if step.kind[0] in "CS" and step.wants_literal():
            step.octets = ""
        self.steps.append(step)

    def add_octets(self, text):
        last = self.steps[-1] if self.steps else None
        if last and last.octets is None and last.kind[0] == "%":
            last.octets = ""
        if not last or last.octets is None:
            raise Mistake("no literal here")
        if text.startswith("."):
            last.octets += text[1:].removeprefix(" ")
        else:
            last.octets += text.removeprefix(" ") + "\r\n"

    def revisions(self):
        if "both" in self.options:
            return (1, 2)
        return (2,) if "rev2" in self.options else (1,)


class Values:
    """The variables of one run, and texts made with them."""

    def __init__(self):
        self.known = {}

    def octets(self, text):
        """The octets that a text stands for; all its variables are known."""
        out = b""
        at = 0
        for match in VARIABLE.finditer(text):
            out += text[at:match.start()].encode()
            out += self.value(match.group(1))
            at = match.end()
        return out + text[at:].encode()

    def value(self, name):
        if re.match(r"x[0-9a-fA-F]{2}", name):
            return bytes.fromhex(name[1:])
        match = re.match(r"repeat (\d+) (.*)\Z", name, re.S)
        if match:
            return match.group(2).encode() * int(match.group(1))
        if name not in self.known:
            raise Mistake("${%s} is not known yet" % name)
        return self.known[name]

    def pattern(self, text):
        """(regular expression, checks): what a text expects."""
        out = b""
        checks = []
        at = 0
        for match in VARIABLE.finditer(text):
            out += re.escape(text[at:match.start()].encode())
            out += self.wild(match.group(1), checks)
            at = match.end()
        return out + re.escape(text[at:].encode()), checks

    def wild(self, name, checks):
        if name == "*":
            return rb"(?:[^\r\n]|\r\n)*?"
        if name == "n":
            return rb"\d+"
        if name == "flags" or name.startswith("flags "):
            checks.append(lambda got: flag_set(got) == set(name.split()[1:]) or
                          flag_set(got, True) == set(name.split()[1:]))
            return rb"\(([^()]*)\)"
        if name.startswith("set "):
            checks.append(lambda got: number_set(got) ==
                          number_set(name[4:].encode()))
            return rb"([0-9,:]+)"
        if "|" in name:
            words = [re.escape(word.encode()) for word in name.split("|")]
            return b"(?:" + b"|".join(words) + b")"
        if name.startswith(">"):
            least = int(self.value(name[1:]))
            checks.append(lambda got: int(got) > least)
            return rb"(\d+)"
        if re.match(r"x[0-9a-fA-F]{2}|repeat ", name) or name in self.known:
            return re.escape(self.value(name))

        def keep(got):
            # The same name twice in one line: both must be the same.
            return self.known.setdefault(name, got) == got
        checks.append(keep)
        return rb"([^\s()\[\]]+)"

    def matches(self, pieces, raw):
        """Is ${raw}, a response without CRLF, what ${pieces} expect?"""
        expression = b""
        checks = []
        for piece in pieces:
            if isinstance(piece, str):
                more, new = self.pattern(piece)
                checks += new
            else:
                more = string_pattern(piece[0], self.octets(piece[2]))
            expression += more
        before = dict(self.known)
        match = re.fullmatch(expression, raw, re.S)
        if match and all(check(group) for check, group in
                         zip(checks, match.groups())):
            return True
        self.known = before
        return False


def string_pattern(prefix, octets):
    """A string may come as a literal or, where that can hold it, quoted."""
    literal = b"%s{%d}\r\n" % (prefix.encode(), len(octets)) + octets
    quoted = b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    if prefix or any(byte in b"\r\n\0" for byte in octets):
        return re.escape(literal)
    return b"(?:" + re.escape(literal) + b"|" + re.escape(quoted) + b")"


def flag_set(text, without_recent=False):
    flags = set(text.decode().split())
    return flags - {"\\Recent"} if without_recent else flags


def number_set(text):
    return set(Scanner(text).uid_set())
