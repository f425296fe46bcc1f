# SPDX-License-Identifier: MIT
"""What tests of imports and exports share: a server of alice's that runs or
not, since both bring mail in and out; the tool; all of an account."""

from lib.account import everything
from lib.server import Server

WAYS = ("running", "stopped")


def server_with_alice(way, fill=None):
    """For a fixture.  ${fill} is called before the server starts."""
    server = Server()
    server.add_user("alice")
    if fill:
        fill(server)
    if way == "running":
        server.start()
    yield server
    if server.process is not None:
        server.stop()
    server.remove()


def run(server, *words, code=0):
    """What the tool says."""
    done = server.tool(*words)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Sanitizer" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def bring(server, *words, code=0):
    return run(server, "import", *words, code=code)


def accounts(server, *users):
    """All of each; a server that was not running does for that time."""
    stopped = server.process is None
    if stopped:
        server.start()
    try:
        return [everything(server, user) for user in users]
    finally:
        if stopped:
            server.stop()
            server.process = None


def account(server, user="alice"):
    return accounts(server, user)[0]
