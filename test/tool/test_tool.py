# SPDX-License-Identifier: MIT
"""The command-line tool, with a server running on the data and without."""

import base64
import hashlib
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from lib.server import PASSWORD, Server, program

OK, REFUSED, USAGE, UNREACHABLE, DAMAGED = range(5)
MESSAGE = "Subject: by hand\n\none\r\ntwo\n"


@pytest.fixture(params=["running", "stopped"])
def tool(request):
    """The server's tool function, which the server answers or not."""
    server = Server()
    if request.param == "running":
        server.start()
    server.running = request.param == "running"
    yield server.tool
    if server.running:
        server.stop()
    server.remove()


def expect(done, code, text=""):
    assert done.returncode == code, (done.stdout, done.stderr)
    assert text in done.stdout + done.stderr, (done.stdout, done.stderr)
    return done.stdout


def test_users(tool):
    expect(tool("user", "list"), OK)
    expect(tool("user", "add", "alice", text="secret\n"), OK)
    expect(tool("user", "add", "Alice", text="x\n"), REFUSED)
    expect(tool("user", "add", "b\u00e4rbel", text="secret\n"), OK)
    for name in ("", "a b", "a/b", "a+b", "..", "x" * 256, 'q"'):
        expect(tool("user", "add", name, text="x\n"), REFUSED)
    out = expect(tool("user", "list"), OK)
    assert [line.split("\t")[0] for line in out.splitlines()] \
        == ["alice", "b\u00e4rbel"]
    expect(tool("user", "passwd", "alice", text="other\n"), OK)
    expect(tool("user", "passwd", "nobody", text="x\n"), REFUSED, "nobody")
    expect(tool("user", "del", "alice"), OK)
    expect(tool("user", "del", "alice"), REFUSED)
    assert "alice" not in expect(tool("user", "list"), OK)


def test_aliases(tool):
    for name in ("alice", "Bob"):
        expect(tool("user", "add", name, text="x\n"), OK)
    expect(tool("alias", "add", "info@example.org", "alice"), OK)
    expect(tool("alias", "add", "Info@Example.org", "bob"), OK)
    expect(tool("alias", "add", "@example.net", "bob"), OK)
    expect(tool("alias", "add", "info@example.org", "alice"), REFUSED,
           "already")
    expect(tool("alias", "add", "alice", "bob"), REFUSED, "is a user")
    expect(tool("alias", "add", "x", "nobody"), REFUSED, "nobody")
    for address in ("", "@", "a@b@c", "a b", "a/b", "a+b@c", "@@"):
        expect(tool("alias", "add", address, "bob"), REFUSED)
    expect(tool("user", "add", "INFO@example.org", text="x\n"), REFUSED,
           "alias")
    assert expect(tool("alias", "list"), OK).splitlines() == [
        "@example.net\tBob", "info@example.org\talice",
        "info@example.org\tBob"]
    expect(tool("alias", "remove", "info@example.org", "alice"), OK)
    expect(tool("alias", "remove", "info@example.org", "alice"), REFUSED)
    expect(tool("user", "del", "bob"), OK)
    assert expect(tool("alias", "list"), OK) == ""
    expect(tool("alias", "remove", "@example.net"), REFUSED, "alias list")
    expect(tool("check"), OK)


def test_hashes_of_other_servers(server, source):
    for number, text in enumerate((
            "{SSHA256}" + base64.b64encode(hashlib.sha256(
                b"secretsalt").digest() + b"salt").decode(),
            "{PLAIN}secret", "{SHA}" + base64.b64encode(
                hashlib.sha1(b"secret").digest()).decode())):
        name = "imported%d" % number
        expect(server.tool("user", "add", name, "--hash", text=text + "\n"),
               OK)
        session = server.connect("imap", source)
        session.login(name, "secret")
        session.close()
    for text in ("{NTLM}x", "{SHA}x", "x", "", "{CRAM-MD5}x"):
        expect(server.tool("user", "passwd", name, "--hash",
                           text=text + "\n"), REFUSED)
    expect(server.tool("user", "passwd", name, "--hash", text="{NTLM}x\n"),
           REFUSED, "{NTLM}")
    expect(server.tool("user", "del", name, "--hash"), USAGE)


def test_empty_password(tool):
    assert tool("user", "add", "alice", text="").returncode != OK
    assert tool("user", "add", "alice", text="\n").returncode != OK
    assert "alice" not in expect(tool("user", "list"), OK)


