# SPDX-License-Identifier: MIT
"""Several POP3 sessions, an IMAP session and deliveries on one INBOX against a
model: a maildrop is what INBOX held at login, whatever happens later; QUIT
removes what was marked in it and nothing else; what was fetched becomes \\Seen.

AVOCET_MODEL_SECONDS: how long (60, of which this takes a quarter);
AVOCET_MODEL_SEED: replay that one.  A failure names the seed."""

import os
import random
import time

import pytest

from lib.client import history
from lib.server import Server

SECONDS = float(os.environ.get("AVOCET_MODEL_SECONDS", "60")) / 4
STEPS = 300     # of one seed; then a new one
SESSIONS = 3
MESSAGES_MAX = 40


class Message:
    """One that is, or was, in INBOX."""

    def __init__(self, octets, sent):
        self.octets = octets    # as IMAP has them
        self.sent = sent        # as POP3 sends them
        self.uid = None         # its unique-id, once some session knows it
        self.seen = False

    def top(self, lines):
        """Its header, the empty line, and so many lines of its body."""
        parts = self.sent.split(b"\r\n")
        empty = parts.index(b"")
        whole = len(parts) - 1
        return b"\r\n".join(parts[:min(empty + 1 + lines, whole)]) + b"\r\n"


class Maildrop:
    """A POP3 session and what it has to see."""

    def __init__(self, connection, messages):
        self.connection = connection
        self.messages = list(messages)
        self.deleted = set()
        self.fetched = set()

    def live(self):
        return {number: message
                for number, message in enumerate(self.messages, 1)
                if number not in self.deleted}

    def any_number(self, dice):
        return dice.randint(1, len(self.messages) + 1)

    # -- steps, each checked ------------------------------------------------

    def stat(self, dice):
        del dice
        live = self.live()
        assert self.connection.ok("STAT") == "%d %d" % (
            len(live), sum(len(m.sent) for m in live.values()))

    def list(self, dice):
        del dice
        assert self.connection.sizes() == {
            number: len(m.sent) for number, m in self.live().items()}

    def uidl(self, dice):
        del dice
        uids = self.connection.uids()
        assert sorted(uids) == sorted(self.live())
        for number, uid in uids.items():
            message = self.messages[number - 1]
            assert message.uid in (None, uid)
            message.uid = uid

    def retr(self, dice):
        self.get(dice, "RETR %d", lambda message: message.sent)

    def top(self, dice):
        lines = dice.randint(0, 4)
        self.get(dice, "TOP %%d %d" % lines,
                 lambda message: message.top(lines))

    def get(self, dice, command, want):
        number = self.any_number(dice)
        if number not in self.live():
            self.connection.err(command % number)
            return
        assert self.connection.many(command % number) \
            == want(self.messages[number - 1])
        if command.startswith("RETR"):
            self.fetched.add(number)

    def dele(self, dice):
        number = self.any_number(dice)
        if number in self.live():
            self.connection.ok("DELE %d" % number)
            self.deleted.add(number)
        else:
            self.connection.err("DELE %d" % number)

    def rset(self, dice):
        del dice
        self.connection.ok("RSET")
        self.deleted.clear()

    STEPS = {"stat": 4, "list": 3, "uidl": 4, "retr": 12, "top": 6, "dele": 8,
             "rset": 1}

    def step(self, dice):
        name, = dice.choices(list(self.STEPS), list(self.STEPS.values()))
        getattr(self, name)(dice)
        return name


class World:
    def __init__(self, server, seed):
        self.server = server
        self.dice = random.Random(seed)
        self.user = server.add_user()
        self.inbox = []         # Messages, in the order of UIDs
        self.count = 0
        self.trace = []
        self.imap = server.login(self.user)
        self.imap.ok("SELECT INBOX")
        self.drops = [self.open() for _ in range(SESSIONS)]

    def open(self):
        return Maildrop(self.server.pop3(self.user), self.inbox)

    def close(self):
        self.imap.close()
        for drop in self.drops:
            drop.connection.close()

    # -- steps --------------------------------------------------------------

    def append(self):
        self.count += 1
        lines = [self.dice.choice([b"", b".", b"..", b".x", b"x",
                                   b"y" * self.dice.randint(1, 40000)])
                 for _ in range(self.dice.randint(0, 5))]
        end = self.dice.choice([b"\r\n", b"\r\n", b"\r\n", b"\n"])
        head = b"Subject: %d\r\n\r\n" % self.count
        body = end.join(lines)
        sent = head + b"\r\n".join(lines)
        if not sent.endswith(b"\r\n"):
            sent += b"\r\n"
        self.imap.append("INBOX", head + body)
        self.inbox.append(Message(head + body, sent))

    def expunge(self):
        if self.inbox:
            number = self.dice.randint(1, len(self.inbox))
            self.imap.ok("NOOP")
            self.imap.ok("STORE %d +FLAGS.SILENT (\\Deleted)" % number)
            self.imap.ok("EXPUNGE")
            del self.inbox[number - 1]

    def quit(self):
        """One session ends well, and another begins."""
        at = self.dice.randrange(SESSIONS)
        drop = self.drops[at]
        drop.connection.quit()
        gone = [drop.messages[number - 1] for number in drop.deleted]
        self.inbox = [m for m in self.inbox if m not in gone]
        for number in drop.fetched:
            drop.messages[number - 1].seen = True
        self.drops[at] = self.open()

    def cut(self):
        """One is cut off: nothing of it is left."""
        at = self.dice.randrange(SESSIONS)
        self.drops[at].connection.close()
        self.drops[at] = self.open()

    def look(self):
        """INBOX as IMAP sees it."""
        self.imap.ok("NOOP")
        found = [(r.data["BODY[]"], "\\Seen" in r.data["FLAGS"])
                 for r in self.imap.ok("UID FETCH 1:* (FLAGS BODY.PEEK[])")
                 if r.name == "FETCH"] if self.inbox else []
        assert found == [(m.octets, m.seen) for m in self.inbox]

    STEPS = {"append": 6, "expunge": 3, "quit": 3, "cut": 1, "look": 1}

    def step(self):
        if self.dice.random() < 0.7:
            drop = self.dice.choice(self.drops)
            self.trace.append(drop.step(self.dice))
            return
        name, = self.dice.choices(list(self.STEPS), list(self.STEPS.values()))
        if name == "append" and len(self.inbox) >= MESSAGES_MAX:
            name = "expunge"
        self.trace.append(name)
        getattr(self, name)()


def run_seed(server, seed, deadline):
    world = World(server, seed)
    try:
        for _ in range(STEPS):
            world.step()
            if time.monotonic() > deadline:
                break
        world.look()
    except Exception as problem:
        pytest.fail("AVOCET_MODEL_SEED=%d: %s: %s\n%s\n%s" % (
            seed, type(problem).__name__, problem, " ".join(world.trace),
            "\n\n".join(history(c, 6)[-2000:] for c in
                        (world.imap, *(d.connection for d in world.drops)))))
    finally:
        world.close()


def test_pop3_model():
    server = Server().start()
    deadline = time.monotonic() + SECONDS
    try:
        if "AVOCET_MODEL_SEED" in os.environ:
            run_seed(server, int(os.environ["AVOCET_MODEL_SEED"]),
                     deadline + 600)
        while time.monotonic() < deadline:
            run_seed(server, random.randrange(2**32), deadline)
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()
