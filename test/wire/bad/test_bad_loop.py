# SPDX-License-Identifier: MIT
"""Strangers and users who send bad input again and again, several at once, to
one server: it does not crash, it keeps no descriptor and no thread, its memory
does not grow, somebody who works there is answered all the time, and under the
address sanitizer nothing has leaked at the end.

AVOCET_BAD_SECONDS: how long for all rows together (20).  AVOCET_BAD_ROW_SECONDS:
instead, how long for each row.  AVOCET_BAD_ROWS: rows to take, as "A1 A2" (all).
Figures are printed (pytest -s)."""

import os
import queue
import random
import re
import threading
import time

from lib.bad import play
from lib.bad_inputs import INPUTS
from lib.server import Server

TOGETHER_S = float(os.environ.get("AVOCET_BAD_SECONDS", "20"))
ROW_S = float(os.environ.get("AVOCET_BAD_ROW_SECONDS", "0"))
ROWS = os.environ.get("AVOCET_BAD_ROWS", "").split()
STRANGERS = 6
WARM_ROUNDS = 2
# Memory that may come: a table of addresses fills, the allocator keeps more.
GROWTH_KB = 24 * 1024
# What is delivered stays, and is in memory until the next checkpoint, so there
# is not much of it.
LEAVES_MAIL = ("H1", "H2", "H5", "H6", "H9")
DELIVERY_REST_S = 0.5
SETTLE_S = 60
ENVIRONMENT = {"ASAN_OPTIONS": ":".join((
    os.environ.get("ASAN_OPTIONS", "halt_on_error=1"),
    "quarantine_size_mb=8"))}


def sample(server):
    """(anonymous memory in KB, descriptors, threads)"""
    folder = "/proc/%d/" % server.process.pid
    with open(folder + "status", encoding="ascii") as file:
        status = file.read()
    return (int(re.search(r"RssAnon:\s+(\d+)", status)[1]),
            len(os.listdir(folder + "fd")),
            int(re.search(r"Threads:\s+(\d+)", status)[1]))


def any_source():
    return "127.%d.%d.%d" % tuple(random.randint(2, 250) for _ in range(3))


class Strangers:
    """Take rows from a queue; each is repeated for ${seconds}."""

    def __init__(self, server, user, rows, seconds):
        self.server = server
        self.user = user
        self.seconds = seconds
        self.rows = queue.SimpleQueue()
        for row in rows:
            self.rows.put(row)
        self.counts = {}
        self.problems = []

    def repeat(self, row):
        end = time.monotonic() + self.seconds
        items = [item for item in INPUTS if item.row == row]
        count = 0
        while time.monotonic() < end or count < len(items):
            play(self.server, items[count % len(items)], any_source(),
                 self.user, proof=False)
            count += 1
            if row in LEAVES_MAIL:
                time.sleep(min(DELIVERY_REST_S, self.seconds / 10))
        self.counts[row] = count

    def work(self):
        row = None
        try:
            while True:
                row = self.rows.get_nowait()
                self.repeat(row)
        except queue.Empty:
            pass
        except Exception as problem:    # pylint: disable=broad-except
            self.problems.append((row, problem))

    def run(self):
        """Meanwhile somebody works."""
        threads = [threading.Thread(target=self.work)
                   for _ in range(STRANGERS)]
        for thread in threads:
            thread.start()
        worker = self.server.login(self.user, source="127.1.1.1")
        while any(thread.is_alive() for thread in threads):
            worker.ok("STATUS INBOX (UIDNEXT)")
            time.sleep(0.1)
        worker.close()
        assert not self.problems, self.problems
        return self.counts


def settled(server, before):
    """When connections are closed and threads that have nothing to do are
    gone."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        now = sample(server)
        if (now[1] <= before[1] and now[2] <= before[2]) \
                or time.monotonic() > deadline:
            return now
        time.sleep(0.2)


def test_bad_input_again_and_again():
    rows = ROWS or list(dict.fromkeys(item.row for item in INPUTS))
    seconds = ROW_S or TOGETHER_S * STRANGERS / len(rows)
    # It logs in far more often than an account may.
    server = Server(more="account_rate = 0;\n")
    server.environment = ENVIRONMENT
    server.start()
    try:
        user = server.add_user()
        assert server.tool("log", "level", "warn").returncode == 0
        idle = sample(server)
        for _ in range(WARM_ROUNDS):
            Strangers(server, user, rows, 0).run()
        warm = settled(server, idle)
        counts = Strangers(server, user, rows, seconds).run()
        after = settled(server, idle)
        print("\n%d rows, %.1f s each: %s" % (len(rows), seconds, counts))
        print("KB, descriptors, threads: idle %s, warm %s, after %s"
              % (idle, warm, after))
        assert not server.problem() and server.alive()
        assert after[0] - warm[0] < GROWTH_KB
        assert after[1] <= idle[1] + 2
        assert after[2] <= idle[2] + 1
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()
