# SPDX-License-Identifier: MIT
"""RFC 7162 section 3.1: what makes a client one that knows of mod-sequences."""

import pytest

from lib.shared import new_source, shared_server
from messages import message

MAIL = message("Subject: x\n\nx\n")

ENABLING = {
    "enable": "ENABLE CONDSTORE",
    "enable-qresync": "ENABLE QRESYNC",
    "status": "STATUS INBOX (HIGHESTMODSEQ)",
    "list-status": 'LIST "" INBOX RETURN (STATUS (HIGHESTMODSEQ))',
    "fetch": "FETCH 1 (MODSEQ)",
    "changedsince": "FETCH 1 (FLAGS) (CHANGEDSINCE 1000000)",
    "search": "SEARCH MODSEQ 1000000",
    "store": "STORE 1 (UNCHANGEDSINCE 0) +FLAGS (\\Answered)",
}


@pytest.fixture
def session():
    server = shared_server()
    user = server.add_user()
    connection = server.login(user, source=new_source())
    connection.append("INBOX", MAIL)
    connection.ok("SELECT INBOX")
    yield connection
    connection.close()


def highestmodseqs(responses):
    return [response.code[1] for response in responses
            if response.code_name == "HIGHESTMODSEQ"]


def stored(connection, flag):
    fetches = [response.data for response in
               connection.ok("STORE 1 +FLAGS (%s)" % flag)
               if response.name == "FETCH"]
    assert len(fetches) == 1
    return fetches[0]


@pytest.mark.parametrize("command", ENABLING.values(), ids=ENABLING.keys())
def test_enabling_command(session, command):
    assert "MODSEQ" not in stored(session, "\\Flagged")
    assert len(highestmodseqs(session.ok(command))) == 1
    assert {"UID", "FLAGS", "MODSEQ"} == set(stored(session, "\\Seen"))
    assert highestmodseqs(session.ok(command)) == []


@pytest.mark.parametrize("command", ("SELECT", "EXAMINE"))
def test_select_parameter(session, command):
    assert len(highestmodseqs(session.ok(command + " INBOX (CONDSTORE)"))) == 1
    session.ok("SELECT INBOX")
    assert "MODSEQ" in stored(session, "\\Seen")


def test_asking_for_highestmodseq_alone_is_no_word_of_it(session):
    session.ok("SELECT INBOX")
    session.ok("STATUS INBOX (MESSAGES)")
    session.ok("SEARCH ALL")
    assert "MODSEQ" not in stored(session, "\\Seen")
