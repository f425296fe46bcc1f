# SPDX-License-Identifier: MIT
"""Bad input to who asks for a name and a password: messages that are none,
exchanges that are broken off, names that mean something elsewhere, and what
could tell a guesser more than no."""

import base64
import hashlib
import hmac
import os
import re

import pytest

from lib.bad import check, others_are_served
from lib.bad_inputs import inputs, plain
from lib.server import PASSWORD


def of(row):
    return pytest.mark.parametrize("item", inputs(row), ids=repr)


@of("C1")
def test_c1_no_base64(server, source, user, item):
    check(server, item, source, user)


@of("C2")
def test_c2_exchange_is_broken_off(server, source, user, item):
    """At each step, by "*" and by going away."""
    check(server, item, source, user)


def test_c4_for_somebody_else(server, source, user):
    """With the right password and another account's name the answer is the one
    to a wrong password, be there such an account or not."""
    other = server.add_user()
    connection = server.connect("imap", source)
    answers = set()
    for authzid in (other, "nobody-here", "x" * 200, "../" + user, user + "x"):
        connection.send(b"a AUTHENTICATE PLAIN %s\r\n" % plain(
            user.encode(), PASSWORD.encode(), authzid.encode()))
        answers.add(connection.read().raw)
    connection.send(b"a AUTHENTICATE PLAIN %s\r\n" % plain(
        user.encode(), b"wrong"))
    answers.add(connection.read().raw)
    assert len(answers) == 1 and b"NO [AUTHENTICATIONFAILED]" in answers.pop()
    connection.ok("NOOP")
    connection.close()


@of("C5")
def test_c5_names(server, source, user, item):
    """Each is just unknown; the log has it in a form that stays in its
    line."""
    lines = len(server.lines)
    check(server, item, source, user)
    for line in server.lines[lines:]:
        assert re.fullmatch(r"[\x20-\x7e]*\n", line), line


@pytest.mark.parametrize("change", [str.upper, str.title, str.lower])
def test_c5_case_is_one_account(server, source, user, change):
    connection = server.connect("imap", source)
    connection.login(change(user), PASSWORD)
    connection.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    other = server.login(user, "imap", source)
    assert other.ok("STATUS INBOX (MESSAGES)")[0].data[1]["MESSAGES"] == 1
    connection.close()
    other.close()


@of("C6")
def test_c6_names_of_queries(server, source, user, item):
    check(server, item, source, user)


def scram(connection, user, nonce):
    """The server's first message: {letter: value}."""
    connection.send(b"a AUTHENTICATE SCRAM-SHA-256 %s\r\n" % base64.b64encode(
        b"n,,n=%s,r=%s" % (user.encode(), nonce)))
    challenge = base64.b64decode(connection.read().text)
    return dict(part.split(b"=", 1) for part in challenge.split(b","))


def proof(first, user, nonce, password):
    """The client's last message (RFC 5802 section 3)."""
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(
        first[b"s"]), int(first[b"i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    bare = b"n=%s,r=%s" % (user.encode(), nonce)
    server_first = b"r=%s,s=%s,i=%s" % (first[b"r"], first[b"s"], first[b"i"])
    final = b"c=biws,r=" + first[b"r"]
    signature = hmac.digest(
        hashlib.sha256(key).digest(),
        b",".join((bare, server_first, final)), "sha256")
    mixed = bytes(a ^ b for a, b in zip(key, signature))
    return final + b",p=" + base64.b64encode(mixed)


def test_c8_nonce_used_again(server, source, user):
    """The server's part of it is new each time, so that a message of before is
    good for nothing."""
    nonce = b"fyko+d2lbbFgONRv9qkxdawL"
    connection = server.connect("imap", source)
    first = scram(connection, user, nonce)
    last = base64.b64encode(proof(first, user, nonce, PASSWORD.encode()))
    connection.send(last + b"\r\n")
    assert connection.read().tag == "+"
    connection.send(b"\r\n")
    assert connection.read_until("a")[1].name == "OK"
    connection.close()
    seen = {first[b"r"]}
    for _ in range(5):
        connection = server.connect("imap", source)
        again = scram(connection, user, nonce)
        assert again[b"r"].startswith(nonce) and again[b"r"] not in seen
        assert again[b"s"] == first[b"s"]
        seen.add(again[b"r"])
        connection.send(last + b"\r\n")
        assert connection.read_until("a")[1].name == "NO"
        connection.ok("NOOP")
        connection.close()


@of("C9")
def test_c9_tokens_where_none_are_taken(server, source, user, item):
    """Where they are: test_tokens.py."""
    check(server, item, source, user)


@of("C10")
def test_c10_messages_of_odd_length(server, source, user, item):
    check(server, item, source, user)


def test_c13_unknown_user_looks_like_a_wrong_password(server, source, user):
    """Octet for octet, by every way in; with SCRAM an unknown user has a salt,
    too, always the same.  That both take a hash is for the unit tests."""
    unknown = "nobody" + os.urandom(4).hex()
    answers = {user: [], unknown: []}
    for name, got in answers.items():
        for command in (b'a LOGIN "%s" "wrong"\r\n' % name.encode(),
                        b"a AUTHENTICATE PLAIN %s\r\n" % plain(
                            name.encode(), b"wrong")):
            connection = server.connect("imap", source)
            connection.send(command)
            got.append(connection.read().raw)
            connection.close()
        connection = server.connect("imap", source)
        nonce = b"abcdefghijklmnop"
        first = scram(connection, name, nonce)
        got.append((len(first[b"r"]), len(first[b"s"]), first[b"i"]))
        connection.send(base64.b64encode(
            proof(first, name, nonce, b"wrong")) + b"\r\n")
        got.append(connection.read().raw)
        salt = first[b"s"]
        connection.ok("NOOP")
        assert scram(connection, name, nonce)[b"s"] == salt
        connection.close()
    assert answers[user] == answers[unknown]
    others_are_served(server)


@of("C14")
def test_c14_login_again(server, source, user, item):
    check(server, item, source, user)
