# SPDX-License-Identifier: MIT
"""POP3 and IMAP sessions on one INBOX never surprise each other (RFC 1939
section 5): a POP3 session keeps the maildrop that it had at login."""

import threading

import pytest

from lib.server import PASSWORD

MESSAGE = b"From: a@example.org\r\nSubject: %d\r\n\r\n.body %d\r\n"


def message(number):
    return MESSAGE % (number, number)


@pytest.fixture
def imap(server, user, source):
    """An IMAP session with five messages in INBOX selected."""
    connection = server.login(user, source=source)
    for number in range(1, 6):
        connection.append("INBOX", message(number))
    connection.ok("SELECT INBOX")
    yield connection
    connection.close()


@pytest.fixture
def pop(server, user, source, imap):    # pylint: disable=unused-argument
    connection = server.pop3(user, source=source)
    yield connection
    connection.close()


def expunge(imap, numbers):
    imap.ok("STORE %s +FLAGS.SILENT (\\Deleted)" % numbers)
    imap.ok("EXPUNGE")


def names(untagged):
    return [(r.name, r.number) for r in untagged]


def test_numbers_stay(pop, imap):
    """What another session removes does not shift what DELE removes."""
    expunge(imap, "1:2")
    pop.ok("DELE 4")
    pop.ok("DELE 1")        # gone already: nothing more happens
    pop.quit()
    assert names(imap.ok("NOOP")) == [("EXPUNGE", 2)]
    subjects = [imap.ok("FETCH %d BODY.PEEK[TEXT]" % n)[0].raw
                for n in (1, 2)]
    assert b"body 3" in subjects[0] and b"body 5" in subjects[1]


def test_new_mail_is_for_the_next_session(server, user, pop, imap):
    stat = pop.ok("STAT")
    server.deliver(user, b"Subject: new\r\n\r\nnew\r\n")
    imap.append("INBOX", message(6))
    assert pop.ok("STAT") == stat
    pop.err("RETR 6")
    pop.ok("DELE 5")
    pop.quit()
    again = server.pop3(user)
    assert len(again.uids()) == 6
    assert again.many("RETR 6") == message(6)
    again.quit()


def test_imap_hears_of_quit(pop, imap):
    """During IDLE, at once; and not before QUIT."""
    pop.ok("DELE 2")
    pop.ok("DELE 3")
    assert names(imap.ok("NOOP")) == []
    tag = imap.start("IDLE")
    assert imap.read().tag == "+"
    pop.quit()
    assert names([imap.read(), imap.read()]) == [("EXPUNGE", 2)] * 2
    imap.send(b"DONE\r\n")
    imap.read_until(tag)


def test_recent_is_left_to_imap(server, user):
    server.deliver(user, b"Subject: new\r\n\r\nnew\r\n")
    pop = server.pop3(user)
    pop.many("RETR 1")
    pop.quit()
    imap = server.login(user)
    assert ("RECENT", 1) in names(imap.ok("SELECT INBOX"))
    imap.close()


def test_flags_of_others_stay(pop, imap):
    """\\Deleted that IMAP has set is not POP3's, and POP3 removes messages
    without it."""
    imap.ok("STORE 1 +FLAGS (\\Deleted \\Flagged $Work)")
    pop.many("RETR 1")
    pop.ok("DELE 2")
    pop.quit()
    imap.ok("NOOP")
    found = [r for r in imap.ok("UID FETCH 1:* (FLAGS)")
             if r.name == "FETCH" and "FLAGS" in r.data]
    flags = {r.data["UID"]: set(r.data["FLAGS"]) - {"\\Recent"}
             for r in found}
    assert flags[1] == {"\\Deleted", "\\Flagged", "$Work", "\\Seen"}
    assert 2 not in flags and len(flags) == 4


def test_moved_away(pop, imap):
    imap.ok("MOVE 1:5 Archive")
    assert pop.many("RETR 5") == message(5)
    pop.ok("DELE 5")
    pop.quit()
    imap.ok("SELECT Archive")
    assert len(imap.ok("FETCH 1:* UID")) == 5


def test_account_that_is_deleted(server, source):
    """What cannot be removed is told of, whatever the reason."""
    name = server.add_user()
    server.deliver(name, b"Subject: x\r\n\r\nx\r\n")
    pop = server.pop3(name, source=source)
    pop.ok("DELE 1")
    assert server.tool("user", "del", name).returncode == 0
    pop.err("RETR 1")
    assert pop.err("QUIT").code == "SYS/TEMP"
    pop.expect_end()
    pop = server.pop3(listener="pop3s", source=source)
    pop.ok("USER " + name)
    assert pop.err("PASS " + PASSWORD).code == "AUTH"


def test_many_at_once(server, user):
    """Four POP3 sessions that fetch and remove, deliveries and an IMAP session
    that expunges, at the same time: each POP3 session reads exactly what UIDL
    told it, by unique-id, and nothing comes back."""
    seen, problems = {}, []
    lock = threading.Lock()

    def deliver():
        for number in range(40):
            server.deliver(user, b"Subject: m\r\n\r\nnumber %d\r\n" % number)

    def fetch():
        for _ in range(10):
            pop = server.pop3(user)
            uids, sizes = pop.uids(), pop.sizes()
            for number, uid in uids.items():
                octets = pop.many("RETR %d" % number)
                with lock:
                    if seen.setdefault(uid, octets) != octets \
                            or sizes[number] != len(octets):
                        problems.append((uid, octets))
                if number % 3 == 0:
                    pop.ok("DELE %d" % number)
            pop.quit()

    def remove():
        imap = server.login(user)
        imap.ok("SELECT INBOX")
        for _ in range(20):
            imap.ok("NOOP")
            imap.command("STORE 1 +FLAGS.SILENT (\\Deleted)")
            imap.ok("EXPUNGE")
        imap.close()

    def guarded(work):
        try:
            work()
        except Exception as problem:    # pylint: disable=broad-except
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(work,))
               for work in (deliver, fetch, fetch, fetch, fetch, remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert len(set(seen.values())) == len(seen)
