# SPDX-License-Identifier: MIT
"""mbox files and single messages come in: octets, flags, dates; once."""

import os

import pytest

from lib.moving import WAYS, account, bring, server_with_alice
from lib.server import Server

OK, REFUSED = 0, 1
FROM = b"From a@example.org Thu Jan  1 00:01:40 2026\n"
DATE = 1767225700


@pytest.fixture(params=WAYS, name="server")
def fixture_server(request):
    yield from server_with_alice(request.param)


def test_file(server, tmp_path):
    """As Dovecot and mutt write it: their fields are flags, not the
    message's."""
    path = tmp_path / "box"
    path.write_bytes(
        FROM + b"a: b\nX-IMAPbase: 1 2 work\nX-UID: 7\nStatus: RO\n"
        b"X-Status: AF\nX-Keywords: work $Junk       \nContent-Length: 2\n\n"
        b"x\n>From here\n\nFrom there\n\n"
        + FROM + b"a: b\n\nx\n\n"
        + FROM + b"a: b\n\nx\n\n"
        + FROM + b"a: 0\n\0x\n\n\nlast line\n")
    out = bring(server, "mbox", "alice", path)
    assert "INBOX: 0 were here, new (count, octets, hash): 4 " in out
    messages = account(server)[0]["INBOX"][2]
    assert messages == [
        (1, frozenset(["\\Seen", "\\Answered", "\\Flagged", "work", "$Junk"]),
         DATE, b"a: b\r\n\r\nx\r\nFrom here\r\n\r\nFrom there\r\n"),
        (2, frozenset(), DATE, b"a: b\r\n\r\nx\r\n"),
        (3, frozenset(), DATE, b"a: b\r\n\r\nx\r\n"),
        (4, frozenset(), DATE, b"a: 0\r\n\0x\r\n\r\n\r\nlast line\r\n")]
    # Again, with other flags and one more.
    data = path.read_bytes().replace(b"Status: RO\nX-Status: AF", b"Status: O")
    path.write_bytes(data + b"\n" + FROM + b"a: b\n\nx\n")
    out = bring(server, "mbox", "alice", path)
    assert "INBOX: 4 were here, new (count, octets, hash): 1 " in out
    assert account(server)[0]["INBOX"][2][:4] == messages
    assert server.tool("check").returncode == OK


def test_folder(server, tmp_path):
    """Of several mail programs."""
    (tmp_path / "Lists.sbd").mkdir()
    (tmp_path / ".imap").mkdir()
    for name, text in (("Inbox", b"a"), ("Lists.sbd/Caf\u00e9.mbox", b"b"),
                       ("Spam", b"c"), ("Empty", None)):
        (tmp_path / name).write_bytes(
            b"" if text is None else FROM + b"a: " + text + b"\n\n")
    (tmp_path / "Inbox.msf").write_bytes(b"// <!-- index -->")
    (tmp_path / ".subscriptions").write_bytes(b"Spam\nLists/Caf&AOk-\n")
    bring(server, "mbox", "alice", tmp_path)
    found, subscribed = account(server)
    assert [m[3] for m in found["INBOX"][2]] == [b"a: a\r\n"]
    assert [m[3] for m in found["Lists/Caf&AOk-"][2]] == [b"a: b\r\n"]
    assert [m[3] for m in found["Spam"][2]] == [b"a: c\r\n"]
    assert found["Empty"][2] == [] and "Junk" not in found
    assert "Empty" not in subscribed and "Spam" in subscribed
    assert server.tool("check").returncode == OK


def test_what_is_no_mbox(server, tmp_path):
    (tmp_path / "good").write_bytes(FROM + b"a: b\n\n")
    (tmp_path / "bad").write_bytes(b"a: b\n\nx\n")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    out = bring(server, "mbox", "alice", tmp_path, code=REFUSED)
    for name in ("bad", "link", "pipe"):
        assert name + ": left out" in out, out
    found = account(server)[0]
    assert len(found["good"][2]) == 1
    bring(server, "mbox", "alice", tmp_path / "none", code=REFUSED)
    bring(server, "mbox", "alice", tmp_path / "pipe", code=REFUSED)


def test_into(server, tmp_path):
    (tmp_path / "box").write_bytes(FROM + b"a: b\n\n")
    bring(server, "mbox", "alice", tmp_path / "box", "--into", "Old/box")
    assert len(account(server)[0]["Old/box"][2]) == 1


def test_eml(server, tmp_path):
    for number, name in enumerate(("1.eml", "2.eml", "x.txt", "3.eml")):
        path = tmp_path / name
        path.write_bytes(b"a: b\n\nbody\n" if number < 2
                         else b"a: %d\r\n\r\nb\nc\r\n" % number)
        os.utime(path, (1600000000 + number, 1600000000 + number))
    bring(server, "eml", "alice", tmp_path)
    out = bring(server, "eml", "alice", tmp_path)
    assert "INBOX: 3 were here, new (count, octets, hash): 0 " in out
    bring(server, "eml", "alice", tmp_path / "x.txt", "--into", "Archive")
    found = account(server)[0]
    assert [m[2:] for m in found["INBOX"][2]] == [
        (1600000000, b"a: b\r\n\r\nbody\r\n"),
        (1600000001, b"a: b\r\n\r\nbody\r\n"),
        (1600000003, b"a: 3\r\n\r\nb\nc\r\n")]
    assert [m[3] for m in found["Archive"][2]] == [b"a: 2\r\n\r\nb\nc\r\n"]
    bring(server, "eml", "alice", tmp_path / "none.eml", code=REFUSED)


def test_too_large(tmp_path):
    server = Server(more='message_size_max = "100K"')
    server.add_user("alice")
    (tmp_path / "box").write_bytes(
        FROM + b"a: b\n\n" + b"x" * 200000 + b"\n\n" + FROM + b"a: c\n\n")
    out = bring(server, "mbox", "alice", tmp_path / "box", code=REFUSED)
    assert "message 1 is larger" in out
    assert "new (count, octets, hash): 1 " in out
    server.remove()