def test_mailboxes(tool):
    expect(tool("user", "add", "alice", text="x\n"), OK)
    out = expect(tool("mailbox", "list", "alice"), OK)
    for name in ("INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"):
        assert name in out
    expect(tool("mailbox", "create", "alice", "Lists/Caf\u00e9"), OK)
    expect(tool("mailbox", "create", "alice", "Lists/Caf\u00e9"), REFUSED)
    expect(tool("mailbox", "create", "alice", "a//b"), REFUSED)
    assert "Lists/Caf\u00e9" in expect(tool("mailbox", "list", "alice"), OK)
    expect(tool("mailbox", "delete", "alice", "Lists/Caf\u00e9"), OK)
    expect(tool("mailbox", "delete", "alice", "Lists/Caf\u00e9"), REFUSED)
    expect(tool("mailbox", "delete", "alice", "INBOX"), REFUSED)
    expect(tool("mailbox", "list", "bob"), REFUSED, "bob")


def test_deliver_and_check(tool):
    expect(tool("user", "add", "alice", text="x\n"), OK)
    expect(tool("deliver", "alice", text=MESSAGE), OK)
    expect(tool("deliver", "alice", "-m", "Archive", text=MESSAGE), OK)
    expect(tool("deliver", "bob", text=MESSAGE), REFUSED, "bob")
    assert tool("deliver", "alice", "-m", "No", text=MESSAGE).returncode \
        in (OK, REFUSED)
    size = len(MESSAGE.replace("\r\n", "\n")) + 4
    out = expect(tool("mailbox", "list", "alice"), OK)
    assert re.search(rf"(?m)^ *1 +1 +{size} +Archive", out), out
    expect(tool("check"), OK)


def test_deliver_as_it_is(server, user):
    """A first line with CRLF: the message has the line ends that it shall."""
    data = b"Subject: x\r\n\r\na\nb\rc\r\n"
    done = subprocess.run([program(), "deliver", user, "-c",
                           str(server.config)], input=data, check=False)
    assert done.returncode == OK
    session = server.login(user)
    session.ok("SELECT INBOX")
    assert data in session.ok("FETCH 1 BODY[]")[0].raw
    session.close()


def test_what_the_server_shows(server, user):
    """Changes by the tool reach sessions at once."""
    session = server.login(user)
    session.ok("SELECT INBOX")
    session.send(b"i IDLE\r\n")
    assert session.read().tag == "+"
    expect(server.tool("deliver", user, text=MESSAGE), OK)
    assert session.read().raw == b"* 1 EXISTS\r\n"
    session.send(b"DONE\r\n")
    session.read_until("i")
    untagged = session.ok("FETCH 1 BODY[]")
    assert untagged[0].raw.endswith(
        b"}\r\nSubject: by hand\r\n\r\none\r\ntwo\r\n FLAGS (\\Seen))\r\n") \
        or b"Subject: by hand\r\n\r\none\r\ntwo\r\n" in untagged[0].raw
    session.close()


def test_undelete(server, user):
    session = server.login(user)
    for number in range(3):
        session.append("INBOX", b"Subject: %d\r\n\r\nx\r\n" % number)
    session.ok("SELECT INBOX")
    session.ok("STORE 1:2 +FLAGS (\\Deleted)")
    session.ok("EXPUNGE")
    session.ok("CREATE Gone")
    session.ok("COPY 1 Gone")
    session.ok("DELETE Gone")
    out = expect(server.tool("undelete", user, "--since", "1h"), OK)
    assert "3" in out, out
    untagged = session.ok("NOOP")
    assert [r.raw for r in untagged if r.name == "EXISTS"] \
        == [b"* 3 EXISTS\r\n"]
    status = session.ok("STATUS Gone (MESSAGES)")
    assert b"MESSAGES 1" in status[0].raw
    expect(server.tool("undelete", user, "--since", "yesterday"), USAGE)
    session.close()


def test_deleted_user_is_shut_out(server, user):
    session = server.login(user)
    session.ok("SELECT INBOX")
    expect(server.tool("user", "del", user), OK)
    other = server.connect()
    _, tagged = other.command(f'LOGIN "{user}" "{PASSWORD}"')
    assert tagged.name == "NO"
    other.close()
    session.close()


