# SPDX-License-Identifier: MIT
"""A day's work, done by each client library in turn.

The libraries are told what to do by one scenario, through a program in work/
that is as small as its language allows: it reads a line "verb TAB argument
TAB ..." and answers "ok TAB value TAB ..." or "error TAB text".  work/README
has the verbs.  What the client says that it did is compared with what a second
session sees.
"""

import pytest

from witness import lower, message
from work_client import Client, Refused

FOLDER = "Projekte/Grün & Blau 日本 😀"
RENAMED = "Projekte/Jürgens Ablage"


@pytest.fixture(params=Client.KINDS)
def client(request, account):
    made = Client(request.param, account, request.getfixturevalue)
    yield made
    made.end()


def work_in_folders(client, witness):
    assert {"INBOX", "Drafts", "Sent", "Trash"} <= set(client.list())
    client.create(FOLDER)
    assert FOLDER in client.list()
    assert FOLDER in witness.names()
    client.rename(FOLDER, RENAMED)
    assert RENAMED in client.list() and FOLDER not in client.list()
    assert RENAMED in witness.names() and FOLDER not in witness.names()


def append_and_read(client, witness):
    client.append("INBOX", message(1), "\\Seen")
    for number in range(2, 7):
        client.append("INBOX", message(number))
    assert client.select("INBOX") == 6
    assert client.uids() == [1, 2, 3, 4, 5, 6]
    assert client.read(3) == message(3)
    assert client.read(6) == message(6)
    assert witness.messages("INBOX")[1] == {"\\Seen"}
    assert client.search("number 4.") == [4]


def flag(client, witness):
    client.store(2, "+", "\\Flagged")
    client.store(3, "+", "$Work")
    client.store(1, "-", "\\Seen")
    client.store(4, "+", "\\Answered")
    seen = witness.messages("INBOX")
    assert "\\Flagged" in seen[2] and "$Work" in seen[3]
    assert "\\Seen" not in seen[1] and "\\Answered" in seen[4]
    for uid in range(1, 5):
        assert lower(client.flags(uid)) == lower(seen[uid]), uid


def move_about(client, witness):
    client.copy(2, RENAMED)
    client.copy(3, RENAMED)
    assert set(client.uids()) == {1, 2, 3, 4, 5, 6}
    client.move(4, RENAMED)
    client.remove(5)
    assert set(client.uids()) == {1, 2, 3, 6}
    assert set(witness.messages("INBOX")) == {1, 2, 3, 6}
    there = witness.messages(RENAMED)
    assert len(there) == 3
    assert "\\Flagged" in there[1] and "$Work" in there[2]
    assert "\\Answered" in there[3]
    assert client.select(RENAMED) == 3
    assert client.read(3) == message(4)


def wait_for_mail(client, witness, account):
    assert client.select("INBOX") == 4
    with client.idle() as told:
        account.server.deliver(account.user, message(7, "new"))
        assert told() == 5
    new = max(witness.messages("INBOX"))
    assert client.uids()[-1] == new
    assert client.read(new).endswith(message(7, "new"))


def come_back(client, witness, account):
    """Cut off; others change the mailbox; connected again, all is known."""
    client.cut()
    session = witness.session
    session.ok('SELECT "INBOX"')
    session.ok("UID STORE 2 -FLAGS (\\Flagged)")
    session.ok("UID STORE 3 +FLAGS ($Done)")
    session.ok("UID STORE 1 +FLAGS (\\Deleted)")
    session.ok("EXPUNGE")
    account.server.deliver(account.user, message(8, "meanwhile"))
    client.connect()
    assert client.select("INBOX") == 5
    want = witness.messages("INBOX")
    assert client.uids() == sorted(want)
    for uid, flags in want.items():
        # Some libraries cannot read without that.
        assert lower(client.flags(uid)) - {"\\seen"} \
            == lower(flags) - {"\\seen"}
    assert client.read(max(want)).endswith(message(8, "meanwhile"))


def test_work(client, witness, account):
    client.connect()
    work_in_folders(client, witness)
    append_and_read(client, witness)
    flag(client, witness)
    move_about(client, witness)
    wait_for_mail(client, witness, account)
    come_back(client, witness, account)
    client.delete(RENAMED)
    assert RENAMED not in client.list()
    assert RENAMED not in witness.names()
    with pytest.raises(Refused):
        client.rename("Nowhere", "Somewhere")
    client.logout()
