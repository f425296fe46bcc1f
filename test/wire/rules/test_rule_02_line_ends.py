# SPDX-License-Identifier: MIT
"""Rule 2, where a lone LF never ends anything: around STARTTLS, and in the data
of LMTP."""

import pytest

from lib.lmtp import Lmtp, deliver


@pytest.mark.parametrize("behind", [b"\nx1 NOOP\r\n", b"\n\nx1 NOOP\r\n",
                                    b"\r\n\nx1 NOOP\r\n", b"\r\nx1 NOOP\n"])
def test_starttls(server, source, behind):
    """What comes with it in the clear is never answered, neither before nor
    after TLS begins."""
    connection = server.connect(source=source)
    connection.send(b"a1 STARTTLS" + behind)
    response = connection.read()
    assert response.tag == "a1"
    if response.name == "OK":
        connection.start_tls()
    assert connection.ok("NOOP") == []
    connection.close()


def test_lmtp_data(server, source, user):
    lmtp = Lmtp(server)
    lmtp.hello()
    text = b"Subject: x\r\n\r\na\n.\nb\r\n.\nc\n.\r\nd\r\n"
    codes = deliver(lmtp, [user], text)
    assert len(codes) == 1
    lmtp.want(250, "NOOP")      # in step: there was one message, not two
    lmtp.close()
    connection = server.login(user, source=source)
    connection.ok("SELECT INBOX")
    found = connection.ok("UID SEARCH ALL")[0].data
    assert len(found) == (1 if codes == [250] else 0)
    connection.close()
