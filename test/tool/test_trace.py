# SPDX-License-Identifier: MIT
"""avocet trace: every line of a user's sessions, no secret, and nobody waits for
who traces."""

import base64
import contextlib
import re
import signal
import subprocess
import threading
import time

import pytest

from lib.client import Closed
from lib.server import PASSWORD, Server, program

OK, REFUSED, USAGE, UNREACHABLE = range(4)
EVENT_S = 30.0
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (\d+) "
                  r"(--|[CS][:|]) (.*)\n")
BEGINS = "-- the trace begins\n"


@pytest.fixture
def server():
    server = Server().start()
    yield server
    server.stop()
    server.remove()


class Trace:
    """A running `avocet trace`."""

    def __init__(self, server, user, *options):
        self.process = subprocess.Popen(
            [program(), "trace", user, *options, "-c", str(server.config)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.text = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.await_line(lambda line: line == BEGINS)

    def read(self):
        for line in self.process.stdout:
            self.text.append(line)

    def await_line(self, fits):
        deadline = time.monotonic() + EVENT_S
        pause = threading.Event()
        while not any(map(fits, self.text)):
            assert time.monotonic() < deadline, self.text[-20:]
            pause.wait(0.01)

    def await_text(self, text):
        self.await_line(lambda line: text in line)

    def lines(self):
        """(session, mark, text) of each line, which is whole."""
        assert self.text[0] == BEGINS
        found = [LINE.fullmatch(line) for line in self.text[1:]]
        assert None not in found, self.text
        return [match.groups() for match in found]

    def told(self):
        """Mark and text, without the sessions' numbers."""
        return ["%s %s" % line[1:] for line in self.lines()]

    def end(self):
        """By Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(EVENT_S) == -signal.SIGINT
        self.reader.join()
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        assert errors == ""
        return self


@contextlib.contextmanager
def tracing(server, user, *options):
    trace = Trace(server, user, *options)
    try:
        yield trace
    finally:
        if trace.process.poll() is None:
            trace.end()


def await_event(server, event, count=1):
    deadline = time.monotonic() + EVENT_S
    pause = threading.Event()
    while sum("event=%s " % event in line for line in server.lines) < count:
        assert time.monotonic() < deadline, server.log()
        pause.wait(0.01)


# -- what is shown -------------------------------------------------------------

def test_a_session(server):
    user = server.add_user()
    session = server.login(user)
    with tracing(server, user) as trace:
        session.ok("NOOP")
        session.append("INBOX", b"Subject: x\r\n\r\nwords\r\n")
        session.ok("SELECT INBOX")
        session.ok("FETCH 1 BODY[]")
        session.ok("LOGOUT")
        session.expect_end()
        trace.await_text("-- ends")
    told = trace.told()
    assert told[:3] == ["-- imap, 127.0.0.1, plain", "C: t2 NOOP",
                        "S: t2 OK Nothing done"], told
    at = told.index("C: t3 APPEND \"INBOX\" {21}")
    assert told[at + 1].startswith("S: + ")
    assert told[at + 2:at + 4] == ["C: (21 octets)", "C: "]
    at = told.index("S: * 1 FETCH (BODY[] {21}")
    assert told[at + 1] == "S: (21 octets)"
    assert told[at + 2].startswith("S: ") and told[at + 2].endswith(")")
    assert told[-1] == "-- ends"
    assert "words" not in "".join(trace.text)


def test_contents(server):
    user = server.add_user()
    session = server.login(user)
    message = b"Subject: x\r\n\r\n\x1b[31mred\\x1b\r\n"
    with tracing(server, user, "--contents") as trace:
        session.append("INBOX", message)
        session.ok("SELECT INBOX")
        session.ok("FETCH 1 BODY[]")
        session.ok("LOGOUT")
        trace.await_text("-- ends")
    told = trace.told()
    assert told.count("S| \\x1B[31mred\\x5Cx1b") == 1
    assert told.count("C| \\x1B[31mred\\x5Cx1b") == 1
    assert told.count("C| Subject: x") == 1 and told.count("C| ") == 1
    assert "octets)" not in "".join(trace.text)
    session.close()


def test_pop3(server):
    user = server.add_user()
    server.deliver(user, b"Subject: x\r\n\r\n.words\r\n")
    with tracing(server, user) as trace:
        session = server.pop3(user)
        size = session.sizes()[1]
        session.many("RETR 1")
        session.many("TOP 1 0")
        session.quit()
        trace.await_text("-- ends")
    told = trace.told()
    assert told[:4] == ["-- pop3, 127.0.0.1, plain", "C: LIST", "S: +OK",
                        "S: 1 %d" % size], told
    at = told.index("C: RETR 1")
    assert told[at + 1:at + 4] == [
        "S: +OK %d octets" % size, "S: (%d octets)" % (size + 1), "S: ."]
    assert re.fullmatch(r"S: \(\d+ octets\)", told[told.index("C: TOP 1 0") + 2])
    assert told[-1] == "-- ends" and told[-3] == "C: QUIT"


@pytest.mark.parametrize("when", ("before", "while"))
def test_compression_and_tls(server, when):
    """What is shown is the protocol, whatever it goes through."""
    user = server.add_user()
    session = server.login(user, "imaps")
    if when == "before":
        session.ok("COMPRESS DEFLATE")
        session.start_compression()
        session.ok("NOOP")
    with tracing(server, user) as trace:
        session.ok("NOOP")
        if when == "while":
            session.ok("COMPRESS DEFLATE")
            session.start_compression()
        session.ok("STATUS INBOX (MESSAGES)")
        session.ok("LOGOUT")
        trace.await_text("-- ends")
    told = trace.told()
    assert told[0] == "-- imap, 127.0.0.1, tls"
    assert "S: * STATUS \"INBOX\" (MESSAGES 0)" in told or \
        "S: * STATUS INBOX (MESSAGES 0)" in told, told
    assert not any("\\x" in line for line in told), told
    session.close()


def test_several_sessions(server):
    user, other = server.add_user(), server.add_user()
    first, idle = server.login(user), server.login(user)
    stranger = server.login(other)
    tag = idle.start("IDLE")
    assert idle.read().tag == "+"
    with tracing(server, user) as trace, tracing(server, user) as second:
        stranger.ok("NOOP")
        first.ok("NOOP")
        idle.send(b"DONE\r\n")
        idle.read_until(tag)
        third = server.login(user, "imaps")
        third.ok("EXAMINE INBOX")
        for each in (first, idle, third):
            each.ok("LOGOUT")
        for each in (trace, second):
            each.await_line(lambda line: sum(
                "-- ends" in each for each in trace.text) == 3)
    with tracing(server, user):
        known = server.login(user)
        known.ok("NOOP")
        number = server.tool("who").stdout.splitlines()
    by_session = {}
    for session, mark, text in trace.lines():
        by_session.setdefault(session, []).append("%s %s" % (mark, text))
    assert len(by_session) == 3
    begins = sorted(lines[1] for lines in by_session.values())
    assert begins == ["C: DONE", "C: t2 EXAMINE INBOX", "C: t2 NOOP"]
    assert all(lines[-1] == "-- ends" for lines in by_session.values())
    # The other who traces is told the same, but for who has begun before.
    assert [line for line in second.lines() if line[1] != "--"] == \
        [line for line in trace.lines() if line[1] != "--"]
    # Sessions have the numbers that `avocet who` gives.
    assert any(line.split("\t")[1] == user for line in number)
    stranger.close()
    known.close()


def test_numbers_are_those_of_who(server):
    user = server.add_user()
    session = server.login(user)
    with tracing(server, user) as trace:
        session.ok("NOOP")
        trace.await_text("Nothing done")
        line, = server.tool("who").stdout.splitlines()
    assert {number for number, _, _ in trace.lines()} == {line.split("\t")[0]}
    session.close()


def test_a_reload_between(server):
    """Sessions of any offer are seen."""
    user = server.add_user()
    with tracing(server, user) as trace:
        assert server.tool("reload").returncode == OK
        session = server.login(user)
        session.ok("NOOP")
        trace.await_text("Nothing done")
    session.close()


# -- secrets -------------------------------------------------------------------

def exchange(connection, *lines):
    """Send what may be a secret; each line is answered by a line."""
    for line in lines:
        connection.send(line + b"\r\n")
        connection.read_line(0, time.monotonic() + EVENT_S)
        connection.input.clear()


def quoted(connection, user):
    connection.login(user, PASSWORD)


def literals(connection, user):
    connection.ok("LOGIN ", user.encode(), " ", PASSWORD.encode())


def plain_at_once(connection, user):
    connection.send(b"t0 AUTHENTICATE PLAIN %s\r\n" % plain(user))
    connection.read_until("t0")


def plain_asked(connection, user):
    connection.send(b"t0 AUTHENTICATE PLAIN\r\n")
    assert connection.read().tag == "+"
    connection.send(plain(user) + b"\r\n")
    connection.read_until("t0")


def plain(user):
    return base64.b64encode(b"\0%s\0%s" % (user.encode(), PASSWORD.encode()))


def check_secrets(trace, *others):
    """No secret is in what was told, in no form."""
    text = "".join(trace.text)
    for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(),
                   *PASSWORD.split(), *others):
        assert secret not in text, secret


@pytest.mark.parametrize("way", (quoted, literals, plain_at_once, plain_asked))
def test_a_login_is_not_shown(server, way):
    user = server.add_user()
    with tracing(server, user, "--contents") as trace:
        session = server.connect()
        way(session, user)
        session.ok("NOOP")
        # Once more, by a client that has lost its place.
        with contextlib.suppress(AssertionError):
            way(session, user)
        session.input.clear()
        session.close()
        trace.await_text("-- ends")
    told = trace.told()
    assert told[0].startswith("-- imap") and told[1].endswith(" NOOP")
    assert any("***" in line for line in told), told
    check_secrets(trace, plain(user).decode())


def test_pipelined_behind_a_login(server):
    """What the server has read with the login is the first that is shown."""
    user = server.add_user()
    with tracing(server, user) as trace:
        session = server.connect()
        session.send(b'a LOGIN "%s" "%s"\r\nb NOOP\r\nc AUTHENTICATE PLAIN\r\n'
                     b"%s\r\nd LOGIN %s {7}\r\nd LOGOUT\r\n" %
                     (user.encode(), PASSWORD.encode(), plain(user),
                      user.encode()))
        session.read_until("a")
        session.read_until("b")
        session.close()
        trace.await_text("-- ends")
    told = trace.told()
    assert told[1] == "C: b NOOP"
    assert "C: c AUTHENTICATE ***" in told and "C: d LOGIN ***" in told
    check_secrets(trace, plain(user).decode())


def test_a_response_taken_for_a_tag(server):
    """The server's answer repeats what it has taken for a tag."""
    user = server.add_user()
    session = server.login(user)
    with tracing(server, user) as trace:
        exchange(session, b"x AUTHENTICATE PLAIN", plain(user), b"z NOOP")
        session.close()
        trace.await_text("-- ends")
    told = trace.told()
    assert "C: ***" in told and any(line.startswith("S: *** BAD")
                                    for line in told), told
    check_secrets(trace, plain(user).decode())


def test_pop3_secrets(server):
    user = server.add_user()
    with tracing(server, user) as trace:
        first = server.pop3(user)
        exchange(first, b"USER " + user.encode(),
                 b"PASS " + PASSWORD.encode(), b"AUTH PLAIN " + plain(user))
        first.quit()
        second = server.pop3()
        second.send(b"AUTH PLAIN\r\n")
        second.continuation()
        second.send(plain(user) + b"\r\n")
        assert second.status().ok
        exchange(second, b"AUTH PLAIN", plain(user))
        second.quit()
        trace.await_line(lambda line: sum("-- ends" in each
                                          for each in trace.text) == 2)
    told = trace.told()
    assert "C: PASS ***" in told and told.count("C: AUTH ***") == 2
    assert "C: ***" in told
    check_secrets(trace, plain(user).decode())


def test_the_password_of_an_application(server):
    user = server.add_user()
    secret = server.tool("password", "add", user, "phone").stdout.split()[-1]
    with tracing(server, user, "--contents") as trace:
        session = server.connect()
        session.login(user, secret)
        session.command('LOGIN "%s" "%s"' % (user, secret))
        session.close()
        trace.await_text("-- ends")
    check_secrets(trace, secret)


# -- who traces ----------------------------------------------------------------

def test_a_tracer_that_does_not_read(server):
    """The session is as quick as ever; what was lost is told."""
    user = server.add_user()
    session = server.login(user)
    session.append("INBOX", b"Subject: x\r\n\r\n" + b"a line of it\r\n" * 20000)
    session.ok("SELECT INBOX")
    with tracing(server, user, "--contents") as trace:
        trace.process.send_signal(signal.SIGSTOP)
        for _ in range(10):
            session.ok("FETCH 1 BODY.PEEK[]")
        trace.process.send_signal(signal.SIGCONT)
        trace.await_text("lines were not read in time and are lost")
        session.ok("NOOP")
        trace.await_text("Nothing done")
    kept = [line for line in trace.text if LINE.fullmatch(line)]
    rest = [line for line in trace.text if not LINE.fullmatch(line)][1:]
    lost = [int(re.fullmatch(r"-- (\d+) lines were not read in time and are "
                             r"lost\n", line)[1]) for line in rest]
    # Four lines of the begin, the FETCH's and the NOOP's, and the messages'.
    assert len(kept) + sum(lost) == 1 + 10 * (1 + 1 + 20002 + 2) + 2
    session.close()


def test_its_end_ends_the_trace(server):
    user = server.add_user()
    session = server.login(user)
    for count in range(1, 13):
        with tracing(server, user) as trace:
            session.ok("NOOP")
            trace.await_text("Nothing done")
        await_event(server, "trace-ended", count)
    session.ok("NOOP")
    session.close()


def test_killed_while_much_is_told(server):
    user = server.add_user()
    session = server.login(user)
    session.append("INBOX", b"Subject: x\r\n\r\n" + b"a line of it\r\n" * 20000)
    session.ok("SELECT INBOX")
    trace = Trace(server, user, "--contents")
    trace.process.send_signal(signal.SIGSTOP)
    session.ok("FETCH 1 BODY.PEEK[]")
    trace.process.kill()
    trace.process.wait()
    await_event(server, "trace-ended")
    session.ok("FETCH 1 BODY.PEEK[]")
    session.close()


def test_only_so_many(server):
    user = server.add_user()
    with contextlib.ExitStack() as stack:
        traces = [stack.enter_context(tracing(server, user))
                  for _ in range(8)]
        refused = server.tool("trace", user)
        assert refused.returncode == REFUSED and "8 traces" in refused.stderr
        # The rest of what a server is asked still goes.
        assert server.tool("who").returncode == OK
        traces[0].end()
        await_event(server, "trace-ended")
        stack.enter_context(tracing(server, user))


def test_who_is_traced(server):
    refused = server.tool("trace", "nobody")
    assert refused.returncode == REFUSED and "no user nobody" in refused.stderr
    assert server.tool("trace").returncode == USAGE


def test_without_a_server():
    server = Server()
    assert server.tool("trace", "x").returncode == UNREACHABLE
    server.remove()


def test_the_server_stops():
    server = Server().start()
    user = server.add_user()
    session = server.login(user)
    trace = Trace(server, user)
    session.ok("NOOP")
    server.stop()
    assert trace.process.wait(EVENT_S) == OK
    trace.reader.join()
    assert trace.text[-1] == "-- the server stops\n"
    session.close()
    server.remove()


def test_many_come_and_go(server):
    """Traces begin and end while sessions speak, in every order."""
    user = server.add_user()
    stop = threading.Event()
    failures = []

    def speak():
        try:
            while not stop.is_set():
                session = server.login(user)
                for _ in range(5):
                    session.ok("NOOP")
                session.append("INBOX", b"x\r\n" * 10)
                session.close()
        except (AssertionError, Closed, OSError) as failure:
            failures.append(failure)

    crowd = [threading.Thread(target=speak) for _ in range(3)]
    for thread in crowd:
        thread.start()
    for _ in range(5):
        with tracing(server, user), tracing(server, user, "--contents") as one:
            one.await_text("NOOP")
    stop.set()
    for thread in crowd:
        thread.join()
    assert failures == []
