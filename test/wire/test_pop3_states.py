# SPDX-License-Identifier: MIT
"""Each command of POP3 in each state, as the table of commands has it
(doc/protocol.md), with arguments and without."""

import re

import pytest

from lib.server import PASSWORD, ROOT

ARGUMENTS = {"USER": "nobody", "PASS": "wrong", "AUTH": "XYZZY", "RETR": "1",
             "TOP": "1 0", "DELE": "1"}
NOT_NOW = {"Log in first", "Logged in already", "No such command"}
MANY_LINES = ("CAPA", "LIST", "UIDL", "RETR", "TOP")


def table():
    """Command, may it run before login, may it after."""
    page = (ROOT / "doc" / "protocol.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| ([A-Z0-9]+) \| \d+ \| (yes|) \| (yes|) \|$",
                      page.split("### Commands of POP3")[1])
    assert len(rows) == 15
    return [(name, before == "yes", after == "yes")
            for name, before, after in rows]


@pytest.fixture
def pop(server, user, source):
    client = server.login(user)
    client.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    client.close()
    connection = server.pop3(listener="pop3s", source=source)
    yield connection
    connection.close()


def in_place(pop, name):
    """Run the command; may it run now?"""
    status = pop.command((name + " " + ARGUMENTS.get(name, "")).rstrip())
    if status.ok and name in MANY_LINES:
        pop.rest()
    return status.text not in NOT_NOW


@pytest.mark.parametrize("name, before, after", table())
def test_before_login(pop, user, name, before, after):
    del after
    # UTF8 is there when it is configured, STLS when TLS is not there yet.
    assert in_place(pop, name) == (before and name != "UTF8")
    if name == "QUIT":
        pop.expect_end()
    else:
        pop.login(user, PASSWORD)


@pytest.mark.parametrize("name, before, after", table())
def test_after_login(pop, user, name, before, after):
    del before
    pop.login(user, PASSWORD)
    assert in_place(pop, name) == after
    if name == "QUIT":
        pop.expect_end()
    else:
        pop.ok("NOOP")
        pop.quit()


@pytest.mark.parametrize("name", [
    "%{user}", "%n%s%x", "../../x", "a/../b", ".", "-rf", "user@", "@dom",
    "a@b@c", "x" * 1024, "\u202euser", "user ", " user", "' OR 1=1 --",
    "*)(uid=*", "$(id)", "\"", "\\"])
def test_odd_names(server, source, name):
    """Nobody's: looked up as they are, logged in one line."""
    pop = server.pop3(listener="pop3s", source=source)
    pop.ok("USER " + name)
    assert pop.err("PASS x").code == "AUTH"
    pop.quit()


def test_guesses_slow_down_both(server, user, source):
    """Failures by POP3 and by IMAP count together."""
    pop = server.pop3(listener="pop3s", source=source)
    for _ in range(3):
        pop.ok("USER " + user)
        pop.err("PASS wrong")
    imap = server.connect("imaps", source)
    tag = imap.start('LOGIN "%s" "wrong"' % user)
    assert imap.silent(0.3)
    assert imap.read_until(tag)[1].name == "NO"
    pop.close()
    imap.close()
