# SPDX-License-Identifier: MIT
"""A capability that is switched off is not announced and unlocks nothing."""

import pytest

from lib.server import Server

OFF = {
    "COMPRESS=DEFLATE": ["COMPRESS DEFLATE"],
    "REPLACE": ["REPLACE 1 INBOX {3+}\r\nA:b", "UID REPLACE 1 INBOX {3+}\r\nA:b"],
    "SAVEDATE": ["FETCH 1 SAVEDATE", "SEARCH SAVEDON 1-Jan-2024",
                 "SEARCH NOT (SAVEDATESUPPORTED)"],
    "OBJECTID": ["FETCH 1 (FLAGS EMAILID)", "FETCH 1 THREADID",
                 "SEARCH EMAILID M1-1", "SEARCH OR THREADID T ALL",
                 "STATUS INBOX (MAILBOXID)"],
    "PREVIEW": ["FETCH 1 (PREVIEW)", "FETCH 1 PREVIEW (LAZY)"],
}


@pytest.fixture(scope="module")
def connection():
    server = Server(more="capabilities_off = [%s];" % ", ".join(
        '"%s"' % name for name in OFF)).start()
    made = server.login(server.add_user())
    made.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    made.ok("SELECT INBOX")
    yield made
    made.close()
    server.stop()
    server.remove()


@pytest.mark.parametrize("name", OFF)
def test_is_unknown(connection, name):
    assert name.encode() not in connection.ok("CAPABILITY")[0].raw.split()
    for command in OFF[name]:
        untagged, tagged = connection.command(command)
        assert tagged.name == "BAD" and not untagged, command
        connection.ok("NOOP")


def test_no_ids_are_told(connection):
    connection.ok("CREATE one")
    assert connection.tagged.code_name is None
    codes = [response.code_name for response in connection.ok("EXAMINE one")]
    assert "UIDVALIDITY" in codes and "MAILBOXID" not in codes
