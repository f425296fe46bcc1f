# SPDX-License-Identifier: MIT
"""Bad framing, before login and after: lines and literals that are too long,
malformed or never end, line ends, NUL, tags, nesting, floods and IDLE.  The
inputs are in lib/bad_inputs.py; a test is named after its row there.  What they
cost in memory is looked at by test_bad_loop.py."""

import time

import pytest

from lib.bad import Line, check, enter, others_are_served
from lib.bad_inputs import inputs
from lib.bad_rows import of, talks


def wait_for_log(server, text, first, times=1):
    """Lines of the log from the ${first} on: it may be read a little later."""
    deadline = time.monotonic() + 30
    while sum(text in line for line in server.lines[first:]) < times:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.02)


@of("A1")
def test_a1_line_without_end(server, source, user, item):
    """The end of it is not waited for, and it is not kept."""
    check(server, item, source, user)


@of("A2")
def test_a2_huge_literal_that_waits(server, source, user, item):
    """It is refused before an octet of it is sent: no "+"."""
    check(server, item, source, user)


@of("A4")
def test_a4_malformed_literal(server, source, user, item):
    """No announcement, so the line is the whole command."""
    check(server, item, source, user)


@of("A5")
def test_a5_huge_literal_that_does_not_wait(server, source, user, item):
    """Whatever follows may be octets of it: nothing more is read, be its size
    a number that fits anywhere or not."""
    check(server, item, source, user)


@of("A6")
def test_a6_end_in_the_middle(server, source, user, item):
    """A client that goes away in the middle of a command is no event."""
    lines = len(server.lines)
    check(server, item, source, user)
    assert not any("level=error" in line for line in server.lines[lines:])


@of("A8")
def test_a8_many_literals(server, source, user, item):
    """A command may hold so much; what is beyond is dropped as it comes, and
    is not kept by a session that sends one after another either."""
    check(server, item, source, user)


@talks("A9")
def test_a9_literal_that_is_too_long(server, source, user, item):
    """The limit before login is the one of LITERAL-; beyond it the connection
    ends, and the octets are not run."""
    item.repeat(server, source, user)


@of("A10")
def test_a10_command_in_a_literal(server, source, user, item):
    """Whether the command around it is taken or refused."""
    check(server, item, source, user)


@of("A12")
def test_a12_empty_literal(server, source, user, item):
    """An empty string like any other."""
    check(server, item, source, user)


@of("A13")
def test_a13_line_ends(server, source, user, item):
    """Before login CR LF alone ends a line; after it LF does, too, but not
    behind the announcement of a literal."""
    check(server, item, source, user)


@of("A14")
def test_a14_nul(server, source, user, item):
    """It is refused, and cuts nothing short."""
    check(server, item, source, user)


@of("A16")
def test_a16_tags(server, source, user, item):
    """What is no tag is not sent back."""
    check(server, item, source, user)


@of("A17")
def test_a17_quoted_strings(server, source, user, item):
    check(server, item, source, user)


@of("A18")
def test_a18_nesting(server, source, user, item):
    """Depth costs neither stack nor time."""
    check(server, item, source, user)


@talks("A20")
def test_a20_client_that_does_not_read(server, source, user, item):
    """The server stops to read when its answers are not taken."""
    item.repeat(server, source, user)


@of("A21")
def test_a21_half_a_character(server, source, user, item):
    check(server, item, source, user)


@of("A22")
def test_a22_bad_commands(server, source, user, item):
    """Three before login, twenty after; then the end."""
    check(server, item, source, user)


def test_a22_is_counted(server, source):
    """Who was sent away for it is logged once, and waits for his last words:
    the delay is the one of failed logins, which has a test of its own."""
    lines = len(server.lines)
    for _ in range(3):
        connection = server.connect("imap", source)
        connection.send(b"a XYZZY\r\n" * 10)
        while connection.read().name != "BYE":
            pass
        connection.close()
    wait_for_log(server, "event=bad-commands protocol=imap peer=" + source,
                 lines, 3)
    others_are_served(server)


@of("A24")
def test_a24_done_outside_idle(server, source, user, item):
    check(server, item, source, user)


@of("A25")
def test_a25_something_else_in_idle(server, source, user, item):
    """IDLE ends with BAD; the command is not run, nor what its literals
    hold."""
    check(server, item, source, user)


@of("A26")
def test_a26_done_and_more_in_one_segment(server, source, user, item):
    check(server, item, source, user)


@pytest.mark.parametrize("size", [1, 7])
def test_a26_in_pieces(server, source, user, size):
    item = inputs("A26")[0]
    with Line(server, "imap", source) as line:
        enter(line, item, user)
        for at in range(0, len(item.pieces[0]), size):
            line.send(item.pieces[0][at:at + size])
        line.until(rb"c OK")
        assert len(line.lines) == len(item.want)
