# SPDX-License-Identifier: MIT
"""Rule 21: RFC822.SIZE is the number of octets that BODY[] has, whatever the
message is made of, and stays so."""

import pytest

from lib.server import Server

MESSAGES = [
    b"Subject: x\r\n\r\nx\r\n",
    b"Subject: x\n\nlines\nwithout\nCR\n",
    b"Subject: x\r\n\r\nno end",
    b"\r\n", b"x", b"\r\r\n\n", b"Subject: x",
    "Subject: gr\u00fcn\r\n\r\n\u00e9\r\n".encode(),
    b"Subject: x\r\n\r\n" + b"\xff\x80\r" * 40000,
    b"Subject: x\r\n\r\n" + b".\r\n" * 100000,
]


def sizes(connection):
    """(RFC822.SIZE, octets of BODY[], octets of both halves) of each."""
    found = []
    for response in connection.ok(
            "FETCH 1:* (RFC822.SIZE BODY.PEEK[] BODY.PEEK[HEADER] "
            "BODY.PEEK[TEXT])"):
        data = response.data
        found.append((data["RFC822.SIZE"], data["BODY[]"],
                      data["BODY[HEADER]"] + data["BODY[TEXT]"]))
    return found


@pytest.fixture
def own_server():
    made = Server().start()
    yield made
    if made.alive():
        made.stop()
    made.remove()


def test_sizes(own_server):
    user = own_server.add_user()
    connection = own_server.login(user)
    for message in MESSAGES:
        connection.append("INBOX", message)
    connection.ok("SELECT INBOX")
    first = sizes(connection)
    assert [octets for _, octets, _ in first] == MESSAGES
    for size, octets, halves in first:
        assert size == len(octets) and halves == octets
    connection.ok("UID COPY 1:* Archive")
    connection.ok("SELECT Archive")
    assert sizes(connection) == first
    connection.ok("LOGOUT")
    connection.close()
    own_server.stop()
    own_server.start()
    connection = own_server.login(user)
    connection.ok("SELECT INBOX")
    assert sizes(connection) == first
    connection.close()
