# SPDX-License-Identifier: MIT
"""What many connections that never log in cost: a stranger who sends an octet
now and then gets a small buffer, and nothing else (DESIGN.md section 1, promise
6)."""

import re
import resource
import socket

from lib.server import Server

COUNT = 4000
OCTETS_EACH = 2000      # 10,000 of them: 20 MB


def memory(server):
    """The server's proportional set size in octets."""
    with open("/proc/%d/smaps_rollup" % server.process.pid,
              encoding="ascii") as rollup:
        return int(re.search(r"Pss:\s+(\d+)", rollup.read())[1]) * 1024


def test_memory_of_connections_before_login():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    assert hard > COUNT + 100
    server = Server().start()
    strangers = []
    try:
        session = server.login(server.add_user())
        session.ok("SELECT INBOX")
        before = memory(server)
        for number in range(COUNT):
            # Of many addresses, since one may not have so many.
            stranger = socket.create_connection(
                server.addresses["imap"],
                source_address=("127.0.2.%d" % (1 + number % 200), 0))
            strangers.append(stranger)
            stranger.sendall(b"a")
        # The server has read what was sent before this.
        for stranger in strangers:
            assert stranger.recv(1, socket.MSG_PEEK) == b"*"
        for _ in range(10):
            session.ok("NOOP")
        each = (memory(server) - before) / COUNT
        print("octets a connection: %.0f" % each)
        assert each < OCTETS_EACH
        session.close()
    finally:
        for stranger in strangers:
            stranger.close()
        server.stop()
        server.remove()
