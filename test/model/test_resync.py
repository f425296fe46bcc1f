# SPDX-License-Identifier: MIT
"""Clients that are cut off and come back with QRESYNC must know afterwards what
a full FETCH says (RFC 7162), whatever others did meanwhile and however far the
last connection came.

AVOCET_RESYNC_ROUNDS: how many (10000); AVOCET_RESYNC_SEED: replay that one."""

import os
import random
import threading

import pytest

from cache import Cache, Client, Cut
from lib.client import Closed, history
from lib.server import Server

ROUNDS = int(os.environ.get("AVOCET_RESYNC_ROUNDS", "10000"))
SEED_ROUNDS = 250       # of one account
MAIL = b"Subject: x\r\n\r\nx\r\n"
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "$Forwarded", "Later")
LEAST, MOST = 5, 60     # messages


class Other:
    """Changes the mailbox, as another client would."""

    def __init__(self, connection, rng):
        self.connection = connection
        self.rng = rng
        self.size = 0
        connection.ok("SELECT INBOX")

    def some(self):
        numbers = {self.rng.randint(1, self.size) for _ in range(3)}
        return ",".join(str(number) for number in numbers)

    def append(self):
        flags = self.rng.sample(FLAGS, self.rng.randint(0, 2))
        self.connection.append("INBOX", MAIL, "(%s)" % " ".join(flags))

    def step(self):
        untagged = self.connection.ok("NOOP")
        for response in untagged:
            if response.name == "EXISTS":
                self.size = response.number
            elif response.name == "EXPUNGE":
                self.size -= 1
        if self.size < LEAST:
            self.append()
            return
        act = self.rng.choice(("append", "store", "store", "expunge", "move"))
        if act == "append" and self.size < MOST:
            self.append()
        elif act == "store":
            self.connection.command("STORE %s %sFLAGS.SILENT (%s)" % (
                self.some(), self.rng.choice(("", "+", "-")),
                self.rng.choice(FLAGS)))
        elif act == "move":
            self.size -= sum(
                response.name == "EXPUNGE" for response in
                self.connection.command('MOVE %s "Trash"' % self.some())[0])
        else:
            self.connection.command(
                "STORE %s +FLAGS.SILENT (\\Deleted)" % self.some())
            for response in self.connection.command("EXPUNGE")[0]:
                if response.name == "EXPUNGE":
                    self.size -= 1
                elif response.name == "EXISTS":
                    self.size = response.number

    def everything(self):
        """UID to flags, by a full fetch."""
        self.connection.ok("SELECT INBOX")
        fetched = self.connection.ok("UID FETCH 1:* (FLAGS)")
        found = {response.data["UID"]:
                 set(response.data["FLAGS"]) - {"\\Recent"}
                 for response in fetched if response.name == "FETCH"}
        self.size = len(found)
        return found


def act(client, rng):
    """What a client does while it is connected."""
    cache = client.cache
    uids = sorted(cache.flags)
    what = rng.choice(("noop", "new", "store", "unchanged", "number", "uid"))
    if what == "noop" or not uids:
        client.run("NOOP")
    elif what == "new":
        client.fetch_new()
    elif what == "number" and client.exists > 0:
        # Expunges may not be told now.
        client.run("FETCH 1:%d (UID FLAGS MODSEQ)" %
                   rng.randint(1, client.exists))
    elif what == "uid":
        client.run("UID FETCH 1:%d (FLAGS) (CHANGEDSINCE %d VANISHED)" %
                   (max(cache.known, 1), max(cache.modseq, 1)))
    else:
        # It is told the flags, since it does not compute what they become.
        since = "" if what == "store" else \
            "(UNCHANGEDSINCE %d) " % max(cache.modseq, 1)
        client.run("UID STORE %d %s%sFLAGS (%s)" % (
            rng.choice(uids), since, rng.choice("+-"), rng.choice(FLAGS)))


def connect(server, user, cache, rng):
    left = rng.choice((1000000, rng.randint(3, 40)))
    return Client(cache, server.login(user), left)


def known_words(client, rng):
    return rng.choice(("", "", " 1:%d" % max(client.cache.known, 1),
                       client.match_data()))


def live(server, user, cache, rng):
    """One connection, which may be cut at any response."""
    client = connect(server, user, cache, rng)
    try:
        client.select(known_words(client, rng))
        client.fetch_new()
        for _ in range(rng.randint(0, 6)):
            act(client, rng)
    except Cut:
        pass
    finally:
        client.close()


def settle(server, user, cache):
    """One that is not cut, and gets all there is."""
    client = Client(cache, server.login(user), 1000000)
    client.select()
    client.fetch_new()
    client.close()


class Crowd(threading.Thread):
    def __init__(self, other, steps):
        super().__init__()
        self.other = other
        self.steps = steps
        self.failure = None

    def run(self):
        try:
            for _ in range(self.steps):
                self.other.step()
        except (AssertionError, Closed, OSError) as failure:
            self.failure = failure


def one_round(server, user, cache, other, rng):
    crowd = Crowd(other, rng.randint(0, 4))
    crowd.start()
    try:
        live(server, user, cache, rng)
    finally:
        crowd.join()
    assert crowd.failure is None, crowd.failure
    settle(server, user, cache)
    expected = other.everything()
    assert cache.flags == expected, "the client has %r, there is %r" % (
        {uid: flags for uid, flags in cache.flags.items()
         if expected.get(uid) != flags},
        {uid: flags for uid, flags in expected.items()
         if cache.flags.get(uid) != flags})


def run_seed(server, seed, rounds):
    rng = random.Random(seed)
    user = server.add_user()
    connection = server.login(user)
    other = Other(connection, random.Random(seed + 1))
    cache = Cache()
    number = 0
    try:
        for number in range(rounds):
            one_round(server, user, cache, other, rng)
            del connection.log[:-40]
    except AssertionError as problem:
        pytest.fail("AVOCET_RESYNC_SEED=%d, round %d: %s\n%s\n%s" % (
            seed, number, problem, history(connection), server.problem()),
            pytrace=False)
    finally:
        connection.close()


def test_a_client_that_comes_back_knows_all():
    server = Server().start()
    try:
        if "AVOCET_RESYNC_SEED" in os.environ:
            run_seed(server, int(os.environ["AVOCET_RESYNC_SEED"]), SEED_ROUNDS)
        else:
            for _ in range(0, ROUNDS, SEED_ROUNDS):
                run_seed(server, random.randrange(2**32), SEED_ROUNDS)
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()
