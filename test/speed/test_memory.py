# SPDX-License-Identifier: MIT
"""What a session costs that has been silent for a while (DESIGN.md, section 8),
plain and compressed.  AVOCET_PROGRAM must be built as it is for use."""

import contextlib
import time
import zlib

import pytest

from lib.server import Server

SESSIONS = 200
REST_S = 4      # longer than it takes until a compressed stream rests
REST_MOST_S = 60  # on a machine that is busy


def anonymous_kb(server):
    with open(f"/proc/{server.process.pid}/smaps_rollup",
              encoding="ascii") as file:
        return int(next(line.split()[1] for line in file
                        if line.startswith("Anonymous")))


def idle_session(server, user, compressed):
    """One that has worked, and idles."""
    connection = server.login(user)
    if compressed:
        connection.ok("COMPRESS DEFLATE")
        connection.start_compression(zlib.Z_PARTIAL_FLUSH)
    connection.ok("SELECT INBOX")
    for number in range(1, 20):
        connection.ok("UID FETCH %d:* (UID FLAGS ENVELOPE)" % number)
        connection.ok("UID SEARCH SINCE 1-Jan-2020 FROM \"a%d\"" % number)
        connection.ok("STATUS Sent (MESSAGES UIDNEXT UNSEEN)")
    connection.start("IDLE")
    assert connection.read().tag == "+"
    return connection


@pytest.mark.parametrize("compressed,most", [(False, 2), (True, 10)],
                         ids=["plain", "compressed"])
def test_idle_session(compressed, most):
    server = Server(more="account_connections = 0;\n").start()
    user = server.add_user()
    with contextlib.ExitStack() as stack:
        def open_some(count):
            for _ in range(count):
                stack.enter_context(contextlib.closing(
                    idle_session(server, user, compressed)))
            time.sleep(REST_S)

        stack.enter_context(contextlib.closing(server.login(user))).append(
            "INBOX", b"Subject: x\r\n\r\nx\r\n")
        open_some(20)
        before = anonymous_kb(server)
        open_some(SESSIONS)
        deadline = time.monotonic() + REST_MOST_S
        while True:
            cost = (anonymous_kb(server) - before) / SESSIONS
            if cost <= most or time.monotonic() > deadline:
                break
            time.sleep(0.5)
    server.stop()
    server.remove()
    print(f"{cost:.2f} KB")
    assert cost <= most
