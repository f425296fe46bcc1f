# SPDX-License-Identifier: MIT
"""The index is cut under the running server: its users are refused, nobody
else is, and a repair brings back their mail."""

import os

from lib.client import Closed
from lib.server import Server

TEXT = b"Subject: here\r\n\r\n" + b"0123456789abcdef\r\n" * 100


def appended(session, count):
    for _ in range(count):
        session.send(b"a APPEND INBOX {%d+}\r\n%s\r\n" % (len(TEXT), TEXT))
        _, tagged = session.read_until("a")
        assert tagged.name == "OK", tagged


def test_h12_index_lost():
    server = Server(sandbox="true")
    # Whose tracer the sandbox does not allow.
    server.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    server.start()
    users = [server.add_user() for _ in range(2)]
    for user in users:
        appended(server.login(user), 50)
    server.stop()
    server.start()
    sessions = [server.login(user) for user in users]
    for session in sessions:
        session.ok("SELECT INBOX")
    found = False
    for shard in sorted((server.folder / "data").glob("**/index.mdb")):
        os.truncate(shard, 0)
        answers = []
        for session in sessions:
            try:
                session.send(b"f UID FETCH 1:* (BODY.PEEK[] ENVELOPE)\r\n")
                _, tagged = session.read_until("f")
                answers.append(tagged.name)
            except (Closed, OSError):
                answers.append("closed")
        assert server.alive(), server.log()
        if answers.count("OK") == 1:
            found = True
            break
    assert found, "no shard had one of the two users alone"
    assert "event=index-lost" in server.log()
    server.kill()
    done = server.tool("check", "--repair")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    server.start()
    for user in users:
        session = server.login(user)
        raw = b"".join(r.raw for r in session.ok("STATUS INBOX (MESSAGES)"))
        assert b"MESSAGES 50" in raw
    server.stop()
    server.remove()
