# SPDX-License-Identifier: MIT
"""Bad input to LMTP.  A kill between write and commit (row 12):
test/crash/test_kill.py."""

import pytest

from lib.bad import Line, check, enter, others_are_served
from lib.bad_inputs import inputs
from lib.lmtp import MESSAGE, Lmtp, deliver
from lib.server import Server

RECIPIENTS_MAX = 1000


def of(row):
    return pytest.mark.parametrize("item", inputs(row), ids=repr)


def inbox(server, user, source):
    """The messages of the INBOX, as octets."""
    connection = server.login(user, "imap", source)
    connection.ok("SELECT INBOX")
    untagged = connection.ok("UID FETCH 1:* BODY.PEEK[]")
    connection.close()
    return [r.data["BODY[]"] for r in untagged if r.name == "FETCH"]


@of("H1")
def test_h1_what_does_not_end_a_message(server, source, user, item):
    """One message with one reply, whatever looks like an end."""
    check(server, item, source, user)
    message, = inbox(server, user, source)
    assert message.startswith(b"Return-Path: <x@example.net>\r\n")
    assert message.count(b"Return-Path:") == 1


@of("H2")
def test_h2_commands_in_a_message(server, source, user, item):
    check(server, item, source, user)
    message, = inbox(server, user, source)
    assert message.endswith(b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<%s>\r\n"
                            b"DATA\r\nSubject: smuggled\r\n\r\nx\r\n"
                            % user.encode())


@of("H4")
def test_h4_many_unknown_recipients(server, source, user, item):
    check(server, item, source, user)


def test_h4_too_many_recipients(server, source, user):
    """So many are taken, further ones are not now; the message has a reply for
    each that was."""
    lmtp = Lmtp(server)
    lmtp.hello()
    lmtp.want(250, "MAIL FROM:<>")
    extra = 50
    lmtp.send(*["RCPT TO:<%s+%d>" % (user, number)
                for number in range(RECIPIENTS_MAX + extra)])
    codes = [lmtp.reply()[0] for _ in range(RECIPIENTS_MAX + extra)]
    assert codes == [250] * RECIPIENTS_MAX + [452] * extra
    lmtp.want(354, "DATA")
    lmtp.socket.sendall(MESSAGE + b".\r\n")
    for number in range(RECIPIENTS_MAX):
        code, lines = lmtp.reply()
        assert code == 250 and "<%s+%d>" % (user, number) in lines[0]
    lmtp.want(250, "NOOP")
    lmtp.close()
    connection = server.login(user, "imap", source)
    response, = connection.ok("STATUS INBOX (MESSAGES)")
    assert response.data[1]["MESSAGES"] == RECIPIENTS_MAX
    connection.close()


@of("H5")
def test_h5_some_recipients_are_unknown(server, source, user, item):
    """A reply for each that was taken, in order."""
    check(server, item, source, user)


@of("H6")
def test_h6_chunks(server, source, user, item):
    """Octets are swallowed as announced, or the connection ends: they are
    never commands."""
    check(server, item, source, user)


@of("H8")
def test_h8_hang_up(server, source, user, item):
    """What was not acknowledged is not there."""
    check(server, item, source, user)
    assert not inbox(server, user, source)


def test_h8_hang_up_before_the_reply(server, source, user):
    """The message is whole: it is there once, or once more when the client
    sends it again, but never in part."""
    item = inputs("H1")[0]
    for _ in range(5):
        with Line(server, "lmtp", source) as line:
            enter(line, item, user)
            line.send(b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n"
                      % user.encode())
            line.answer(3)
            line.send(MESSAGE + b".\r\n")
    lmtp = Lmtp(server)
    lmtp.hello()
    assert deliver(lmtp, [user]) == [250]
    lmtp.close()
    got = inbox(server, user, source)
    assert 1 <= len(got) <= 6
    assert all(message.endswith(MESSAGE) for message in got)


@of("H9")
def test_h9_commands_out_of_place(server, source, user, item):
    check(server, item, source, user)


@of("H10")
def test_h10_values_with_line_ends(server, source, user, item):
    """What is not offered is refused, and so is a line with octets that no
    address has: nothing of it comes into a message or the log."""
    lines = len(server.lines)
    check(server, item, source, user)
    assert not any("X-Evil: y" in line and "\r" in line
                   for line in server.lines[lines:])
    assert not inbox(server, user, source)


def test_h13_one_message_for_many(tmp_path):
    """A big message for many accounts is held once, in memory and on disk."""
    count, size = 200, 4 << 20
    users = tmp_path / "users"
    users.write_text("".join("u%d:{PLAIN}x\n" % n for n in range(count)))
    users.chmod(0o600)
    server = Server(more='passwd_file = "%s"' % users).start()
    try:
        lmtp = Lmtp(server)
        lmtp.hello()
        line = b"x" * 76 + b"\r\n"
        message = b"Subject: big\r\n\r\n" + line * (size // len(line))
        codes = deliver(lmtp, ["u%d" % n for n in range(count)], message)
        assert codes == [250] * count
        lmtp.close()
        with open("/proc/%d/status" % server.process.pid,
                  encoding="ascii") as file:
            peak = next(int(text.split()[1]) for text in file
                        if text.startswith("VmHWM"))
        assert peak * 1024 < count * size / 2
        stored = sum(path.stat().st_blocks * 512
                     for path in (server.folder / "data").rglob("*")
                     if path.is_file())
        assert stored < count * size / 2
        for name in ("u0", "u%d" % (count - 1)):
            connection = server.connect()
            connection.login(name, "x")
            response, = connection.ok("STATUS INBOX (MESSAGES SIZE)")
            assert response.data[1]["MESSAGES"] == 1
            assert response.data[1]["SIZE"] > len(message)
            connection.close()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


@of("H14")
def test_h14_loops(server, source, user, item):
    """Too many trace fields; nothing is delivered."""
    check(server, item, source, user)
    assert not inbox(server, user, source)
    others_are_served(server)
