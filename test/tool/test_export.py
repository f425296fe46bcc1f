# SPDX-License-Identifier: MIT
"""What goes out comes back: all of an account as a Maildir tree, and all but
UIDs as mbox files."""

import mailbox
import os
import pathlib

import pytest

from lib.moving import WAYS, accounts, run, server_with_alice
from lib.server import ROOT

OK, REFUSED = 0, 1
FILES = [path for path in sorted((ROOT / "test/data").rglob("*"))
         if path.is_file()]
# Line ends and lengths that are no one's but must be kept.
ODD = [b"", b"\r\n", b"a: b\r\n\r\nx\ny\r\n", b"a: b\r\nc: d\r\r\n\r\n",
       b"a: b\r\n\r\nFrom x Thu Jan  1 00:00:00 1970\r\n>From y\r\n",
       b"Status: R\r\nX-Status: D\r\nX-UID: 5\r\n\r\n\0\r\n",
       b"a: b\r\n\r\n" + b"0123456789\r\n" * 300000,
       b"a: b\r\n\r\n" + b"0123456789\r\n" * 300000 + b"lf\n\r\n",
       b"a: b\r\n\r\nno end", b"a: b\r\n\r\nend with CR\r"]


@pytest.fixture(params=WAYS, name="server")
def fixture_server(request, tmp_path):
    def prepare(server):
        fill(server, tmp_path / "source")
        server.add_user("bob")
    yield from server_with_alice(request.param, prepare)


def fill(server, path):
    """Mail in several mailboxes, and some by LMTP, which puts lines before."""
    folders = {"": (1500000001, FILES[::2]),
               ".Lists.Caf&AOk-": (1500000002, FILES[1::2]),
               ".Odd.v1\\2e2 &- x": (1500000003, ODD)}
    for name, (validity, contents) in folders.items():
        for part in ("cur", "new", "tmp"):
            (path / name / part).mkdir(parents=True)
        lines = [f"3 V{validity} N7000"]
        for number, data in enumerate(contents, 1):
            base = f"{number}.x"
            file = path / name / "cur" / f"{base}:2,{'DFRSTab'[:number % 8]}"
            file.write_bytes(data if isinstance(data, bytes)
                             else data.read_bytes())
            os.utime(file, (number * 1000, number * 1000))
            lines.append(f"{number * 3} :{base}")
        (path / name / "dovecot-uidlist").write_text("\n".join(lines) + "\n")
        (path / name / "dovecot-keywords").write_text("0 work\n1 $Phishing\n")
    (path / "subscriptions").write_text("V\t2\n\nINBOX\nNot\tthere\nJunk\n")
    run(server, "import", "maildir", "alice", path)
    server.start()
    server.deliver("alice", b"Subject: by LMTP\r\n\r\nx\r\n")
    server.stop()
    server.process = None


def test_maildir(server, tmp_path):
    out = run(server, "export", "maildir", "alice", tmp_path / "out")
    assert "read: the same" in out
    alice, = accounts(server, "alice")
    assert len(alice[0]["Odd/v1.2 &- x"][2]) == len(ODD)
    out = run(server, "import", "maildir", "bob", tmp_path / "out")
    bob, = accounts(server, "bob")
    assert sorted(bob[0]) == sorted(alice[0])
    for name in alice[0]:
        assert bob[0][name] == alice[0][name], name
    assert set(alice[1]) <= set(bob[1])
    run(server, "check")
    # As Python reads it.
    tree = mailbox.Maildir(tmp_path / "out", create=False)
    assert len(tree) == len(alice[0]["INBOX"][2])
    assert "Lists.Caf&AOk-" in tree.list_folders()


def test_mbox(server, tmp_path):
    """A message without a line end at its end gets one."""
    out = run(server, "export", "mbox", "alice", tmp_path / "out",
              code=REFUSED)
    assert "no line end" in out
    run(server, "import", "mbox", "bob", tmp_path / "out")
    alice, bob = accounts(server, "alice", "bob")
    assert sorted(bob[0]) == sorted(alice[0])
    for name in alice[0]:
        got = [message[1:] for message in bob[0][name][2]]
        want = [message[1:] for message in alice[0][name][2]]
        for one, other in zip(got, want, strict=True):
            assert one[:2] == other[:2]
            ends = (b"", b"\r\n", b"\n")
            assert one[2] in [other[2] + end for end in ends[
                :1 if other[2].endswith(b"\n") or not other[2] else 3]]
    assert "Not/there" in bob[1] and "Junk" in bob[1]
    box = mailbox.mbox(tmp_path / "out" / "Odd" / "v1.2 & x.mbox")
    assert len(box) == len(ODD)


def test_again_and_mistakes(server, tmp_path):
    run(server, "export", "maildir", "alice", tmp_path / "out")
    out = run(server, "export", "maildir", "alice", tmp_path / "out",
              code=REFUSED)
    assert "not empty" in out
    out = run(server, "export", "mbox", "nobody", tmp_path / "other",
              code=REFUSED)
    assert "no user nobody" in out
    run(server, "export", "mbox", "alice", tmp_path / "no" / "where",
        code=REFUSED)
    run(server, "export", "mbox", "alice", pathlib.Path("/dev/null"),
        code=REFUSED)
    # What was exported is known as what it was when it comes back twice.
    run(server, "import", "maildir", "bob", tmp_path / "out")
    out = run(server, "import", "maildir", "bob", tmp_path / "out")
    assert "new (count, octets, hash): 0 0 " in out


def test_what_cannot_be_kept(server, tmp_path):
    """It is said, and all else is kept."""
    stopped = server.process is None
    if stopped:
        server.start()
    session = server.login("alice")
    session.ok("CREATE Strange")
    session.append("Strange", b"a: b\r\n\r\nx\r\n",
                   "(%s)" % " ".join("k%02d" % n for n in range(30)))
    session.append("Strange", b"a: b\n\r\nx\r\n", "(k05 k29)")
    session.close()
    if stopped:
        server.stop()
        server.process = None
    out = run(server, "export", "maildir", "alice", tmp_path / "out",
              code=REFUSED)
    assert "Strange: 2 messages have keywords beyond the 26" in out
    assert "Strange: 1 messages have line ends" in out
    run(server, "import", "maildir", "bob", tmp_path / "out")
    bob, = accounts(server, "bob")
    one, other = bob[0]["Strange"][2]
    assert one[1] == frozenset("k%02d" % number for number in range(26))
    assert other[1] == frozenset(["k05"])
    assert other[3] == b"a: b\r\n\r\nx\r\n"
