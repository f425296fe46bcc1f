# SPDX-License-Identifier: MIT
"""Speed, guarded by what does not depend on the machine's load: instructions
(callgrind) and system calls (strace) of one operation.

What is counted is the difference between many operations and few, so that
nothing of the server's start is in it.  The bounds are what was measured and a
quarter more; lower them when something gets faster.  AVOCET_PROGRAM must be
built as it is for use, without sanitizers."""

import collections
import contextlib
import re
import subprocess
import tempfile

import pytest

from lib.server import Server

MESSAGES = 2000
MANY, FEW = 60, 10
TEXT = (b"From: Ada <ada@example.org>\r\nTo: bela@example.org\r\n"
        b"Subject: the plan for today\r\nDate: Sun, 13 Sep 2020 12:26:40 +0000"
        b"\r\nMessage-ID: <1@example.org>\r\n\r\n"
        + b"What is to be done.\r\n" * 190)


class Watched(Server):
    """A server below a program that counts."""

    def __init__(self, *words):
        super().__init__()
        self.counts = tempfile.NamedTemporaryFile()
        self.under = [word.replace("FILE", self.counts.name)
                      for word in words]
        self.user = self.add_user()
        self.start()

    def text(self):
        with open(self.counts.name, encoding="utf-8") as file:
            return file.read()


