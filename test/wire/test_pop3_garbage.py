# SPDX-License-Identifier: MIT
"""POP3 sessions of good and bad pieces in any order, cut anywhere, by clients
that read or do not: the server lives, and serves others meanwhile.

AVOCET_GARBAGE_SECONDS: how long (5); AVOCET_GARBAGE_SEED repeats a run's
choices (not its timing)."""

import contextlib
import os
import random
import threading
import time

from lib.client import Closed, Silent
from lib.server import PASSWORD

SECONDS = float(os.environ.get("AVOCET_GARBAGE_SECONDS", "5"))
SEED = int(os.environ.get("AVOCET_GARBAGE_SEED", "0")) \
    or random.randrange(1, 2**31)
CLIENTS = 6
PIECES = [
    b"USER ", b"PASS ", b"AUTH PLAIN", b"AUTH ", b"AUTH LOGIN\r\n", b"CAPA",
    b"STLS", b"STAT", b"LIST", b"UIDL", b"RETR ", b"TOP ", b"DELE ", b"NOOP",
    b"RSET", b"QUIT", b"UTF8", b"\r\n", b"\r\n", b"\r\n", b"\r", b"\n", b"\0",
    b"1", b"2 ", b" 3", b"-1", b"4294967297", b"=", b"*\r\n", b"AGEAYg==\r\n",
    b"x" * 300, b"y" * 9000, b"\xff\xfe", b"RETR 1\r\nRETR 2\r\n",
    b"TOP 3 5\r\n", b"DELE 4\r\nRSET\r\n", b"UIDL\r\nLIST\r\n"]
GONE = (Closed, Silent, OSError, AssertionError)


def talk(dice, pop):
    """Send a dialogue in pieces of any size; read some of what comes."""
    data = b"".join(dice.choices(PIECES, k=dice.randint(1, 60)))
    while data:
        size = dice.randint(1, 400)
        pop.send(data[:size])
        data = data[size:]
        if dice.random() < 0.2:
            with contextlib.suppress(Silent):
                pop.receive(time.monotonic() + 0.01)


def disturb(server, user, number, deadline, counts):
    dice = random.Random(SEED + number)
    while time.monotonic() < deadline:
        source = "127.%d.%d.%d" % tuple(dice.randint(100, 250)
                                        for _ in range(3))
        with contextlib.suppress(*GONE):
            pop = server.pop3(listener=dice.choice(("pop3", "pop3s")),
                              source=source)
            try:
                if dice.random() < 0.7:
                    pop.login(user, PASSWORD)
                talk(dice, pop)
                counts[number] += 1
            finally:
                pop.close()


def test_garbage(server, user, source):
    client = server.login(user)
    for number in range(8):
        client.append("INBOX", b"Subject: %d\r\n\r\n" % number
                      + b".\n" * 20000 * (number % 3) + b"\r.\r" * 3)
    client.close()
    deadline = time.monotonic() + SECONDS
    counts = [0] * CLIENTS
    threads = [threading.Thread(target=disturb, args=(
        server, user, number, deadline, counts)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    other = server.add_user()
    while time.monotonic() < deadline:
        pop = server.pop3(other, source=source)
        assert pop.ok("STAT") == "0 0", "AVOCET_GARBAGE_SEED=%d" % SEED
        pop.quit()
    for thread in threads:
        thread.join()
    assert server.alive() and all(counts), "AVOCET_GARBAGE_SEED=%d" % SEED
