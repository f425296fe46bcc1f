# SPDX-License-Identifier: MIT
"""Connections for the dialogues of known clients."""

import pytest

from lib.server import PASSWORD
from lib.talk import Talk

TEXT = (b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\n"
        b"Subject: hello\r\nMessage-ID: <one@example.org>\r\n"
        b"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\n0123456789\r\n")


@pytest.fixture
def stranger(server, source):
    """A client that has read the greeting."""
    talk = Talk(server.connect(source=source))
    yield talk
    talk.connection.close()


@pytest.fixture
def client(stranger, user):
    """A client that has logged in."""
    stranger.run('c LOGIN "%s" "%s"' % (user, PASSWORD), "c OK ...")
    return stranger


@pytest.fixture
def other(server, user, source):
    """Another one of the same user, with all commands of the test library."""
    connection = server.login(user, source=source)
    yield connection
    connection.close()


@pytest.fixture
def mail(other):
    """A message in INBOX."""
    other.append("INBOX", TEXT)
    return TEXT


@pytest.fixture
def selected(client, mail):
    """A client that has selected INBOX with its message."""
    del mail
    client.ask("s SELECT INBOX")
    return client
