# SPDX-License-Identifier: MIT
"""Rule 37: LMTP has a reply for each recipient; strange addresses are refused
and harm nobody; addresses that are not written as RFC 5321 wants are taken only
if the configuration says so."""

import pytest

from lib.lmtp import MESSAGE, Lmtp, inbox_count
from lib.server import Server


@pytest.fixture(name="lenient", scope="module")
def start_lenient():
    made = Server(more="lmtp_lenient = true;").start()
    yield made
    made.stop()
    made.remove()


def session(server):
    lmtp = Lmtp(server)
    lmtp.hello()
    return lmtp


def test_reply_for_each_recipient(server, source):
    users = [server.add_user() for _ in range(3)]
    lmtp = session(server)
    lmtp.want(250, "MAIL FROM:<a@example.net>")
    lmtp.want(250, "RCPT TO:<%s>" % users[0])
    lmtp.want(550, "RCPT TO:<nobody-here>")
    lmtp.want(250, "RCPT TO:<%s>" % users[1])
    lmtp.want(250, "RCPT TO:<%s>" % users[2])
    lmtp.want(354, "DATA")
    lmtp.send(MESSAGE + b".")
    assert [lmtp.reply()[0] for _ in range(3)] == [250, 250, 250]
    lmtp.want(250, "NOOP")
    lmtp.close()
    assert [inbox_count(server, user, source) for user in users] == [1, 1, 1]


STRANGE = ['<"">', '<""@d>', '<"@d>', '<"\\>', '<@>', '<@d:>', '<>', '< >',
           '<"" @d>', '<""', '""', "<'>", "<" + "a" * 901 + ">",
           '<"' + "\\a" * 400 + '">', "<@a,@b:\"\"@c>"]


@pytest.mark.parametrize("path", STRANGE)
@pytest.mark.parametrize("how", ["strict", "lenient"])
def test_strange_recipient(server, lenient, how, path):
    """Refused, and the session goes on."""
    lmtp = session(server if how == "strict" else lenient)
    lmtp.want(250, "MAIL FROM:<>")
    assert 500 <= lmtp.command("RCPT TO:" + path)[0] < 600
    lmtp.want(250, "NOOP")
    lmtp.want(503, "DATA")
    lmtp.close()


LOOSE = ["MAIL FROM: <a@example.net>", "MAIL FROM:a@example.net",
         "MAIL FROM:  a@example.net", "MAIL FROM: <>",
         "MAIL FROM: a@example.net SIZE=100 BODY=8BITMIME"]


@pytest.mark.parametrize("line", LOOSE)
def test_loose_sender(server, lenient, line):
    for where, code in ((server, 501), (lenient, 250)):
        lmtp = session(where)
        lmtp.want(code, line)
        lmtp.close()


@pytest.mark.parametrize("form", ["RCPT TO: <%s>", "RCPT TO:%s", "RCPT TO:  %s"])
def test_loose_recipient(server, source, lenient, form):
    for where, code in ((server, 501), (lenient, 250)):
        user = where.add_user()
        lmtp = session(where)
        lmtp.want(250, "MAIL FROM:<a@example.net>")
        lmtp.want(code, form % user)
        if code == 250:
            lmtp.want(354, "DATA")
            lmtp.send(MESSAGE + b".")
            assert lmtp.reply()[0] == 250
            assert inbox_count(where, user, source) == 1
        lmtp.close()


@pytest.mark.parametrize("line", [
    "MAIL FROM:", "MAIL FROM: ", "MAIL FROM:a@", "MAIL FROM:a b@c",
    "MAIL FROM:a@b>", "MAIL FROM:<a@b", "MAIL FROM:\ta@b", "MAIL:a@b"])
def test_still_malformed(lenient, line):
    lmtp = session(lenient)
    assert 500 <= lmtp.command(line)[0] < 600
    lmtp.want(250, "NOOP")
    lmtp.close()
