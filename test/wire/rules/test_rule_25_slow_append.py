# SPDX-License-Identifier: MIT
"""Rule 25: a client whose APPEND takes long is told that the server is at it
(RFC 9585), well before the 20 seconds after which one gives up."""

import pytest

from lib.server import Server

TRIES = 200


@pytest.fixture(name="eager", scope="module")
def start_eager():
    """A server that tells at once when a command waits for the disk."""
    made = Server(more='progress = "0s";').start()
    yield made
    made.stop()
    made.remove()


def append(connection, tag):
    """What an APPEND with this tag is told before its tagged answer."""
    connection.send(b"%s APPEND INBOX {17+}\r\nSubject: x\r\n\r\nx\r\n\r\n"
                    % tag.encode())
    untagged, tagged = connection.read_until(tag)
    assert tagged.code_name == "APPENDUID"
    return untagged


def first_word(connection, tag):
    """Of the first APPEND whose commit took more than no time."""
    for _ in range(TRIES):
        told = append(connection, tag)
        if told:
            assert len(told) == 1
            return told[0]
    raise AssertionError("never told")


def test_told(eager):
    connection = eager.login(eager.add_user())
    assert "INPROGRESS" in connection.ok("CAPABILITY")[0].data
    told = first_word(connection, "tag1")
    assert told.name == "OK" and told.code == ("INPROGRESS", "tag1")
    connection.close()


def test_tag_with_a_bracket(eager):
    """RFC 9585 section 4: it is not told."""
    connection = eager.login(eager.add_user())
    assert first_word(connection, "a[1]").code == ("INPROGRESS", None)
    connection.close()


def test_without_the_capability(eager):
    user = eager.add_user()
    assert eager.tool("capability", "off", user,
                      "INPROGRESS").returncode == 0
    connection = eager.login(user)
    told = first_word(connection, "a1")
    assert told.name == "OK" and told.code is None
    connection.close()


def test_not_before_its_time(server, user, source):
    """By default nobody is told of what takes less than ten seconds."""
    connection = server.login(user, source=source)
    for number in range(10):
        assert append(connection, "a%d" % number) == []
    connection.close()
    assert 'progress = "10s"' in server.tool("config", "show").stdout
