# SPDX-License-Identifier: MIT
"""Bad input to who asks for a name and a password: messages that are none,
exchanges that are broken off, names that mean something elsewhere, and what
could tell a guesser more than no."""

import re

from lib.bad import check
from lib.bad_rows import of, talks


@of("C1")
def test_c1_no_base64(server, source, user, item):
    check(server, item, source, user)


@of("C2")
def test_c2_exchange_is_broken_off(server, source, user, item):
    """At each step, by "*" and by going away."""
    check(server, item, source, user)


@talks("C4")
def test_c4_for_somebody_else(server, source, user, item):
    """With the right password and another account's name the answer is the one
    to a wrong password, be there such an account or not."""
    item.repeat(server, source, user)


@of("C5")
def test_c5_names(server, source, user, item):
    """Each is just unknown; the log has it in a form that stays in its
    line."""
    lines = len(server.lines)
    check(server, item, source, user)
    for line in server.lines[lines:]:
        assert re.fullmatch(r"[\x20-\x7e]*\n", line), line


@talks("C5")
def test_c5_case_is_one_account(server, source, user, item):
    item.repeat(server, source, user)


@of("C6")
def test_c6_names_of_queries(server, source, user, item):
    check(server, item, source, user)


@talks("C8")
def test_c8_nonce_used_again(server, source, usual_user, item):
    """The server's part of it is new each time, so that a message of before is
    good for nothing."""
    item.repeat(server, source, usual_user)


@of("C9")
def test_c9_tokens_where_none_are_taken(server, source, user, item):
    """Where they are: test_tokens.py."""
    check(server, item, source, user)


@of("C10")
def test_c10_messages_of_odd_length(server, source, user, item):
    check(server, item, source, user)


@talks("C13")
def test_c13_unknown_user_looks_like_a_wrong_password(server, source, user,
                                                      item):
    """Octet for octet, by every way in; with SCRAM an unknown user has a salt,
    too, always the same.  That both take a hash is for the unit tests."""
    item.repeat(server, source, user)


@of("C14")
def test_c14_login_again(server, source, user, item):
    check(server, item, source, user)


@talks("C16")
def test_c16_passwords_of_all_kinds(server, source, user, item):
    """By quoted string where that can hold it, and by literal."""
    item.repeat(server, source, user)