class Callgrind(Watched):
    def __init__(self):
        super().__init__("valgrind", "--quiet", "--tool=callgrind",
                         "--callgrind-out-file=FILE",
                         "--combine-dumps=yes")

    def count(self):
        """Instructions since the last time."""
        subprocess.run(["callgrind_control", "--dump",
                        str(self.process.pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(re.findall(r"(?m)^(?:summary|totals): (\d+)",
                              self.text())[-1])


@contextlib.contextmanager
def session(server):
    connection = server.login(server.user)
    yield connection
    connection.close()


def repeat(connection, command, times):
    for _ in range(times):
        connection.ok(command)


@pytest.fixture(scope="module")
def callgrind():
    server = Callgrind()
    with session(server) as connection:
        for first in range(0, MESSAGES, 500):
            connection.send(b"m APPEND INBOX" + b"".join(
                b" (\\Seen) {%d+}\r\n" % len(TEXT) + TEXT
                for _ in range(first, first + 500)) + b"\r\n")
            assert connection.read_until("m")[1].name == "OK"
    # What is pending goes to the index now, and not while others are counted.
    server.stop()
    server.start()
    yield server
    server.stop()
    server.remove()


def instructions(server, operation, many=MANY, few=FEW):
    """Of one operation; ${operation}(connection, times) does some."""
    with session(server) as connection:
        connection.ok("SELECT INBOX")
        operation(connection, few)
        server.count()
        operation(connection, few)
        small = server.count()
        operation(connection, many)
        large = server.count()
    return (large - small) / (many - few)


def pipelined(connection, command, times):
    """So that the client's pace does not count."""
    connection.send(b"".join(b"p%d %s\r\n" % (i, command)
                             for i in range(times)))
    for i in range(times):
        assert connection.read_until("p%d" % i)[1].name == "OK"


def fetch(items):
    """FETCH, counted by message."""
    def operation(connection, times):
        connection.send(b"f FETCH 1:%d (%s)\r\n" % (times, items))
        untagged, tagged = connection.read_until("f")
        assert tagged.name == "OK" and len(untagged) == times
    return operation


def each(command):
    return lambda connection, times: pipelined(connection, command, times)


def append(connection, times):
    connection.send(b"a APPEND Other" + b"".join(
        b" {%d+}\r\n" % len(TEXT) + TEXT for _ in range(times)) + b"\r\n")
    assert connection.read_until("a")[1].name == "OK"


def log_in(server):
    def operation(_, times):
        for _ in range(times):
            with session(server) as connection:
                connection.ok("SELECT INBOX")
                connection.ok("LOGOUT")
    return operation


def deliver(server):
    def operation(_, times):
        with contextlib.closing(server.lmtp()) as client:
            for _ in range(times):
                assert not client.sendmail("a@example.org", [server.user],
                                           TEXT)
    return operation


INSTRUCTIONS = [
    ("FLAGS of a message", fetch(b"FLAGS"), 1000, 900),
    ("ENVELOPE of a message", fetch(b"ENVELOPE"), 1000, 2900),
    ("BODYSTRUCTURE of a message", fetch(b"BODYSTRUCTURE"), 1000, 2900),
    ("fields of a message",
     fetch(b"BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE)]"), 1000, 2800),
    ("octets of a message", fetch(b"BODY.PEEK[]"), 300, 30000),
    ("NOOP", each(b"NOOP"), MANY, 4500),
    ("STATUS", each(b"STATUS Other (MESSAGES UNSEEN SIZE)"), MANY, 20000),
    ("STORE of one flag", each(b"STORE 7 FLAGS.SILENT (\\Flagged)"), MANY, 75000),
    ("a message of a long APPEND", append, 300, 90000),
]
WHOLE = [
    ("a session", log_in, 130000),
    ("an LMTP delivery", deliver, 210000),
]


@pytest.mark.parametrize("name,operation,many,most", INSTRUCTIONS,
                         ids=[row[0] for row in INSTRUCTIONS])
def test_instructions(callgrind, name, operation, many, most):
    with session(callgrind) as connection:
        connection.command("CREATE Other")
    count = instructions(callgrind, operation, many)
    print(f"{name}: {count:.0f} instructions")
    assert count < most


@pytest.mark.parametrize("name,operation,most", WHOLE,
                         ids=[row[0] for row in WHOLE])
def test_instructions_of_a_connection(callgrind, name, operation, most):
    count = instructions(callgrind, operation(callgrind))
    print(f"{name}: {count:.0f} instructions")
    assert count < most


# -- system calls -----------------------------------------------------------

class Strace(Watched):
    def __init__(self):
        super().__init__("strace", "-D", "-f", "-qq", "-o", "FILE")

    def count(self):
        """Names of the system calls since the last time."""
        text = self.text()
        lines = text[getattr(self, "seen", 0):].splitlines()
        self.seen = len(text)
        return [found[1] for found in
                (re.match(r"\d+ +(\w+)\(", line) for line in lines) if found]


@pytest.fixture(scope="module")
def strace():
    server = Strace()
    yield server
    server.stop()
    server.remove()


def one_by_one(command):
    return lambda connection, times: repeat(connection, command, times)


# A read, a write, an epoll re-arm and a wait; on a busy machine a worker that
# is woken, too.
SYSTEM_CALLS = [
    ("NOOP", one_by_one("NOOP"), 6),
    ("STATUS", one_by_one("STATUS Other (MESSAGES UNSEEN SIZE)"), 6),
    ("FETCH of flags", one_by_one("FETCH 1 (FLAGS)"), 6),
]


@pytest.mark.parametrize("name,operation,most", SYSTEM_CALLS,
                         ids=[row[0] for row in SYSTEM_CALLS])
def test_system_calls(strace, name, operation, most):
    with session(strace) as connection:
        connection.append("INBOX", TEXT)
        connection.command("CREATE Other")
        connection.ok("SELECT INBOX")
        operation(connection, FEW)
        strace.count()
        operation(connection, MANY)
        calls = strace.count()
    print(name, collections.Counter(calls))
    assert len(calls) / MANY <= most


def test_syncs(strace):
    """What is acknowledged is on the disk, with one sync a delivery when they
    come one at a time."""
    strace.count()
    deliver(strace)(None, MANY)
    calls = strace.count()
    syncs = calls.count("fdatasync") + calls.count("fsync")
    print(collections.Counter(calls))
    assert MANY <= syncs <= MANY + 5
