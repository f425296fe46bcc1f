# SPDX-License-Identifier: MIT
"""kill -9 under load: what was acknowledged is there afterwards, nothing is
half-done, `avocet check` is clean, UIDs are never used twice.

Each worker has an account, knows what it was told OK for, and at most one
command whose answer it never got: that one may have happened or not, as a
whole.  AVOCET_CRASH_ROUNDS rounds of at most AVOCET_CRASH_SECONDS;
AVOCET_CRASH_SEED repeats a run's choices (not its timing)."""

import os
import random
import re
import threading
import time

from lib.client import Closed, Silent
from lib.server import Server

ROUNDS = int(os.environ.get("AVOCET_CRASH_ROUNDS", "12"))
SEED = int(os.environ.get("AVOCET_CRASH_SEED", "0")) or random.randrange(1, 2**31)
LOAD_S = float(os.environ.get("AVOCET_CRASH_SECONDS", "2"))
WORKERS = 6
MESSAGES_MAX = 20    # in a mailbox; more are expunged now and then
MAILBOXES = ("INBOX", "Archive", "Trash")
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$Todo", "$Work")
GONE = (Closed, Silent, OSError, AssertionError)


class Box:
    """A mailbox as its worker knows it: uid -> (text, flags)."""

    def __init__(self):
        self.messages = {}
        self.last_uid = 0     # ever seen

    def copy(self):
        other = Box()
        other.messages = dict(self.messages)
        other.last_uid = self.last_uid
        return other


class Wanted:
    """What a command does if it happens: boxes after it, and messages that
    are new in them under UIDs not known yet."""

    def __init__(self, boxes):
        self.boxes = {name: box.copy() for name, box in boxes.items()}
        self.new = {name: [] for name in boxes}

    def matches(self, found):
        return all(self.box_matches(name, found[name]) for name in found)

    def box_matches(self, name, found):
        box = self.boxes[name]
        old = {uid: found[uid] for uid in found if uid <= box.last_uid}
        new = [found[uid] for uid in sorted(found) if uid > box.last_uid]
        return old == box.messages and new == self.new[name]


