# SPDX-License-Identifier: MIT
"""Mail of other programs comes in as it was: UIDs, flags, keywords, dates,
subscriptions, octets; once, however often it is done and wherever it ends."""

import os
import pathlib
import pty
import re
import signal
import subprocess
import threading
import time

import pytest

from lib.account import connect, good
from lib.moving import WAYS, account, bring, server_with_alice
from lib.server import ROOT, Server, program

OK, REFUSED, USAGE, UNREACHABLE, DAMAGED = range(5)
PLAIN = b"From: a@example.org\nSubject: %d\n\nbody %d\n"


@pytest.fixture(params=WAYS, name="server")
def fixture_server(request):
    yield from server_with_alice(request.param)


def crlf(data):
    return re.sub(rb"(?<!\r)\n", b"\r\n", data)


class Maildir:
    """A Maildir tree as Dovecot writes it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.folder("")

    def folder(self, name):
        folder = self.path / name
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
        return folder

    @staticmethod
    def message(folder, base, data, flags=None, date=None):
        path = folder / ("new" if flags is None else "cur") \
            / (base + ("" if flags is None else ":2," + flags))
        path.write_bytes(data)
        if date is not None:
            os.utime(path, (date, date))
        return path


def make_tree(path):
    tree = Maildir(path)
    root = tree.path
    for uid, flags in ((3, "S"), (4, "FSab"), (9, ""), (400, "DRST")):
        tree.message(root, f"17000000{uid:02}.M1P1.host,S=5", PLAIN % (uid, uid),
                     flags, 1500000000 + uid)
    tree.message(root, "1700009999.M1P1.host", PLAIN % (9999, 9999), None,
                 1700009999)
    (root / "dovecot-uidlist").write_text(
        "3 V1600000001 N405 G0123\n"
        "3 :1700000003.M1P1.host,S=5\n4 W9 :1700000004.M1P1.host,S=5\n"
        "9 :1700000009.M1P1.host,S=5\n77 :1700000077.gone\n"
        "400 :17000000400.M1P1.host,S=5:2,\n")
    (root / "dovecot-keywords").write_text("0 work\n1 $Forwarded\n2 unused\n")
    (root / "subscriptions").write_text(
        "V\t2\n\nINBOX\nLists\tCaf&AOk-\nNot\tthere\n")
    sub = tree.folder(".Lists.Caf&AOk-")
    tree.message(sub, "1700000001.x", b"a: b\r\n\r\nx\ny\rz\0\r\n", "",
                 1600000000)
    (sub / "dovecot-uidlist").write_text("3 V1600000002 N2\n1 :1700000001.x\n")
    sent = tree.folder(".Sent Items")
    # Copied without its time: the name says when it came.
    tree.message(sent, "1500000000.y", PLAIN % (1, 1), "PS", 1700000000)
    return tree


def test_maildir(server, tmp_path):
    make_tree(tmp_path / "mail")
    out = bring(server, "maildir", "alice", tmp_path / "mail")
    assert "INBOX: 0 were here, new (count, octets, hash): 5 " in out
    found, subscribed = account(server)
    validity, uidnext, messages = found["INBOX"]
    assert (validity, uidnext) == (1600000001, 405)
    assert messages[:4] == [
        (uid, frozenset(flags), 1500000000 + uid, crlf(PLAIN % (uid, uid)))
        for uid, flags in ((3, ["\\Seen"]),
                           (4, ["\\Flagged", "\\Seen", "work", "$Forwarded"]),
                           (9, []),
                           (400, ["\\Draft", "\\Answered", "\\Seen",
                                  "\\Deleted"]))]
    assert messages[4][0] == 401 and messages[4][2] == 1700009999
    assert found["Lists/Caf&AOk-"] == (1600000002, 2, [
        (1, frozenset(), 1600000000, b"a: b\r\n\r\nx\ny\rz\0\r\n")])
    assert [m[1:3] for m in found["Sent Items"][2]] == [
        (frozenset(["\\Seen", "$Forwarded"]), 1500000000)]
    # Accounts begin with a Sent that nobody used: this one takes its place.
    assert "Sent" not in found and "Drafts" in found
    assert subscribed == sorted(["INBOX", "Lists/Caf&AOk-", "Not/there",
                                 "Drafts", "Junk", "Trash", "Archive"])
    assert server.tool("check").returncode == OK


def test_maildir_again(server, tmp_path):
    tree = make_tree(tmp_path / "mail")
    bring(server, "maildir", "alice", tree.path)
    before = account(server)
    out = bring(server, "maildir", "alice", tree.path)
    assert "INBOX: 5 were here, new (count, octets, hash): 0 " in out
    assert account(server) == before
    # Flags change the name, and what is new has the UID that it had there.
    old = tree.path / "cur" / "1700000003.M1P1.host,S=5:2,S"
    old.rename(tree.path / "cur" / "1700000003.M1P1.host,S=5:2,FS")
    tree.message(tree.path, "1700010000.z", PLAIN % (5, 5), "S", 5)
    with open(tree.path / "dovecot-uidlist", "a", encoding="ascii") as file:
        file.write("500 :1700010000.z\n")
    out = bring(server, "maildir", "alice", tree.path)
    assert "INBOX: 5 were here, new (count, octets, hash): 1 " in out
    after = account(server)
    assert after[0]["INBOX"][2][:-1] == before[0]["INBOX"][2]
    assert after[0]["INBOX"][2][-1] \
        == (500, frozenset(["\\Seen"]), 5, crlf(PLAIN % (5, 5)))


def test_what_was_deleted_stays_deleted(server, tmp_path):
    tree = make_tree(tmp_path / "mail")
    bring(server, "maildir", "alice", tree.path)
    stopped = server.process is None
    if stopped:
        server.start()
    client = connect(server, "alice")
    good(client.select("INBOX"))
    good(client.store("1:*", "+FLAGS", r"\Deleted"))
    good(client.expunge())
    client.logout()
    if stopped:
        server.stop()
        server.process = None
    bring(server, "maildir", "alice", tree.path)
    assert account(server)[0]["INBOX"][1:] == (405, [])


def test_uids_that_cannot_be_kept(server, tmp_path):
    """Here and there, a UID became another message's."""
    tree = make_tree(tmp_path / "mail")
    bring(server, "maildir", "alice", tree.path)
    assert server.tool("deliver", "alice", text="a: b\n").returncode == OK
    tree.message(tree.path, "1700010000.z", PLAIN % (5, 5), "S", 5)
    with open(tree.path / "dovecot-uidlist", "a", encoding="ascii") as file:
        file.write("405 :1700010000.z\n")
    before = account(server)
    out = bring(server, "maildir", "alice", tree.path, code=REFUSED)
    assert "--fresh-uids" in out
    assert account(server) == before
    bring(server, "maildir", "alice", tree.path, "--fresh-uids")
    messages = account(server)[0]["INBOX"][2]
    assert [m[0] for m in messages[-2:]] == [405, 406]
    assert messages[-1][3] == crlf(PLAIN % (5, 5))


