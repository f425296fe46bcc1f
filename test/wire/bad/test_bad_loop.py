# SPDX-License-Identifier: MIT
"""Strangers and users who send bad input again and again, several at once, to
servers: these do not crash, they keep no descriptor and no thread, their memory
does not grow, somebody who works there is answered all the time, and under the
address sanitizer nothing has leaked at the end.

AVOCET_BAD_SECONDS: how long for all rows together (15).  AVOCET_BAD_ROW_SECONDS:
instead, how long for each row, and each example of a row comes at least once.
AVOCET_BAD_ROWS: rows to take, as "A1 A2" (all).  Figures are printed (pytest
-s).

What was measured of a release build (RssAnon at rest, all threads that rest
gone). Two strangers with the inputs that leave no mail: 4.9 MB after 10 s, 6.7
after one minute, 7.4 after four, 7.5 after seven, 7.55 after ten and 3200
inputs. Mail that comes and goes is pending until a checkpoint, which is due at 2
MB a shard. Six strangers with the rows of LMTP: 17.6 MB after one minute and
8600 inputs, 22.8 after two, 25.9 after four, 25.7 after eight, 26.6 after eleven
and 70,000. All rows, each for a minute, 337,000 inputs: 8.2 MB when each had come
once, 29.9 at the end."""

import itertools
import os
import pathlib
import queue
import random
import re
import tempfile
import threading
import time

from lib import bad_boxes, bad_messages     # pylint: disable=unused-import # noqa: F401
from lib.bad import DIALOGUES, Dialogue, names, tidy
from lib.bad_dialogues import CHEAP_USERS, PROXIED, trusting
from lib.bad_inputs import INPUTS
from lib.certificates import Authority
from lib.server import Server, program

TOGETHER_S = float(os.environ.get("AVOCET_BAD_SECONDS", "15"))
ROW_S = float(os.environ.get("AVOCET_BAD_ROW_SECONDS", "0"))
ROWS = os.environ.get("AVOCET_BAD_ROWS", "").split()
STRANGERS = 6
# Failed logins are answered late, so that these rows take long, and begin.
SLOW = ("A20", "C4", "C5", "C8", "C10", "C12", "C13")
# Memory that may come: a table of addresses fills, more is pending.  With the
# address sanitizer small pieces, which that is made of, take three times as much.
GROWTH_KB = 24 * 1024
SANITIZER = b"__asan_init"
SANITIZER_FACTOR = 3
SETTLE_S = 60
ENVIRONMENT = {"ASAN_OPTIONS": ":".join((
    os.environ.get("ASAN_OPTIONS", "halt_on_error=1"),
    "quarantine_size_mb=8"))}


def is_segment(descriptor):
    """The store keeps files of its own open, up to a number."""
    try:
        name = os.path.basename(os.readlink(descriptor))
    except FileNotFoundError:       # closed meanwhile
        return False
    return name.startswith(("log-", "blob-"))


def sample(server):
    """(anonymous memory in KB, descriptors, threads)"""
    folder = pathlib.Path("/proc/%d" % server.process.pid)
    status = (folder / "status").read_text(encoding="ascii")
    return (int(re.search(r"RssAnon:\s+(\d+)", status)[1]),
            sum(not is_segment(file) for file in (folder / "fd").iterdir()),
            int(re.search(r"Threads:\s+(\d+)", status)[1]))


def any_source():
    return "127.%d.%d.%d" % tuple(random.randint(10, 250) for _ in range(3))


