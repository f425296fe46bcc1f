# SPDX-License-Identifier: MIT
"""Bad input to POP3.  Two sessions on one maildrop, and a session beside IMAP
(row 5): test_pop3_imap.py; all in one segment, and octet by octet (row 6):
test_pop3.py."""

import pytest

from lib.bad import check, others_are_served
from lib.bad_inputs import inputs

MANY = 20000


def of(row):
    return pytest.mark.parametrize("item", inputs(row), ids=repr)


@of("G1")
def test_g1_numbers(server, source, user, item):
    check(server, item, source, user)


@pytest.mark.parametrize("body", [
    b".\r\n", b"..\r\n", b".", b".x\r\n.\r\n", b"x\r\n.", b"x\r\n.\r",
    b"\r\n.\r\n\r\n", b"", b"no line end"])
def test_g2_dots(server, source, user, body):
    """Stuffed, with one end; what the client unstuffs is the message."""
    message = b"Subject: dots\r\n\r\n" + body
    imap = server.login(user, "imap", source)
    imap.append("INBOX", message)
    imap.close()
    pop = server.pop3(user, source=source)
    for command in ("RETR 1", "TOP 1 100"):
        got = pop.many(command)
        # A line that lacks its end gets one, as the protocol has it.
        assert got.replace(b"\r\n", b"\n").rstrip(b"\n") == message.replace(
            b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
        pop.ok("NOOP")
    pop.quit()


@of("G4")
def test_g4_names_and_passwords(server, source, user, item):
    check(server, item, source, user)


@pytest.mark.parametrize("command", ["AUTH", "AUTH "])
def test_g4_auth_alone(server, source, command):
    pop = server.pop3(source=source)
    assert b"SCRAM-SHA-256\r\n" in pop.many(command)
    pop.ok("CAPA")
    pop.rest()
    pop.close()
    others_are_served(server)


@pytest.mark.parametrize("password", [" a  b ", "a b", " "])
def test_g4_password_with_spaces(server, source, password):
    name = server.add_user()
    done = server.tool("user", "passwd", name, text=password + "\n")
    assert done.returncode == 0, done.stderr
    pop = server.pop3(source=source)
    pop.ok("USER " + name)
    pop.err("PASS " + password.strip() + "x")
    pop.ok("USER " + name)
    pop.ok("PASS " + password)
    pop.quit()


def test_g8_many_messages(fresh_server, tmp_path):
    """Lists are made as they are read: a client that does not read holds
    nobody up, and one that does gets all."""
    user = fresh_server.add_user()
    mbox = tmp_path / "mbox"
    with open(mbox, "wb") as file:
        for number in range(MANY):
            file.write(b"From a@example.net Mon Mar  2 10:00:00 2026\n"
                       b"Subject: %d\n\nx\n\n" % number)
    done = fresh_server.tool("import", "mbox", user, str(mbox))
    assert done.returncode == 0, done.stdout + done.stderr
    pop = fresh_server.pop3(user)
    for _ in range(20):
        pop.send(b"UIDL\r\nLIST\r\n")
    others_are_served(fresh_server)
    count = int(pop_stat(fresh_server, user).split()[0])
    for _ in range(20):
        assert pop.status().ok
        assert pop.rest().count(b"\r\n") == count
        assert pop.status().ok
        assert pop.rest().count(b"\r\n") == count
    pop.quit()
    fresh_server.stop()


def pop_stat(server, user):
    pop = server.pop3(user)
    text = pop.ok("STAT")
    pop.quit()
    return text
