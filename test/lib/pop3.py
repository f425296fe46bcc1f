# SPDX-License-Identifier: MIT
"""A POP3 connection for tests: sends bytes as told, reads whole responses, and
checks each of them against the grammar (RFC 1939 section 3, RFC 2449 section
3)."""

import re
import time

from lib.client import ANSWER_S, Connection

# status [SP text], 512 octets with CRLF.
STATUS = re.compile(rb"(\+OK|-ERR)(?: ([\x21-\x7e][\x20-\x7e]*))?\r\n\Z")
CODE = re.compile(r"\[([A-Z0-9/-]+)\] \S")
CODES = ("AUTH", "SYS/TEMP", "SYS/PERM", "IN-USE", "LOGIN-DELAY", "UTF8")


class Malformed(Exception):
    """Nothing that a POP3 server may send."""


class Status:
    """The first line of a response: ok, text, and its response code or
    None."""

    def __init__(self, raw):
        match = STATUS.match(raw)
        if not match or len(raw) > 512:
            raise Malformed(raw)
        self.ok = match[1] == b"+OK"
        self.text = (match[2] or b"").decode()
        self.code = None
        if self.text.startswith("["):
            code = CODE.match(self.text)
            if not code or code[1] not in CODES:
                raise Malformed(raw)
            self.code = code[1]

    def __repr__(self):
        return "<%s %s>" % ("+OK" if self.ok else "-ERR", self.text)


class Pop3(Connection):
    """Beside what every connection has."""

    # -- responses ------------------------------------------------------------

    def line(self, seconds=ANSWER_S):
        """One line, with its line end."""
        end = self.read_line(0, time.monotonic() + seconds)
        raw = bytes(self.input[:end])
        del self.input[:end]
        self.log.append(("S", raw))
        return raw

    def continuation(self):
        """The text of a "+ " line."""
        raw = self.line()
        if not raw.startswith(b"+ ") or not raw.endswith(b"\r\n"):
            raise Malformed(raw)
        return raw[2:-2]

    def status(self):
        return Status(self.line())

    def rest(self):
        """What follows the status of a multi-line response, without the dots
        that were put in."""
        lines = []
        while True:
            raw = self.line()
            if not raw.endswith(b"\r\n"):
                raise Malformed(raw)
            if raw == b".\r\n":
                return b"".join(lines)
            if raw.startswith(b"."):
                if not raw.startswith(b".."):
                    raise Malformed(raw)
                raw = raw[1:]
            lines.append(raw)

    # -- commands ---------------------------------------------------------------

    def start(self, command):
        self.send(command.encode() + b"\r\n")

    def command(self, command):
        self.start(command)
        return self.status()

    def ok(self, command):
        """A command that has to succeed: the text of its status."""
        status = self.command(command)
        assert status.ok, (command, status)
        return status.text

    def err(self, command):
        """A command that has to fail: its status."""
        status = self.command(command)
        assert not status.ok, (command, status)
        return status

    def many(self, command):
        """A command with a multi-line answer: the lines, undotted."""
        self.ok(command)
        return self.rest()

    def capabilities(self):
        return self.many("CAPA").decode().split("\r\n")[:-1]

    def login(self, user, password):
        self.ok("USER " + user)
        return self.ok("PASS " + password)

    def uids(self):
        """UIDL as a dictionary: number, unique-id."""
        lines = self.many("UIDL").decode().splitlines()
        return {int(number): uid for number, uid in
                (line.split(" ") for line in lines)}

    def sizes(self):
        lines = self.many("LIST").decode().splitlines()
        return {int(number): int(size) for number, size in
                (line.split(" ") for line in lines)}

    def quit(self):
        """QUIT, then the end of the connection."""
        text = self.ok("QUIT")
        self.expect_end()
        self.close()
        return text