def test_mailboxes_in_use_keep_their_uids(server, tmp_path):
    assert server.tool("deliver", "alice", text="a: b\n").returncode == OK
    validity = account(server)[0]["INBOX"][0]
    bring(server, "maildir", "alice", make_tree(tmp_path / "mail").path)
    found = account(server)[0]["INBOX"]
    assert found[0] == validity
    assert [m[0] for m in found[2]] == [1, 2, 3, 4, 5, 6]


def test_maildir_into(server, tmp_path):
    tree = make_tree(tmp_path / "mail")
    bring(server, "maildir", "alice", tree.path, "--into", "Old/2020")
    found = account(server)[0]
    assert len(found["Old/2020"][2]) == 5
    assert len(found["Old/2020/Lists/Caf&AOk-"][2]) == 1
    assert "Sent" in found and found["INBOX"][2] == []


def test_plain_folders(server, tmp_path):
    tree = Maildir(tmp_path / "mail")
    sub = tree.folder("Lists/Caf&AOk-")
    tree.message(sub, "1.x", PLAIN % (1, 1), "S")
    tree.folder("a.b")
    (tree.path / "subscriptions").write_text("a.b\nLists/Caf&AOk-\n")
    bring(server, "maildir", "alice", tree.path)
    found, subscribed = account(server)
    assert len(found["Lists/Caf&AOk-"][2]) == 1
    assert {"a.b", "Lists/Caf&AOk-"} <= set(subscribed)


