# SPDX-License-Identifier: MIT
"""Rule 35: programs keep a connection for each folder, and people have several
programs: a hundred connections of one user, all in IDLE, are nothing unusual."""

COUNT = 100


def test_hundred(server, user, source):
    watching = []
    for _ in range(COUNT):
        connection = server.login(user, source=source)
        connection.ok("SELECT INBOX")
        connection.start("IDLE")
        assert connection.read().tag == "+"
        watching.append(connection)
    server.deliver(user, b"Subject: x\r\n\r\nx\r\n")
    for connection in watching:
        response = connection.read()
        assert (response.number, response.name) == (1, "EXISTS")
        connection.close()