class Worker:
    def __init__(self, server, number):
        self.server = server
        self.random = random.Random(SEED * 1000 + number)
        self.user = server.add_user()
        self.boxes = {name: Box() for name in MAILBOXES}
        self.validity = {}
        self.count = 0
        self.acknowledged = 0
        self.pending = None    # a Wanted, while a command is under way
        self.failure = None

    # -- load -----------------------------------------------------------

    def run(self):
        try:
            session = self.server.login(self.user)
            while True:
                self.step(session)
        except GONE as gone:
            if isinstance(gone, AssertionError) and self.server.alive() \
                    and not self.server.killing:
                self.failure = gone

    def step(self, session):
        name = self.random.choice(MAILBOXES)
        session.ok(f"SELECT {name}")
        for _ in range(self.random.randrange(1, 6)):
            action = self.random.choice((
                self.append, self.append, self.multiappend, self.store,
                self.copy, self.move, self.expunge, self.deliver))
            action(session, name)
            # Only what a session has been told of can be named in it.
            session.ok("NOOP")

    def text(self):
        self.count += 1
        size = self.random.choice((10, 1000, 5000, 5000, 300000))
        return (b"Subject: %d\r\n\r\n" % self.count
                + b"0123456789abcdef " * (size // 17) + b"\r\n")

    def some_flags(self):
        return frozenset(self.random.sample(
            FLAGS, self.random.randrange(len(FLAGS))))

    def done(self):
        """The command was acknowledged, and nothing new came by it but what
        note() has been told of."""
        self.boxes = self.pending.boxes
        self.pending = None
        self.acknowledged += 1

    def note(self, name, uid, message):
        self.pending.boxes[name].messages[uid] = message
        self.pending.boxes[name].last_uid = uid

    def some_uids(self, name):
        uids = sorted(self.boxes[name].messages)
        if not uids:
            return []
        count = self.random.randrange(1, min(len(uids), 5) + 1)
        return sorted(self.random.sample(uids, count))

    def append(self, session, name, count=1):
        self.pending = Wanted(self.boxes)
        line = f"a APPEND {name}".encode()
        for _ in range(count):
            message = (self.text(), self.some_flags())
            self.pending.new[name].append(message)
            line += b" (%s) {%d+}\r\n" % (
                " ".join(message[1]).encode(), len(message[0]))
            line += message[0]
        session.send(line + b"\r\n")
        _, tagged = session.read_until("a")
        assert tagged.name == "OK", tagged
        uids = expand(re.search(rb"APPENDUID \d+ ([\d:,]+)", tagged.raw)[1])
        for uid, message in zip(uids, self.pending.new[name], strict=True):
            self.note(name, uid, message)
        self.done()

    def multiappend(self, session, name):
        self.append(session, name, self.random.randrange(2, 5))

    def store(self, session, name):
        uids = self.some_uids(name)
        if not uids:
            return
        flags = self.some_flags()
        self.pending = Wanted(self.boxes)
        for uid in uids:
            text, _ = self.boxes[name].messages[uid]
            self.pending.boxes[name].messages[uid] = (text, flags)
        session.ok(f"UID STORE {join(uids)} FLAGS.SILENT "
                   f"({' '.join(sorted(flags))})")
        self.done()

    def copy(self, session, name, verb="COPY"):
        uids = self.some_uids(name)
        target = self.random.choice(MAILBOXES)
        if not uids or (verb == "MOVE" and target == name):
            return
        self.pending = Wanted(self.boxes)
        messages = [self.boxes[name].messages[uid] for uid in uids]
        self.pending.new[target] += messages
        if verb == "MOVE":
            for uid in uids:
                del self.pending.boxes[name].messages[uid]
        untagged = session.ok(f"UID {verb} {join(uids)} {target}")
        raw = b"".join(r.raw for r in [*untagged, session.tagged])
        new = expand(re.search(rb"COPYUID \d+ [\d:,]+ ([\d:,]+)", raw)[1])
        for uid, message in zip(new, messages, strict=True):
            self.note(target, uid, message)
        self.done()

    def move(self, session, name):
        self.copy(session, name, "MOVE")

    def expunge(self, session, name):
        uids = self.some_uids(name)[:2]
        if len(self.boxes[name].messages) > MESSAGES_MAX:
            uids = sorted(self.boxes[name].messages)[:MESSAGES_MAX]
        if not uids:
            return
        self.pending = Wanted(self.boxes)
        for uid in uids:
            text, flags = self.boxes[name].messages[uid]
            self.pending.boxes[name].messages[uid] = (
                text, flags | {"\\Deleted"})
        session.ok(f"UID STORE {join(uids)} +FLAGS.SILENT (\\Deleted)")
        self.done()
        self.pending = Wanted(self.boxes)
        for uid in uids:
            del self.pending.boxes[name].messages[uid]
        session.ok(f"UID EXPUNGE {join(uids)}")
        self.done()

    def deliver(self, _session, _name):
        """By LMTP: the UID is found out after the restart or here."""
        text = self.text()
        trace = (b"Return-Path: <s@example.net>\r\nDelivered-To: <%s>\r\n"
                 % self.user.encode())
        self.pending = Wanted(self.boxes)
        self.pending.new["INBOX"].append((trace + text, frozenset()))
        with self.server.lmtp() as client:
            refused = client.sendmail("s@example.net", [self.user], text)
        assert not refused, refused
        session = self.server.login(self.user)
        found = read_box(session, "INBOX", self.validity)
        session.close()
        uid = max(found)
        assert found[uid] == (trace + text, frozenset()), "not delivered"
        self.note("INBOX", uid, (trace + text, frozenset()))
        self.done()

    # -- after the restart ----------------------------------------------

    def verify(self):
        session = self.server.login(self.user)
        found = {name: read_box(session, name, self.validity)
                 for name in MAILBOXES}
        session.close()
        before = Wanted(self.boxes)
        if not before.matches(found):
            assert self.pending is not None and self.pending.matches(found), \
                f"{self.user}: {difference(before, found)}"
        for name, messages in found.items():
            box = self.boxes[name]
            box.messages = messages
            box.last_uid = max([box.last_uid, *messages])
        self.pending = None


def join(uids):
    return ",".join(map(str, uids))


def expand(uid_set):
    uids = []
    for part in uid_set.decode().split(","):
        first, _, last = part.partition(":")
        uids += range(int(first), int(last or first) + 1)
    return uids


ITEM = re.compile(rb"\* \d+ FETCH \(UID (\d+) FLAGS \(([^)]*)\) "
                  rb"BODY\[\] (?:\{(\d+)\}\r\n|\"\")")


def read_box(session, name, validity):
    """uid -> (text, flags); the UIDVALIDITY stays what it was."""
    untagged = session.ok(f"EXAMINE {name}")
    raw = b"".join(response.raw for response in untagged)
    value = re.search(rb"UIDVALIDITY (\d+)", raw)[1]
    assert validity.setdefault(name, value) == value, "UIDVALIDITY changed"
    found = {}
    for response in session.ok("UID FETCH 1:* (UID FLAGS BODY.PEEK[])"):
        match = ITEM.match(response.raw)
        if not match:
            continue
        text = response.raw[match.end():match.end() + int(match[3])]
        flags = frozenset(match[2].decode().split()) - {"\\Recent"}
        found[int(match[1])] = (text, flags)
    return found


def difference(wanted, found):
    lines = []
    for name, messages in found.items():
        box = wanted.boxes[name]
        for uid in sorted(set(box.messages) | set(messages)):
            old, new = box.messages.get(uid), messages.get(uid)
            if old != new:
                lines.append(f"{name} {uid}: {show(old)} became {show(new)}")
    return "; ".join(lines[:10])


def show(message):
    if message is None:
        return "nothing"
    return f"({message[0][:20]!r}.., {sorted(message[1])})"


def load_until_killed(server, workers, delay):
    server.killing = False
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    time_up = threading.Event()
    time_up.wait(delay)
    server.killing = True
    server.kill()
    for thread in threads:
        thread.join()


def test_h12_kill():
    print(f"AVOCET_CRASH_SEED={SEED}")
    choices = random.Random(SEED)
    # Small segments and checkpoints, so that kills fall into them too.
    server = Server().start()
    workers = [Worker(server, number) for number in range(WORKERS)]
    began = time.monotonic()
    for number in range(ROUNDS):
        load_until_killed(server, workers, choices.uniform(0.05, LOAD_S))
        assert not server.problem(), server.problem()
        for worker in workers:
            assert worker.failure is None, worker.failure
        done = server.tool("check")
        assert done.returncode == 0, \
            f"round {number}: {done.stdout}{done.stderr}"
        server.start()
        for worker in workers:
            worker.verify()
        if number % 50 == 49:
            print(f"{number + 1} rounds", flush=True)
    server.stop()
    total = sum(worker.acknowledged for worker in workers)
    print(f"{ROUNDS} rounds, {total} acknowledged changes, "
          f"{time.monotonic() - began:.0f} s")
    assert total > 0
    server.remove()