def test_hostile_tree(server, tmp_path):
    """What is no mail is left out, and said; the rest comes."""
    tree = Maildir(tmp_path / "mail")
    (tmp_path / "secret").write_bytes(b"Subject: secret\n\n")
    (tree.path / "cur" / "1.link:2,").symlink_to(tmp_path / "secret")
    os.mkfifo(tree.path / "cur" / "2.pipe:2,")
    (tree.path / "cur" / "3.folder:2,").mkdir()
    tree.message(tree.path, "4.new\nline\x1b[2J", PLAIN % (4, 4), "S")
    tree.message(tree.path, "5." + "x" * 240, PLAIN % (5, 5), "S")
    tree.message(tree.path, "6.empty", b"", "")
    tree.message(tree.path, "7.long", b"a: " + b"x" * 3000000, "")
    (tree.path / ".Loop").symlink_to(tree.path)
    (tree.path / ".\udcff\udcfe").mkdir()
    (tree.path / ".\udcff\udcfe" / "cur").mkdir()
    tree.folder("." + "x" * 240)
    tree.folder(".a%b*c")
    tree.folder("." + ".".join("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"))
    (tree.path / "dovecot-uidlist").write_bytes(
        b"3 V1600000001 N4294967295\n4294967295 :6.empty\n" + b"x" * 200000
        + b"\n1 :7.long\n")
    (tree.path / "dovecot-keywords").symlink_to("/etc/passwd")
    os.mkfifo(tree.path / "subscriptions")
    out = bring(server, "maildir", "alice", tree.path, code=REFUSED)
    for text in ("1.link", "2.pipe", "3.folder", ".Loop", "symbolic link",
                 "UTF-7", "uidlist", "subscriptions"):
        assert text in out, (text, out)
    assert "\x1b" not in out
    found = account(server)[0]
    assert {m[3] for m in found["INBOX"][2]} == {
        crlf(PLAIN % (4, 4)), crlf(PLAIN % (5, 5)), b"",
        b"a: " + b"x" * 3000000}
    assert "a_b_c" in found
    assert server.tool("check").returncode == OK


def test_mistakes(server, tmp_path):
    bring(server, "maildir", "alice", tmp_path / "none", code=REFUSED)
    bring(server, "maildir", "alice", tmp_path, code=REFUSED)
    tree = make_tree(tmp_path / "mail")
    out = bring(server, "maildir", "bob", tree.path, code=REFUSED)
    assert "no user bob" in out
    out = bring(server, "maildir", "alice", tree.path, "--into", "a//b",
                code=REFUSED)
    bring(server, "maildir", "alice", code=USAGE)


def test_all_messages(server, tmp_path):
    """Every test message comes in octet for octet."""
    tree = Maildir(tmp_path / "mail")
    files = [path for path in sorted((ROOT / "test/data").rglob("*"))
             if path.is_file()]
    for number, path in enumerate(files):
        tree.message(tree.path, f"{number}.x", path.read_bytes(), "", number)
    bring(server, "maildir", "alice", tree.path)
    messages = account(server)[0]["INBOX"][2]
    assert len(messages) == len(files)
    for number, path in enumerate(files):
        data = path.read_bytes()
        want = data if b"\r\n" in data.split(b"\n")[0] + b"\n" else crlf(data)
        assert messages[number][3] == want, path


MANY = 3000


def make_many(path):
    tree = Maildir(path)
    lines = ["3 V1600000001 N100000"]
    for uid in range(1, MANY + 1):
        tree.message(tree.path, f"{uid}.x", PLAIN % (uid, uid), "S", uid)
        lines.append(f"{uid} :{uid}.x")
    (tree.path / "dovecot-uidlist").write_text("\n".join(lines) + "\n")
    return tree


