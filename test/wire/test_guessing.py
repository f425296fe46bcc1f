# SPDX-License-Identifier: MIT
"""Many who guess, from many addresses and from one: each is slowed down, and
the owner gets in all the same."""

import concurrent.futures
import threading
import time

import pytest

from lib.bad_dialogues import (CHEAP_USERS, attempt,
                               many_addresses_on_one_user,
                               many_users_from_one_address, owner_gets_in)
from lib.certificates import openssl
from lib.server import Server

STRANGERS = 1000


@pytest.fixture
def guessed_server(tmp_path):
    """Its users' hashes are cheap, so that guesses cost the test little."""
    path = tmp_path / "users"
    path.write_text(CHEAP_USERS)
    path.chmod(0o600)
    made = Server(more='passwd_file = "%s"' % path).start()
    yield made
    made.stop()
    made.remove()


def test_c12_thousand_addresses_on_one_user(guessed_server):
    """Each learns the answer late, the later ones as late as the rest; the
    owner, from an address of his own, waits a second or so."""
    many_addresses_on_one_user(guessed_server, "127.77.0.1", None, STRANGERS,
                               100)


def test_c12_thousand_users_from_one_address(guessed_server):
    """After some it is not listened to; nobody else notices."""
    codes = many_users_from_one_address(
        guessed_server, "127.77.200.1", None, STRANGERS)
    assert set(codes) == {"AUTHENTICATIONFAILED", "UNAVAILABLE"}
    # Those that were at the gate at once are counted one by one.
    assert codes.count("AUTHENTICATIONFAILED") < 100
    # By now it may be listened to again, but has to wait.
    _, took = attempt(guessed_server, "127.77.200.1", "bob", "right")
    assert took > 5
    owner_gets_in(guessed_server, "127.78.0.2", "bob")


# Each of a network of its own, and all at once, so that none has failed before
# the others are in line.
BOTNET = 300


def slow_hash(password):
    """A hash that takes some ten milliseconds."""
    made = openssl("passwd", "-6", "-salt", "rounds=30000$saltstring",
                   password).decode().strip()
    assert made.startswith("$6$rounds=30000$")
    return "{SHA512-CRYPT}" + made


def test_c12_owner_goes_before_a_botnet(tmp_path):
    """With passwords that cost: who has logged in from a network before does not
    wait until all strangers have been told no."""
    path = tmp_path / "users"
    path.write_text("ann:%s\n" % slow_hash("right"))
    path.chmod(0o600)
    server = Server(more='passwd_file = "%s"\npassword_memory = "0s"' %
                    path).start()
    barrier = threading.Barrier(BOTNET)
    done = []

    def guess(number):
        connection = server.connect(
            "imap", "127.%d.%d.1" % (100 + number // 250, number % 250))
        barrier.wait()
        _, tagged = connection.command('LOGIN ann guess%d' % number)
        done.append(tagged.code_name)
        connection.close()

    assert attempt(server, "127.78.0.1", "ann", "right")[0].name == "OK"
    with concurrent.futures.ThreadPoolExecutor(BOTNET) as pool:
        guesses = [pool.submit(guess, number) for number in range(BOTNET)]
        while barrier.n_waiting:
            time.sleep(0.001)
        while not done:
            time.sleep(0.01)
        tagged, took = attempt(server, "127.78.0.2", "ann", "right")
        others = len(done)
        assert tagged.name == "OK"
        for one in guesses:
            one.result()
    print("owner: %.2f s; %d of %d before" % (took, others, BOTNET))
    assert set(done) == {"AUTHENTICATIONFAILED"}
    assert others < BOTNET // 2
    server.stop()
    server.remove()
