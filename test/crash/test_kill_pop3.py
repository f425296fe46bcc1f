# SPDX-License-Identifier: MIT
"""kill -9 while POP3 removes: nothing that was not marked goes, all that was
marked is gone once QUIT had its +OK, and `avocet check` is clean.

AVOCET_CRASH_ROUNDS rounds; AVOCET_CRASH_SEED repeats a run's choices (not its
timing)."""

import os
import random
import time

from lib.client import Closed, Silent
from lib.server import Server

ROUNDS = int(os.environ.get("AVOCET_CRASH_ROUNDS", "12"))
SEED = int(os.environ.get("AVOCET_CRASH_SEED", "0")) or random.randrange(1, 2**31)
# Removed in more than one change, so that a part may be gone.
MESSAGES = 40000


def fill(server, user):
    """INBOX gets so many messages, by copying what is there."""
    client = server.login(user)
    client.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    client.ok("SELECT INBOX")
    count = 1
    while count < MESSAGES:
        more = min(count, MESSAGES - count)
        client.ok("COPY 1:%d INBOX" % more)
        count += more
    client.close()


def uids(server, user):
    pop = server.pop3(user)
    found = list(pop.uids().values())
    pop.close()
    return found


def mark(pop, numbers):
    """DELE of all, without waiting for each."""
    pop.send(b"".join(b"DELE %d\r\n" % number for number in numbers))
    for _ in numbers:
        assert pop.status().ok


def quit_and_kill(server, pop, delay):
    """Was QUIT answered before the server was gone?"""
    pop.start("QUIT")
    time.sleep(delay)
    server.kill()
    try:
        return pop.status().ok
    except (Closed, Silent, OSError):
        return False


def test_kill_during_update():
    dice = random.Random(SEED)
    server = Server().start()
    user = server.add_user()
    done = 0
    try:
        fill(server, user)
        before = uids(server, user)
        for _ in range(ROUNDS):
            pop = server.pop3(user)
            numbers = sorted(dice.sample(range(1, len(before) + 1),
                                         len(before) // 20))
            mark(pop, numbers)
            answered = quit_and_kill(server, pop, dice.random() * 0.15)
            pop.close()
            server.start()
            after = uids(server, user)
            marked = {before[number - 1] for number in numbers}
            kept = [uid for uid in before if uid not in marked]
            assert [uid for uid in after if uid not in marked] == kept
            if answered:
                assert after == kept
                done += 1
            before = after
        print("AVOCET_CRASH_SEED=%d: %d of %d rounds answered" %
              (SEED, done, ROUNDS))
        server.stop()
        check = server.tool("check")
        assert check.returncode == 0, check.stdout + check.stderr
    finally:
        if server.alive():
            server.kill()
        server.remove()