def test_damage_is_found():
    server = Server().start()
    user = server.add_user()
    server.deliver(user, b"Subject: x\r\n\r\n" + b"needle in here\r\n" * 500)
    server.stop()
    segments = [path for path in (server.folder / "data").rglob("*")
                if path.is_file() and path.stat().st_size > 0
                and b"needle" in path.read_bytes()]
    files = segments or sorted(
        (path for path in (server.folder / "data").rglob("*")
         if path.is_file() and ".mdb" not in path.name),
        key=lambda path: path.stat().st_size)[-1:]
    expect(server.tool("check"), OK)
    # Flip bits in the middle of everything written to the log so far.
    for path in files:
        data = bytearray(path.read_bytes())
        used = len(bytes(data).rstrip(b"\0"))
        for at in range(used // 2, used // 2 + 64):
            data[at] ^= 0x55
        path.write_bytes(data)
    done = server.tool("check")
    assert done.returncode == DAMAGED, (done.stdout, done.stderr)
    assert done.stdout + done.stderr
    server.remove()


def status(server, user):
    """UIDVALIDITY and UIDNEXT of INBOX."""
    session = server.login(user)
    untagged = session.ok("STATUS INBOX (UIDVALIDITY UIDNEXT)")
    session.close()
    return [int(re.search(item + r" (\d+)", str(untagged)).group(1))
            for item in ("UIDVALIDITY", "UIDNEXT")]


def test_what_is_lost_is_made_up_for():
    """A record of the log is damaged, and the index is gone."""
    server = Server().start()
    user = server.add_user()
    for number in range(3):
        server.deliver(user, b"Subject: needle-%d\r\n\r\n." % number)
    before, uidnext = status(server, user)
    assert uidnext == 4
    expect(server.tool("check", "--repair"), REFUSED, "running")
    server.stop()
    path, = (path for path in (server.folder / "data").rglob("log-*")
             if b"needle-1" in path.read_bytes())
    path.write_bytes(path.read_bytes().replace(b"needle-1", b"needle-X"))
    (path.parent / "index.mdb").unlink()
    expect(server.tool("check"), DAMAGED)
    # The log has the damage for ever, and the message is not there any more.
    done = server.tool("check", "--repair")
    out = expect(done, DAMAGED, "a damaged record is left out")
    found = re.search(r"has the new UIDVALIDITY (\d+): INBOX$", out, re.M)
    server.start()
    after, uidnext = status(server, user)
    assert after == int(found.group(1)) > before
    assert uidnext == 4
    server.stop()
    server.remove()


# -- configuration and usage ------------------------------------------------

def run(*words):
    return subprocess.run([program(), *map(str, words)], text=True,
                          capture_output=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL)


def test_usage():
    assert run("version").stdout.startswith("avocet ")
    assert "serve" in expect(run("help"), OK)
    assert "standard input" in expect(run("help", "user", "add"), OK)
    for words in ((), ("nonsense",), ("user",), ("user", "add"),
                  ("user", "add", "a", "b"), ("serve", "x"),
                  ("user", "list", "--nonsense"), ("check", "-c")):
        expect(run(*words), USAGE)


def test_configuration_mistakes(tmp_path):
    """All of them at once, each with file, line and key."""
    path = tmp_path / "avocet.conf"
    path.write_text('hostnam = "x"\n'
                    "workers = 1\n"
                    'plaintext_login = "always"\n'
                    'capabilities_off = [ "NONSENSE" ]\n'
                    'listener = {\n'
                    '  imap = { protocol = "imap" address = "nowhere" }\n'
                    '}\n'
                    'tls = { certificate = "/nonexistent" }\n')
    for words in (("config", "check"), ("serve",), ("user", "list")):
        done = run(*words, "-c", path)
        assert done.returncode == USAGE
        for line, key in ((1, "hostnam"), (2, "workers"),
                          (3, "plaintext_login"), (4, "capabilities_off"),
                          (6, "address"), (8, "tls")):
            assert re.search(rf"(?m)^{re.escape(str(path))}:{line}: \S*{key}",
                             done.stderr), (line, key, done.stderr)


def test_configuration_shown(tmp_path):
    path = tmp_path / "avocet.conf"
    path.write_text('data = "%s"\nretention = "3d"\n' % tmp_path)
    out = expect(run("config", "show", "-c", path), OK)
    assert re.search(rf"retention.*{re.escape(str(path))}:2", out), out
    assert re.search(r"shards.*default", out), out
    expect(run("config", "check", "-c", path), OK)
    expect(run("config", "check", "-c", tmp_path / "none"), USAGE)


def serve(path):
    return subprocess.run([program(), "serve", "-c", str(path)],
                          capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)


def ask(server, *words):
    """What a running server replies to words on its control socket."""
    def frames(texts):
        return b"".join(b"%d\n%s" % (len(text), text)
                        for text in texts) + b".\n"
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(server.folder / "data" / "control"))
        control.sendall(frames(words) + frames([]))
        reply = b""
        while piece := control.recv(65536):
            reply += piece
    return reply


