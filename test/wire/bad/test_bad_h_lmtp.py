# SPDX-License-Identifier: MIT
"""Bad input to LMTP.  A kill between write and commit (row 12):
test/crash/test_kill.py."""

from lib.bad import check, others_are_served
from lib.bad_boxes import many_recipients, one_message_for_many
from lib.bad_rows import of, talks
from lib.lmtp import inbox
from lib.server import Server

RECIPIENTS_MAX = 1000


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
    many_recipients(server, source, user, RECIPIENTS_MAX + 50, RECIPIENTS_MAX)


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


@talks("H8")
def test_h8_hang_up_before_the_reply(server, source, user, item):
    item.repeat(server, source, user)


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
        message = one_message_for_many(
            server, "127.0.0.1", None, ["u%d" % n for n in range(count)], size)
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
