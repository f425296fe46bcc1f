# SPDX-License-Identifier: MIT
"""The benchmark's load generator: each scenario runs against the server, small,
and a wrong answer of whatever kind ends it."""

import contextlib
import pathlib
import re
import socket
import subprocess
import threading

import pytest

from lib.server import PASSWORD, Server, program

USERS = 4
MESSAGES = 220
SIZE = 2048
TIMEOUT_S = 120


@pytest.fixture(scope="module", name="mail")
def mail_fixture():
    server = Server().start()
    for number in range(USERS):
        server.add_user(f"bench{number}")
    server.add_user("liar0")
    yield server
    server.stop()
    server.remove()


def bench(server, scenario, imap=None, lmtp=None, **keys):
    """Run the load generator; ${imap} and ${lmtp} are others than the
    server's own."""
    where = {"imap": imap or server.addresses["imap"],
             "imaps": server.addresses["imaps"],
             "lmtp": lmtp or server.addresses["lmtp"]}
    keys = {"pid": server.process.pid, "password": PASSWORD,
            "messages": MESSAGES, "size": SIZE, "seconds": 1,
            **{name: "%s:%d" % each for name, each in where.items()}, **keys}
    return subprocess.run(
        [str(pathlib.Path(program()).with_name("avocet-bench")), scenario,
         *(f"{name}={value}" for name, value in keys.items())],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def measures(done):
    assert done.returncode == 0, (done.stdout, done.stderr)
    return {name: float(value) for name, value in (
        line.split("\t") for line in done.stdout.splitlines())}


def expect_measures(done, *names):
    found = measures(done)
    assert set(names) <= set(found), found
    return found


# -- what is right ---------------------------------------------------------

def test_big(mail):
    expect_measures(bench(mail, "load", mailbox="whole", batch=50),
                    "multiappend.per_s", "multiappend.cpu_us")
    for scenario, names in (
            ("open", ("select.cold.ms", "select.warm.ms")),
            ("fetch", ("fetch.flags.ms", "fetch.envelope.ms",
                       "fetch.bodystructure.ms", "fetch.headers.ms",
                       "fetch.bodies.ms", "fetch.bodies_tls.ms")),
            ("status", ("status.ms",)),
            ("store", ("store.one.ms", "store.all.ms")),
            ("copy", ("copy.ms", "move.ms", "expunge.ms"))):
        expect_measures(bench(mail, scenario, mailbox="whole"), *names)


def test_rest(mail):
    assert expect_measures(bench(mail, "rest"),
                           "rest.pss_kb")["rest.pss_kb"] > 0


def test_mixed(mail):
    found = expect_measures(
        bench(mail, "mixed", connections=8, users=USERS),
        "mixed.8.per_s", "mixed.8.p99_us", "mixed.8.cpu_us", "mixed.8.pss_kb")
    assert found["mixed.8.per_s"] > 0


@pytest.mark.parametrize("tls", ["none", "full", "resumed"])
def test_login(mail, tls):
    found = expect_measures(
        bench(mail, "login", tls=tls, connections=4, users=USERS),
        f"login.{tls}.per_s", f"login.{tls}.cpu_us")
    assert found.get("login.resumed.share_percent", 100) == 100


@pytest.mark.parametrize("via", ["lmtp", "append"])
def test_deliver(mail, via):
    expect_measures(bench(mail, "deliver", via=via, connections=4,
                          users=USERS), f"{via}.2k.4.per_s")


@pytest.mark.parametrize("tls", ["none", "full"])
def test_idle(mail, tls):
    expect_measures(bench(mail, "idle", tls=tls, connections=20),
                    f"idle.{tls}.bytes", f"idle.{tls}.told_ms")
    assert f"idle.{tls}.told_ms" not in measures(
        bench(mail, "idle", tls=tls, connections=1, deliveries=0))


def test_huge(mail):
    expect_measures(bench(mail, "huge", size=3_000_000),
                    *(f"huge.{what}.{unit}"
                      for what in ("append", "lmtp", "fetch")
                      for unit in ("ms", "extra_kb")))


def test_command_line(mail):
    assert bench(mail, "nonsense").returncode == 2
    assert bench(mail, "rest", nonsense=1).returncode == 2
    assert bench(mail, "rest", size="x").returncode == 2


# -- what is wrong ---------------------------------------------------------

class Liar:
    """Stands between the load generator and the server, and changes what the
    server says, line by line."""

    def __init__(self, server, change):
        self.server = server
        self.change = change
        self.changed = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.threads = []

    def __enter__(self):
        self.start(self.accept)
        return self

    def __exit__(self, *_):
        # A blocked accept() ends with shutdown(), not with close().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def start(self, what, *words):
        thread = threading.Thread(target=what, args=words, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.server)
                for each in client, server:
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.start(self.pass_on, client, server, lambda line: line)
                self.start(self.pass_on, server, client, self.lie)

    def lie(self, line):
        told = self.change(line)
        if told != line:
            self.changed.set()
        return told

    @staticmethod
    def pass_on(giver, taker, change):
        with contextlib.suppress(OSError), giver.makefile("rb") as lines:
            for line in lines:
                taker.sendall(change(line))
        with contextlib.suppress(OSError):
            taker.shutdown(socket.SHUT_RDWR)


def replaced(pattern, by):
    return lambda line: re.sub(pattern, by, line)


# Scenario, what is said in place of what, and what the load generator says of
# it.
LIES = {
    "a message is left out": (
        "fetch", rb"^\* 7 FETCH .*\r\n", b"", "out of order"),
    "the last message is left out": (
        "fetch", rb"^\* %d FETCH .*\r\n" % MESSAGES, b"", "219 of 220"),
    "a message comes twice": (
        "fetch", rb"^(\* 7 FETCH .*\r\n)", rb"\1\1", "out of order"),
    "an item is missing": (
        "fetch", rb"^\* 7 FETCH .*\r\n", b"* 7 FETCH (UID 7)\r\n",
        "not what was asked for"),
    "an envelope is another's": (
        "fetch", rb"^(\* 7 FETCH .ENVELOPE .*)<7\.", rb"\1<8.", "message-id"),
    "a body differs in an octet": (
        "fetch", rb"^MIME-Version: 1\.0\r\n", b"MIME-Version: 1.1\r\n",
        "body"),
    "a header field differs": (
        "fetch", rb"^To: ", b"Tp: ", "header"),
    "something is told that nobody asked for": (
        "fetch", rb"^(b\d+ OK .*\r\n)", rb"* SEARCH 7\r\n\1",
        "not asked for"),
    "a command is refused": (
        "fetch", rb"^(b\d+) OK ", rb"\1 NO ", "NO"),
    "messages are missing": (
        "open", rb"^\* %d EXISTS" % MESSAGES, b"* 219 EXISTS", "EXISTS"),
    "sizes do not add up": (
        "status", rb"SIZE (\d+)", rb"SIZE \g<1>0", "SIZE"),
    "messages are not counted": (
        "status", rb"MESSAGES \d+", b"MESSAGES 1", "MESSAGES"),
    "a flag was not set": (
        "store", rb"\\Flagged ?(.*\* ?)?", rb"", "flag"),
    "an expunge is not told": (
        "copy", rb"^\* 1 EXPUNGE\r\n", b"", "expunges"),
    "a UID is another's": (
        "mixed", rb"^(\* \d+ FETCH .*UID )\d+", rb"\g<1>99999", "UID"),
    "a delivery is nowhere": (
        "deliver", rb"^\* \d+ EXISTS", b"* 1 EXISTS", "messages, not"),
    "APPEND tells no UID": (
        "deliver via=append", rb"\[APPENDUID [^]]*\] ", b"", "APPENDUID"),
}


@pytest.mark.parametrize("lie", LIES)
def test_wrong(mail, lie):
    words, pattern, by, reason = LIES[lie]
    scenario, *keys = words.split()
    mailbox = "lie%d" % list(LIES).index(lie)
    measures(bench(mail, "load", user="liar", mailbox=mailbox))
    with Liar(mail.addresses["imap"], replaced(pattern, by)) as liar:
        done = bench(mail, scenario, imap=liar.address, user="liar",
                     mailbox=mailbox, **dict(key.split("=") for key in keys))
    assert liar.changed.is_set()
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stderr.startswith("avocet-bench: "), done.stderr
    assert reason in done.stderr


def test_refused_delivery(mail):
    with Liar(mail.addresses["lmtp"],
              replaced(rb"^250 2.1.5", b"550 5.1.1")) as liar:
        done = bench(mail, "deliver", lmtp=liar.address)
    assert liar.changed.is_set()
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "550" in done.stderr