def test_no_repair_while_sessions_look_on(server):
    """Whoever asks: sessions would see UIDVALIDITY change."""
    assert b"the server is running" in ask(server, b"check", b"repair")
    assert b"everything is whole" in ask(server, b"check", b"look")


def test_start_is_refused(server, tmp_path):
    """A port or data that somebody has: said, with exit code 3."""
    host, port = server.addresses["imap"]
    path = tmp_path / "avocet.conf"
    path.write_text(f'data = "{tmp_path}/data"\nuser = ""\nsandbox = false\n'
                    f'listener = {{ a = {{ protocol = "imap" '
                    f'address = "{host}:{port}" }} }}\n')
    done = serve(path)
    assert done.returncode == UNREACHABLE
    assert f"{host}:{port}" in done.stderr
    path.write_text(f'data = "{server.folder}/data"\nuser = ""\nsandbox = false\n'
                    f'control = "{tmp_path}/control"\n'
                    'listener = { a = { protocol = "imap" '
                    'address = "127.0.0.1:0" } }\n')
    done = serve(path)
    assert done.returncode == UNREACHABLE
    assert "another process" in done.stderr


def test_unreadable_certificate(tmp_path):
    certificate = tmp_path / "cert.pem"
    certificate.write_text("not a certificate")
    path = tmp_path / "avocet.conf"
    path.write_text(f'data = "{tmp_path}/data"\nuser = ""\nsandbox = false\n'
                    f'tls = {{ certificate = "{certificate}" '
                    f'key = "{certificate}" }}\n'
                    'listener = { a = { protocol = "imap" '
                    'address = "127.0.0.1:0" } }\n')
    done = serve(path)
    assert done.returncode == UNREACHABLE
    assert str(certificate) in done.stderr


# -- the process ------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end(number):
    """Every session is told, what was done is kept, the exit code is 0."""
    server = Server().start()
    user = server.add_user()
    idle = server.login(user)
    idle.ok("SELECT INBOX")
    idle.send(b"i IDLE\r\n")
    assert idle.read().tag == "+"
    quiet = server.login(user, "imaps")
    stranger = server.connect()
    server.process.send_signal(number)
    for connection in (idle, quiet, stranger):
        assert connection.read().name == "BYE"
        connection.expect_end()
    server.stop()
    server.remove()


def test_log_holds_no_secret():
    server = Server().start()
    user = server.add_user()
    session = server.login(user)
    session.append("INBOX", b"Subject: s3cr3t\r\n\r\ns3cr3t text\r\n")
    session.ok("LOGOUT")
    stranger = server.connect(source="127.9.9.9")
    stranger.command(f'LOGIN "{user}" "wr0ng"')
    stranger.close()
    server.stop()
    log = "".join(server.lines)
    for secret in (PASSWORD, "s3cr3t", "wr0ng"):
        assert secret not in log
    ends = [line for line in server.lines if "event=session-end" in line
            and f"user={user}" in line]
    assert len(ends) == 1, log
    server.remove()


def test_runs_confined():
    """The sandbox is on by default, and everything still works in it."""
    server = Server(sandbox="true")
    # A confined process cannot look for leaks: it may not read /proc.
    server.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    server.start()
    user = server.add_user()
    session = server.login(user, "imaps")
    session.append("INBOX", b"Subject: =?koi8-r?B?79TP?=\r\n\r\nx\r\n")
    session.ok("SELECT INBOX")
    session.ok('SEARCH CHARSET UTF-8 SUBJECT "x"')
    session.close()
    server.stop()
    log = "".join(server.lines)
    assert "event=confined" in log or "event=unconfined" in log, log
    server.remove()


def test_root_becomes_the_user():
    """Started as root it serves as somebody else."""
    if pathlib.Path("/proc/self/status").read_text().split("Uid:")[1] \
            .split()[1] != "0":
        pytest.skip("needs root")
    server = Server()
    text = server.config.read_text().replace('user = ""', 'user = "nobody"')
    server.config.write_text(text)
    server.folder.chmod(0o755)
    server.start()
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    assert status.split("Uid:")[1].split()[:4] == ["65534"] * 4, status
    assert status.split("Groups:")[1].split("\n")[0].split() \
        in ([], ["65534"]), status
    user = server.add_user()
    server.login(user).close()
    server.stop()
    server.remove()
