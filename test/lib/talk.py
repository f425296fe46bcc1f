# SPDX-License-Identifier: MIT
"""A client's side of a dialogue, octet by octet as that client sends it."""

import re


def matches(want, raw):
    """Is it this response?  "..." stands for anything."""
    parts = [re.escape(part) for part in want.encode().split(b"...")]
    return re.fullmatch(b".*".join(parts) + b"\r\n", raw, re.DOTALL)


class Talk:
    """On a connection whose greeting is read."""

    def __init__(self, connection):
        self.connection = connection

    def send(self, text):
        self.connection.send(text if isinstance(text, bytes)
                             else text.encode())

    def expect(self, *wanted):
        """These responses come, in this order and nothing between."""
        for want in wanted:
            raw = self.connection.read().raw
            assert matches(want, raw), (want, raw)

    def run(self, line, *wanted):
        self.send(line)
        self.send(b"\r\n")
        self.expect(*wanted)

    def until(self, tag):
        """All responses up to the tagged one of ${tag}, as text."""
        got = []
        while not got or not got[-1].startswith(tag + " "):
            got.append(self.connection.read().raw.decode("utf-8")[:-2])
        return got

    def ask(self, line):
        """Run a command; what comes, up to its tagged OK."""
        self.send(line + "\r\n")
        tag = line.split(" ", 1)[0]
        got = self.until(tag)
        assert got[-1].startswith(tag + " OK "), got
        return got

    def refused(self, line):
        """BAD at once, and the next command is in step."""
        self.run(line, line.split(" ", 1)[0] + " BAD ...")
        self.run("sync NOOP", "sync OK ...")