class Stranger:
    """Takes rows from a queue, and has an account on each server."""

    def __init__(self, servers):
        self.servers = servers
        self.users = [server.add_user(usual=True) for server in servers]
        connection = servers[0].login(self.users[0])
        self.boxes = names(connection)
        connection.close()

    def play(self, item):
        strict = item.strict
        server, user = self.servers[strict], self.users[strict]
        item.repeat(server, any_source(), user)
        # What was delivered or made is not to be what grows.
        if not strict and (isinstance(item, Dialogue)
                           or item.where.startswith("lmtp")):
            tidy(server, user, self.boxes)

    def repeat(self, row, seconds):
        """Each is repeated for so long; in no time, every input comes once.
        How often there was one."""
        end = time.monotonic() + seconds
        whole = [item for item in INPUTS if item.row == row]
        talks = [item for item in DIALOGUES if item.row == row]
        random.shuffle(talks)
        least = len(whole) + len(talks) if ROW_S else 1
        if not seconds:
            least = max(least, len(whole))
        items = itertools.cycle(whole + talks)
        count = 0
        while time.monotonic() < end or count < least:
            self.play(next(items))
            count += 1
        return count

    def work(self, rows, seconds, counts, problems):
        row = None
        try:
            while True:
                row = rows.get_nowait()
                counts[row] = self.repeat(row, seconds)
        except queue.Empty:
            pass
        except Exception as problem:    # pylint: disable=broad-except
            problems.append((row, repr(problem)))


def run(strangers, rows, seconds):
    """Meanwhile somebody works.  How often each row was played."""
    left = queue.SimpleQueue()
    for row in rows:
        left.put(row)
    counts, problems = {}, []
    threads = [threading.Thread(target=stranger.work, args=(
        left, seconds, counts, problems)) for stranger in strangers]
    for thread in threads:
        thread.start()
    worker = strangers[0].servers[0].login("worker", source="127.1.1.1")
    while any(thread.is_alive() for thread in threads):
        worker.ok("STATUS INBOX (UIDNEXT)")
        time.sleep(0.1)
    worker.close()
    assert not problems, problems
    return counts


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


def prepared(folder):
    """A server that all dialogues but the strict ones can be had with, and one
    for these."""
    users = folder / "users"
    users.write_text(CHEAP_USERS)
    users.chmod(0o600)
    authority = Authority(folder)
    # They log in far more often than an account may.
    one = Server(listeners=PROXIED, more='account_rate = 0;\n'
                 'passwd_file = "%s";\n' % users + trusting(authority))
    one.authority = authority
    return [one, Server("never", more="account_rate = 0;\n")]


def check_again_and_again(servers):
    rows = ROWS or list(dict.fromkeys(
        item.row for item in [*INPUTS, *DIALOGUES]))
    rows.sort(key=lambda row: row not in SLOW)
    seconds = ROW_S or TOGETHER_S * STRANGERS / len(rows)
    strangers = [Stranger(servers) for _ in range(STRANGERS)]
    servers[0].add_user("worker")
    for server in servers:
        assert server.tool("log", "level", "warn").returncode == 0
    idle = [sample(server) for server in servers]
    began = time.monotonic()
    run(strangers, rows, 0)
    warm = [settled(*pair) for pair in zip(servers, idle)]
    counts = run(strangers, rows, seconds)
    after = [settled(*pair) for pair in zip(servers, idle)]
    print("\n%d rows, %.1f s each, %.0f s in all: %s"
          % (len(rows), seconds, time.monotonic() - began, counts))
    print("KB, descriptors, threads: idle %s, warm %s, after %s"
          % (idle, warm, after))
    sanitized = SANITIZER in pathlib.Path(program()).read_bytes()
    most_kb = GROWTH_KB * (SANITIZER_FACTOR if sanitized else 1)
    for server, *found in zip(servers, idle, warm, after):
        assert not server.problem() and server.alive()
        assert found[2][0] - found[1][0] < most_kb
        assert found[2][1] <= found[0][1] + 2
        assert found[2][2] <= found[0][2] + 1
        server.stop()


def test_bad_input_again_and_again():
    with tempfile.TemporaryDirectory() as folder:
        servers = prepared(pathlib.Path(folder))
        try:
            for server in servers:
                server.environment = ENVIRONMENT
                server.start()
            check_again_and_again(servers)
        finally:
            for server in servers:
                if server.process and server.alive():
                    server.kill()
                server.remove()
