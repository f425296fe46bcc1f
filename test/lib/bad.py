# SPDX-License-Identifier: MIT
"""Bad input: as data, which is what is sent, what has to come back, and how the
connection is afterwards (lib/bad_inputs.py); and as dialogues, where what is
said next depends on what came (lib/bad_dialogues.py, lib/bad_messages.py).
Tests of single rows and the loop of strangers use the same."""

import contextlib
import itertools
import os
import re
import select
import socket
import ssl
import time

from lib.client import quote, tls_context
from lib.server import PASSWORD

PATIENCE_S = 60.0       # the most that anything may take, under sanitizers

# How the connection is after an input.
GOES_ON = "goes on"     # the next command is answered, with its own tag
ENDS = "ends"           # the server has closed it, and says no more
WAITS = "waits"         # for the rest of what was begun, silently

# Between pieces of an input.
ANSWER = object()       # one line comes before more is sent
TLS = object()          # a handshake, which may fail

# (command, its answer) by which a connection shows that it goes on.
PROOFS = {
    "imap": (b"zz NOOP\r\n", rb"zz OK .*"),
    "imaps": (b"zz NOOP\r\n", rb"zz OK .*"),
    "pop3": (b"CAPA\r\n", rb"\+OK .*"),
    "lmtp": (b"NOOP\r\n", rb"250 .*"),
    "lmtptls": (b"NOOP\r\n", rb"250 .*"),
}


class Many:
    """A piece that is sent so many times, and never held as a whole."""

    def __init__(self, piece, times):
        self.piece = piece
        self.times = times


class Input:
    """One bad input.

    row     which row of the table of bad inputs it is an example of
    name    of the example
    pieces  bytes, Many, ANSWER or TLS, in order; b"$USER" stands for the
            account's name
    want    regular expressions, one a line that comes back
    end     GOES_ON, ENDS or WAITS
    where   listener
    inside  is it sent after login?
    torn    a server that closes with input unread may cut its last words off
    """

    def __init__(self, row, name, pieces, want, end=GOES_ON, where="imap",
                 inside=False, torn=False):
        self.row = row
        self.name = name
        self.pieces = pieces if isinstance(pieces, list) else [pieces]
        self.want = want
        self.end = end
        self.where = where
        self.inside = inside
        self.torn = torn

    strict = False

    def repeat(self, server, source, user):
        """Once more, in the loop."""
        play(server, self, source, user, proof=False)

    def __repr__(self):
        return "%s-%s" % (self.row, self.name)


DIALOGUES = []


class Dialogue:
    """One dialogue of a row, as a function of (server, source, user, ...) that
    may be run again and again.  What it leaves behind is in the user's
    mailboxes, from which tidy() removes it.

    strict  does it want a server that takes no password in the clear?
    """

    def __init__(self, row, run, choice, strict):
        self.row = row
        self.run = run
        self.choice = choice
        self.strict = strict

    def repeat(self, server, source, user):
        self.run(server, source, user, **self.choice)

    def __repr__(self):
        words = [repr(value)[:20] for value in self.choice.values()]
        return "-".join([self.row, self.run.__name__, *words])


def dialogue(row, strict=False, **choices):
    """The function is a dialogue of this row, one for each combination of
    ${choices}: lists, by the name of an argument."""
    def take(run):
        for values in itertools.product(*choices.values()):
            DIALOGUES.append(Dialogue(
                row, run, dict(zip(choices, values)), strict))
        return run
    return take


def dialogues(row):
    return [item for item in DIALOGUES if item.row == row]


class Gone(Exception):
    """The connection is closed, cleanly or not."""


class Line:
    """A connection that sends and reads at once, so that neither side waits
    for the other; lines holds what came."""

    def __init__(self, server, where, source="127.0.0.1"):
        self.socket = socket.create_connection(
            server.addresses[where], PATIENCE_S, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = time.monotonic() + PATIENCE_S
        self.input = b""
        self.lines = []
        self.secure = False
        self.torn = False
        if where == "imaps":
            self.shake_hands()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def shake_hands(self):
        self.socket = tls_context().wrap_socket(self.socket)
        self.secure = True

    def wait(self, reading, writing):
        left = self.deadline - time.monotonic()
        assert left > 0, "nothing happens; so far: %r" % self.lines[-20:]
        if self.secure and self.socket.pending():
            return True, False
        ready = select.select([self.socket] * reading,
                              [self.socket] * writing, [], left)
        return bool(ready[0]), bool(ready[1])

    def receive(self):
        try:
            more = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLError) as problem:
            self.torn = True
            raise Gone from problem
        if not more:
            raise Gone
        self.input += more
        *whole, self.input = self.input.split(b"\r\n")
        self.lines += whole

    def send(self, data):
        """Read meanwhile."""
        if self.secure:
            try:
                self.socket.sendall(data)
            except (OSError, ssl.SSLError) as problem:
                raise Gone from problem
            return
        data = memoryview(data)
        while data:
            readable, writable = self.wait(True, True)
            if readable:
                self.receive()
            if writable:
                try:
                    sent = self.socket.send(data[:65536],
                                            socket.MSG_DONTWAIT)
                except BlockingIOError:
                    continue
                except OSError as problem:
                    self.torn = True
                    raise Gone from problem
                data = data[sent:]

    def answer(self, lines=1):
        while len(self.lines) < lines:
            self.wait(True, False)
            self.receive()

    def until(self, pattern):
        """Read up to a line that matches."""
        while not any(re.match(pattern, line) for line in self.lines):
            self.wait(True, False)
            self.receive()

    def rest(self):
        """All that comes before the server closes."""
        try:
            while True:
                self.wait(True, False)
                self.receive()
        except Gone:
            pass

    def end(self):
        """Send nothing more, read all there is."""
        # TLS is left as it is, so that what still comes can be read.
        with contextlib.suppress(OSError), \
                socket.socket(fileno=os.dup(self.socket.fileno())) as below:
            below.shutdown(socket.SHUT_WR)
        self.rest()


