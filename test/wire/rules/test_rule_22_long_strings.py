# SPDX-License-Identifier: MIT
"""Rule 22: strings that are too long for a line are literals, so that a client
that reads lines of 8 KiB keeps up."""


def test_long_strings(server, user, source):
    subject = b"x" * 3000
    name = b"n" * 2000
    connection = server.login(user, source=source)
    connection.append("INBOX", b"From: " + name + b" <a@example.org>\r\n"
                      b"Subject: " + subject + b"\r\n\r\nx\r\n")
    connection.ok("SELECT INBOX")
    response = connection.ok("FETCH 1 ENVELOPE")[0]
    assert b"{3000}\r\n" + subject in response.raw
    assert b"{2000}\r\n" + name in response.raw
    assert max(map(len, response.raw.split(b"\r\n"))) < 8192
    connection.close()