def cut(server, whom, user, path, pause):
    """Kill one of the two in the middle; how many messages are there then."""
    with subprocess.Popen(
            [program(), "import", "maildir", user, str(path),
             "-c", str(server.config)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True) as tool:
        time.sleep(pause)
        if whom == "server":
            server.kill()
            assert tool.wait(60) in (OK, UNREACHABLE)
            server.start()
        else:
            os.killpg(tool.pid, signal.SIGKILL)
            tool.wait()
    done = server.tool("mailbox", "list", user)
    # What was killed may still be letting go of the store.
    while whom == "tool" and done.returncode == UNREACHABLE:
        done = server.tool("mailbox", "list", user)
    return int(re.search(r"(?m)^ *(\d+) .* INBOX$", done.stdout)[1])


def cut_often(server, whom, user, path):
    """Later and later, until all have come; how many were there each time."""
    counts, pause = [], 0.0
    while not counts or counts[-1] < MANY:
        pause += 0.1
        counts.append(cut(server, whom, user, path, pause))
    assert counts == sorted(counts)
    return counts


@pytest.mark.parametrize("whom", ["tool", "server"])
def test_killed(whom, tmp_path):
    """Cut off anywhere and done again, all is there once."""
    server = Server()
    if whom == "server":
        server.start()
    tree = make_many(tmp_path / "mail")
    # On a busy machine it may not be seen half done; then again.
    for attempt in range(10):
        user = "user%d" % attempt
        server.add_user(user)
        counts = cut_often(server, whom, user, tree.path)
        if any(0 < count < MANY for count in counts):
            break
    else:
        raise AssertionError("never seen half done")
    bring(server, "maildir", user, tree.path)
    validity, uidnext, messages = account(server, user)[0]["INBOX"]
    assert (validity, uidnext) == (1600000001, 100000)
    assert [m[0] for m in messages] == list(range(1, MANY + 1))
    assert all(m[3] == crlf(PLAIN % (m[0], m[0])) for m in messages)
    assert server.tool("check").returncode == OK
    if server.process is not None:
        server.stop()
    server.remove()


def test_files_that_change_meanwhile(server, tmp_path):
    """The other server still runs: flags change, new mail is looked at, and
    some is removed."""
    tree = make_many(tmp_path / "mail")
    going = threading.Event()

    def change():
        for turn in range(100):
            for path in sorted((tree.path / "cur").iterdir())[::-7]:
                base = path.name.split(":")[0]
                if base == f"{MANY}.x" and turn == 0:
                    path.unlink()
                elif not going.is_set():
                    path.rename(path.with_name(
                        base + (":2,FS" if turn % 2 else ":2,S")))
            if going.is_set():
                return

    thread = threading.Thread(target=change)
    thread.start()
    done = server.tool("import", "maildir", "alice", str(tree.path))
    going.set()
    thread.join()
    assert done.returncode in (OK, REFUSED), done.stderr
    for line in done.stderr.splitlines():
        assert re.search(r"not there", line), line
    # What the list of a folder lacked while names changed comes now.
    bring(server, "maildir", "alice", tree.path, "--fresh-uids")
    messages = account(server)[0]["INBOX"][2]
    bodies = sorted(m[3] for m in messages)
    want = sorted(crlf(PLAIN % (uid, uid)) for uid in range(1, MANY + 1))
    removed = crlf(PLAIN % (MANY, MANY))
    assert bodies in (want, [body for body in want if body != removed])
    assert sum(PLAIN % (m[0], m[0]) == m[3].replace(b"\r\n", b"\n")
               for m in messages) > MANY * 9 // 10


def test_many_problems(server, tmp_path):
    tree = Maildir(tmp_path / "mail")
    for number in range(1500):
        os.mkfifo(tree.path / "new" / f"{number}.x")
    done = server.tool("import", "maildir", "alice", str(tree.path))
    assert done.returncode == REFUSED
    assert len(done.stderr.splitlines()) == 1001
    assert "1500 problems in all" in done.stderr


def test_progress(server, tmp_path):
    """On a terminal, and nowhere else."""
    tree = make_many(tmp_path / "mail")
    terminal, end = pty.openpty()
    done = subprocess.run(
        [program(), "import", "maildir", "alice", str(tree.path),
         "-c", str(server.config)], stdout=subprocess.PIPE, stderr=end,
        check=False, timeout=60)
    os.close(end)
    assert done.returncode == OK
    shown = os.read(terminal, 65536)
    os.close(terminal)
    assert re.search(rb"\d+ messages, \d+ MB, [\d.]+ MB/s, \d+ %, [\d:]+"
                     rb".* left: INBOX", shown), shown
    assert b"\x1b" not in done.stdout
    assert b"left" not in done.stdout


def test_who_has_the_mailbox_selected(tmp_path):
    """An INBOX that nobody used gives way: who has it open is told."""
    server = Server()
    server.add_user("alice")
    server.start()
    session = server.login("alice")
    session.ok("SELECT INBOX")
    bring(server, "maildir", "alice", make_tree(tmp_path / "mail").path)
    assert any(b"[CLOSED]" in line.raw for line in session.ok("NOOP"))
    assert any(b"[UIDVALIDITY 1600000001]" in line.raw
               for line in session.ok("SELECT INBOX"))
    session.close()
    server.stop()
    server.remove()