def enter(line, item, user):
    """As far as the input's first octet: greeting and login."""
    name, password = user.encode(), PASSWORD.encode()
    line.answer()
    if item.inside and item.where.startswith("imap"):
        line.send(b'll LOGIN "%s" "%s"\r\n' % (name, password))
        line.until(rb"ll OK")
    elif item.inside and item.where == "pop3":
        line.send(b"USER %s\r\nPASS %s\r\n" % (name, password))
        line.answer(3)
    elif item.where.startswith("lmtp"):
        line.send(b"LHLO client.example\r\n")
        line.until(rb"250 ")
    line.lines.clear()


def send_pieces(line, pieces, user):
    count = 0
    for piece in pieces:
        if piece is ANSWER:
            count += 1
            line.answer(count)
        elif piece is TLS:
            line.shake_hands()
        elif isinstance(piece, Many):
            for _ in range(piece.times):
                line.send(piece.piece)
        else:
            line.send(piece.replace(b"$USER", user.encode()))


def play(server, item, source, user, proof=True):
    """Send an input, and a command behind it if the connection is to go on:
    the Line, closed, with what came."""
    with Line(server, item.where, source) as line:
        enter(line, item, user)
        try:
            send_pieces(line, item.pieces, user)
            if proof and item.end == GOES_ON:
                line.send(PROOFS[item.where][0])
        except (Gone, OSError):
            pass
        if item.end != ENDS:
            line.end()
        else:
            line.rest()
    return line


def check(server, item, source, user):
    """The answers are those wanted, in number and order; nothing comes behind
    them but the proof that the connection goes on."""
    line = play(server, item, source, user)
    want = list(item.want)
    if item.end == GOES_ON:
        want.append(PROOFS[item.where][1])
    got = line.lines[:len(want)] if item.where == "pop3" else line.lines
    if item.torn and line.torn:
        want = want[:len(got)]
    # A failed handshake may have left an alert.
    rest = b"" if item.row.startswith("B") else line.input
    assert len(got) == len(want) and not rest, \
        "%r: %r, wanted %r" % (item, got[:40], want[:40])
    for text, pattern in zip(got, want):
        assert re.fullmatch(pattern, text, re.DOTALL), \
            "%r: %r, wanted %r" % (item, got[:40], want[:40])
    others_are_served(server)


def others_are_served(server):
    """Somebody else gets an answer."""
    other = server.connect("imap", "127.0.0.1")
    other.ok("NOOP")
    other.close()


@contextlib.contextmanager
def session(server, source, user):
    """An IMAP session that has to be well at the end, and others, too."""
    with contextlib.closing(server.login(user, "imap", source)) as connection:
        yield connection
        connection.ok("NOOP")
    others_are_served(server)


@contextlib.contextmanager
def account(server, password=PASSWORD):
    """A new one, which is deleted again: its name."""
    name = server.add_user()
    if password != PASSWORD:
        done = server.tool("user", "passwd", name, text=password + "\n")
        assert done.returncode == 0, done.stderr
    yield name
    done = server.tool("user", "del", name)
    assert done.returncode == 0, done.stderr


def names(connection, pattern="*"):
    return [r.data[2] for r in connection.ok('LIST "" %s' % quote(pattern))
            if r.name == "LIST"]


def empty(connection, mailbox):
    connection.ok("SELECT " + quote(mailbox))
    connection.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)")
    connection.ok("EXPUNGE")


def tidy(server, user, keep, password=PASSWORD):
    """The account has the mailboxes ${keep}, with nothing in them."""
    connection = server.connect()
    connection.login(user, password)
    connection.ok("ENABLE UTF8=ACCEPT")
    for response in connection.ok('LIST (SUBSCRIBED) "" "*"'):
        if response.name == "LIST" and response.data[2] not in keep:
            connection.ok("UNSUBSCRIBE " + quote(response.data[2]))
    # What is below goes first.
    for name in sorted(names(connection), reverse=True):
        if name not in keep:
            connection.ok("DELETE " + quote(name))
    for name in keep:
        status, = connection.ok("STATUS %s (MESSAGES)" % quote(name))
        if status.data[1]["MESSAGES"]:
            empty(connection, name)
    connection.close()
