# SPDX-License-Identifier: MIT
"""An IMAP connection for tests: sends bytes as told, reads whole responses, and
checks each of them against the grammar."""

import re
import socket
import ssl
import time
import zlib

from lib.imap import parse_response

ANSWER_S = 30.0   # far more than an answer takes, even under sanitizers
LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")
STATUS_LINE = re.compile(rb"\S+ (OK|NO|BAD|BYE|PREAUTH) ")


class Closed(Exception):
    """The server ended the connection."""


class Silent(Exception):
    """Nothing came in time."""


def tls_context():
    """Accepts the self-signed certificate of a test server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Deflated:
    """A socket below COMPRESS=DEFLATE (RFC 4978): flushes in the given way
    after each sendall(), and sends at most ${cut} octets at once."""

    def __init__(self, below, flush=zlib.Z_SYNC_FLUSH, cut=65536):
        self.below = below
        self.flush = flush
        self.cut = cut
        self.received = 0
        self.out = zlib.compressobj(wbits=-15)
        self.inflater = zlib.decompressobj(wbits=-15)

    def sendall(self, data):
        packed = self.out.compress(data) + self.out.flush(self.flush)
        for at in range(0, len(packed), self.cut):
            self.below.sendall(packed[at:at + self.cut])

    def recv(self, size):
        while True:
            packed = self.below.recv(size)
            self.received += len(packed)
            plain = self.inflater.decompress(packed)
            if plain or not packed:
                return plain

    def settimeout(self, seconds):
        self.below.settimeout(seconds)

    def close(self):
        self.below.close()


class Connection:
    """rev2 and utf8 follow what ENABLED responses say."""

    def __init__(self, address, source="127.0.0.1", tls=False):
        self.socket = socket.create_connection(
            address, timeout=ANSWER_S, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = bytearray()
        self.rev2 = False
        self.utf8 = False
        self.tags = 0
        self.bytewise = False
        self.log = []
        if tls:
            self.start_tls()

    def start_tls(self):
        self.socket = tls_context().wrap_socket(self.socket)

    def start_compression(self, *how):
        assert not self.input, self.input
        self.socket = Deflated(self.socket, *how)

    def close(self):
        self.socket.close()

    # -- bytes --------------------------------------------------------------

    def send(self, data):
        self.log.append(("C", bytes(data)))
        if self.bytewise:
            for byte in data:
                self.socket.sendall(bytes([byte]))
        else:
            self.socket.sendall(data)

    def receive(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silent("no answer in time")
        self.socket.settimeout(left)
        try:
            more = self.socket.recv(65536)
        except (socket.timeout, ssl.SSLWantReadError):
            raise Silent("no answer in time") from None
        except (ConnectionResetError, ssl.SSLEOFError):
            raise Closed("connection reset") from None
        if not more:
            raise Closed("connection closed")
        self.input += more

    def read_line(self, start, deadline):
        """Where the line that begins at ${start} ends, after its LF."""
        while True:
            end = self.input.find(b"\n", start)
            if end >= 0:
                return end + 1
            self.receive(deadline)

    def read_raw(self, seconds=ANSWER_S):
        """The bytes of one response, with its literals."""
        deadline = time.monotonic() + seconds
        end = self.read_line(0, deadline)
        start = 0
        while not STATUS_LINE.match(self.input):
            match = LITERAL.search(bytes(self.input[start:end]))
            if not match:
                break
            start = end + int(match.group(1))
            while len(self.input) < start:
                self.receive(deadline)
            end = self.read_line(start, deadline)
        raw = bytes(self.input[:end])
        del self.input[:end]
        self.log.append(("S", raw))
        return raw

    # -- responses ----------------------------------------------------------

    def read(self, seconds=ANSWER_S):
        """One response, checked."""
        response = parse_response(self.read_raw(seconds), self.utf8, self.rev2)
        if response.name == "ENABLED" and response.tag == "*":
            names = [name.upper() for name in response.data]
            self.rev2 = self.rev2 or "IMAP4REV2" in names
            self.utf8 = self.utf8 or "UTF8=ACCEPT" in names
        return response

    def read_until(self, tag):
        """Untagged responses, then the tagged one of the command."""
        untagged = []
        while True:
            response = self.read()
            if response.tag == "*":
                untagged.append(response)
            elif response.tag == tag:
                return untagged, response
            else:
                raise AssertionError("not the answer to %s: %r" %
                                     (tag, response))

    def expect_end(self):
        """The server closes, and sends nothing more before."""
        deadline = time.monotonic() + ANSWER_S
        try:
            while not self.input:
                self.receive(deadline)
        except Closed:
            return
        raise AssertionError("the end of the connection expected, but %r" %
                             bytes(self.input))

    def silent(self, seconds=0.1):
        """Does nothing come for a moment?"""
        try:
            self.receive(time.monotonic() + seconds)
        except Silent:
            return not self.input
        return False

    # -- commands -----------------------------------------------------------

    def new_tag(self):
        self.tags += 1
        return "t%d" % self.tags

    def start(self, *pieces):
        """Send a command; returns its tag.  A piece of bytes after the first
        goes as a synchronizing literal."""
        tag = self.new_tag()
        line = tag.encode() + b" "
        for piece in pieces:
            if isinstance(piece, str):
                line += piece.encode()
                continue
            self.send(line + b"{%d}\r\n" % len(piece))
            response = self.read()
            assert response.tag == "+", response
            line = piece
        self.send(line + b"\r\n")
        return tag

    def command(self, *pieces):
        """Run a command: (untagged, tagged)."""
        return self.read_until(self.start(*pieces))

    def ok(self, *pieces):
        """Run a command that has to succeed; returns what was untagged."""
        untagged, tagged = self.command(*pieces)
        assert tagged.name == "OK", tagged
        self.tagged = tagged
        return untagged

    def login(self, user, password):
        return self.ok('LOGIN "%s" "%s"' % (user, password))

    def append(self, mailbox, message, flags="", date=""):
        """APPEND with a synchronizing literal; returns the tagged OK."""
        words = ["APPEND", '"%s"' % mailbox, flags, date and '"%s"' % date]
        self.ok(" ".join(word for word in words if word) + " ", message)
        return self.tagged


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def history(connection, last=40):
    """The end of a connection's dialogue, for a failure's report."""
    lines = []
    for side, data in connection.log[-last:]:
        text = data.decode("utf-8", "backslashreplace")
        lines += ["%s: %s" % (side, line) for line in text.splitlines()]
    return "\n".join(lines)
