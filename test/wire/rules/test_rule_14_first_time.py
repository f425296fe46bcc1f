# SPDX-License-Identifier: MIT
"""Rule 14: the mailboxes with special uses are there from the first moment of an
account that comes to be when somebody logs in, or mail comes, for the first
time."""

import pytest

from lib.lmtp import Lmtp, deliver
from lib.server import PASSWORD, Server

USES = {"INBOX": None, "Drafts": "\\Drafts", "Sent": "\\Sent",
        "Junk": "\\Junk", "Trash": "\\Trash", "Archive": "\\Archive"}


@pytest.fixture(name="fresh")
def start_fresh(tmp_path):
    path = tmp_path / "users"
    path.write_text("ann:{PLAIN}%s\n" % PASSWORD)
    made = Server(more='passwd_file = "%s"' % path).start()
    yield made
    made.stop()
    made.remove()


def check_mailboxes(server):
    connection = server.login("ann")
    listed = connection.ok('LIST (SUBSCRIBED) "" "*"')
    assert {r.data[2]: next((a for a in r.data[0] if a in USES.values()), None)
            for r in listed} == USES
    connection.close()


def test_login(fresh):
    check_mailboxes(fresh)


def test_mail(fresh):
    lmtp = Lmtp(fresh)
    lmtp.hello()
    assert deliver(lmtp, ["ann"]) == [250]
    lmtp.close()
    assert fresh.tool("user", "list").stdout.startswith("ann\t")
    assert fresh.tool("mailbox", "list", "ann").stdout.count("\n") == len(USES)
    check_mailboxes(fresh)
