# SPDX-License-Identifier: MIT
"""Bad input to POP3.  More about a session beside IMAP: test_pop3_imap.py."""

from lib.bad import check
from lib.bad_boxes import many_messages
from lib.bad_rows import of, talks

MANY = 20000


@of("G1")
def test_g1_numbers(server, source, user, item):
    check(server, item, source, user)


@talks("G2")
def test_g2_dots(server, source, user, item):
    """Stuffed, with one end; what the client unstuffs is the message."""
    item.repeat(server, source, user)


@of("G4")
def test_g4_names_and_passwords(server, source, user, item):
    check(server, item, source, user)


@talks("G4")
def test_g4_auth_alone_and_spaces(server, source, user, item):
    item.repeat(server, source, user)


@talks("G5")
def test_g5_other_sessions(server, source, user, item):
    """Of POP3 and of IMAP, on the same maildrop, which each session has as it
    was when it began."""
    item.repeat(server, source, user)


@talks("G6")
def test_g6_all_at_once(server, source, user, item):
    item.repeat(server, source, user)


def test_g8_many_messages(fresh_server, source):
    many_messages(fresh_server, source, fresh_server.add_user(), MANY)
    fresh_server.stop()
