# SPDX-License-Identifier: MIT
"""An LMTP connection for tests (RFC 2033)."""

import re
import socket

MESSAGE = b"From: a@example.net\r\nSubject: delivered\r\n\r\nline\r\n"


class Lmtp:
    """A connection that sends what it is told and reads replies."""

    def __init__(self, server):
        self.socket = socket.create_connection(server.addresses["lmtp"], 30)
        self.file = self.socket.makefile("rb")
        assert self.reply()[0] == 220

    def reply(self):
        """(code, lines)"""
        lines = []
        while True:
            line = self.file.readline()
            assert re.match(rb"\d{3}[ -][^\r\n]+\r\n\Z", line), line
            assert len(line) <= 512
            lines.append(line[4:-2].decode())
            if line[3:4] == b" ":
                return int(line[:3]), lines

    def send(self, *lines):
        self.socket.sendall(b"".join(
            (line.encode() if isinstance(line, str) else line) + b"\r\n"
            for line in lines))

    def command(self, line):
        self.send(line)
        return self.reply()

    def hello(self):
        code, lines = self.command("LHLO client.example")
        assert code == 250
        return lines

    def want(self, code, line):
        got = self.command(line)
        assert got[0] == code, got
        return got

    def close(self):
        self.file.close()
        self.socket.close()


def deliver(lmtp, recipients, octets=MESSAGE, sender="a@example.net"):
    """The reply for each recipient."""
    lmtp.want(250, "MAIL FROM:<%s>" % sender)
    for recipient in recipients:
        lmtp.want(250, "RCPT TO:<%s>" % recipient)
    lmtp.want(354, "DATA")
    lmtp.socket.sendall(octets + b".\r\n")
    return [lmtp.reply()[0] for _ in recipients]


def inbox(server, user, source):
    """What has come into the INBOX, as octets."""
    connection = server.login(user, "imap", source)
    connection.ok("SELECT INBOX")
    untagged = connection.ok("UID FETCH 1:* BODY.PEEK[]")
    connection.close()
    return [r.data["BODY[]"] for r in untagged if r.name == "FETCH"]


def inbox_count(server, user, source):
    """How many messages that are."""
    connection = server.login(user, "imap", source)
    response, = connection.ok("STATUS INBOX (MESSAGES)")
    connection.close()
    return response.data[1]["MESSAGES"]
