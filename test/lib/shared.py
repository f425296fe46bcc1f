# SPDX-License-Identifier: MIT
"""What tests of one run share: servers that serve tests with accounts of their
own, and client addresses that none has used before."""

import itertools

from lib.server import Server

SERVERS = {}
SOURCES = itertools.count(2)


def shared_server(plaintext="loopback", more=""):
    server = SERVERS.get((plaintext, more))
    if server is None or not server.alive():
        server = Server(plaintext=plaintext, more=more).start()
        SERVERS[plaintext, more] = server
    return server


def new_source():
    """A loopback address: failed logins slow down only their own."""
    number = next(SOURCES)
    return "127.%d.%d.%d" % (1 + number // 62500, number // 250 % 250,
                             1 + number % 250)


def stop_shared_servers():
    """They have to end well."""
    for server in SERVERS.values():
        if server.alive():
            server.stop()
        server.remove()
    SERVERS.clear()
