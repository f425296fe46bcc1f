# SPDX-License-Identifier: MIT
"""What the tool asks of a running server: who, kick, reload, log level."""

import os
import re
import signal
import ssl
import subprocess
import threading
import time

import pytest

from lib.client import Closed
from lib.server import Server

OK, REFUSED, USAGE, UNREACHABLE = range(4)
EVENT_S = 30.0


@pytest.fixture
def server():
    server = Server(more="account_rate = 0;\n").start()
    yield server
    server.stop()
    server.remove()


def tool(server, *words, code=OK):
    done = server.tool(*words)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr


def who(server):
    """The sessions, when none is in the middle of something: an answer may be
    read before the session has said that it rests."""
    deadline = time.monotonic() + EVENT_S
    while True:
        lines = [line.split("\t")
                 for line in tool(server, "who").splitlines()]
        assert all(len(line) == 11 for line in lines), lines
        if all(line[5] != "command" for line in lines):
            return lines
        assert time.monotonic() < deadline, lines


def await_event(server, event, count=1):
    """Wait until the log has a line of this event so many times."""
    deadline = time.monotonic() + EVENT_S
    pause = threading.Event()
    while sum("event=%s " % event in line or line.endswith("event=%s\n" % event)
              for line in server.lines) < count:
        assert time.monotonic() < deadline, server.log()
        pause.wait(0.01)


def certificate_of(connection):
    return connection.socket.getpeercert(binary_form=True)


# -- who and kick --------------------------------------------------------------

def test_who(server):
    assert who(server) == []
    user = server.add_user()
    first = server.login(user)
    second = server.connect("imaps")
    second.command('ID ("name" "Mailer" "version" "7")')
    second.login(user, "correct horse")
    second.ok("SELECT Trash")
    tag = second.start("IDLE")
    assert second.read().tag == "+"
    one, two = sorted(who(server), key=lambda line: int(line[0]))
    assert one[1:6] == [user, "imap", "127.0.0.1", "plain", "wait"]
    assert one[9:] == ["", ""]
    assert two[1:6] == [user, "imap", "127.0.0.1", "tls", "idle"]
    assert two[9:] == ["Trash", "Mailer 7"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", two[6])
    assert int(two[7]) > 0 and int(two[8]) > 0
    first.ok('RENAME Trash "Old papers"')
    assert {line[9] for line in who(server)} == {"", "Old papers"}
    second.send(b"DONE\r\n")
    second.read_until(tag)
    first.close()
    second.ok("LOGOUT")
    second.expect_end()


def test_who_says_it_later(server):
    """ID after login; what the client said before is not looked at any more."""
    session = server.connect()
    session.command('ID ("name" "Mailer" "version" "7")')
    session.login(server.add_user(), "correct horse")
    assert who(server)[0][10] == "Mailer 7"
    for name in ("Other mailer of a long name", "X"):
        session.ok('ID ("name" "%s")' % name)
        assert who(server)[0][10] == name
    session.close()


def test_kick(server):
    alice, bob = server.add_user("alice"), server.add_user("bob")
    sessions = [server.login(alice), server.login(alice), server.login(bob)]
    tag = sessions[1].start("IDLE")
    assert sessions[1].read().tag == "+" and tag
    numbers = {line[0] for line in who(server) if line[1] == bob}
    assert "2" in tool(server, "kick", alice)
    for session in sessions[:2]:
        assert session.read().name == "BYE"
        session.expect_end()
    sessions[2].ok("NOOP")
    tool(server, "kick", "nobody", code=REFUSED)
    tool(server, "kick", "999999", code=REFUSED)
    tool(server, "kick", numbers.pop())
    assert sessions[2].read().name == "BYE"
    sessions[2].expect_end()
    server.login(alice).close()


def test_pop3_is_seen_and_ended(server):
    user = server.add_user()
    session = server.pop3(user, "pop3s")
    line, = who(server)
    assert line[1:6] == [user, "pop3", "127.0.0.1", "tls", "wait"]
    assert line[9] == "INBOX"
    tool(server, "kick", line[0])
    session.expect_end()
    assert who(server) == []


def test_a_user_whose_name_is_a_number(server):
    server.add_user("1")
    session = server.login("1")
    other = server.login(server.add_user("two"))
    tool(server, "kick", "1")
    assert session.read().name == "BYE"
    other.ok("NOOP")
    other.close()


def test_without_a_server():
    server = Server()
    for words in (["who"], ["kick", "x"], ["reload"], ["log", "level", "info"]):
        assert server.tool(*words).returncode == UNREACHABLE
    server.remove()


# -- the log's level -----------------------------------------------------------

def test_log_level(server):
    tool(server, "log", "level", "error")
    before = len(server.lines)
    session = server.login(server.add_user())
    session.ok("LOGOUT")
    session.expect_end()
    assert server.lines[before:] == []
    tool(server, "log", "level", "info")
    tool(server, "log", "level", "loud", code=REFUSED)
    session = server.login(server.add_user())
    session.ok("LOGOUT")
    session.expect_end()
    await_event(server, "session-end")


# -- reloading -----------------------------------------------------------------

def set_config(server, text):
    server.config.write_text(text, encoding="utf-8")


def reload_by_signal(server):
    server.process.send_signal(signal.SIGHUP)


@pytest.mark.parametrize("way", ("tool", "signal"))
def test_reload(server, way):
    session = server.login(server.add_user())
    text = server.config.read_text(encoding="utf-8")
    set_config(server, text + 'capabilities_off = [ "MOVE", "IDLE" ];\n')
    if way == "tool":
        tool(server, "reload")
    else:
        reload_by_signal(server)
    await_event(server, "reloaded")
    # Who is there keeps what was offered; who comes gets what is.
    assert "MOVE" in session.ok("CAPABILITY")[0].data
    fresh = server.login(server.add_user())
    assert "MOVE" not in fresh.ok("CAPABILITY")[0].data
    assert fresh.command("IDLE")[1].name == "BAD"
    # Both are seen, and ended, whichever offer they are of.
    users = {line[1] for line in who(server)}
    assert len(users) == 2
    for user in users:
        tool(server, "kick", user)
    for each in (session, fresh):
        assert each.read().name == "BYE"
        each.expect_end()
    set_config(server, text)
    tool(server, "reload")
    again = server.login(server.add_user())
    assert "MOVE" in again.ok("CAPABILITY")[0].data
    again.close()


def test_a_bad_configuration_is_refused(server):
    text = server.config.read_text(encoding="utf-8")
    for count, bad in enumerate((
            'capabilities_off = [ "XYZZY" ];\n', "nonsense\n",
            'no_such_setting = 1;\n', 'log_level = "loud";\n',
            'tls: { certificate = "/nonexistent"; key = "/no"; };\n'), 1):
        set_config(server, text + bad)
        # The tool reads it, too, and says so; the server by itself.
        assert str(server.config) in tool(server, "reload", code=USAGE)
        reload_by_signal(server)
        await_event(server, "reload-refused", count)
    server.config.unlink()
    reload_by_signal(server)
    await_event(server, "reload-refused", 6)
    set_config(server, text)
    tool(server, "reload")
    session = server.login(server.add_user())
    assert "MOVE" in session.ok("CAPABILITY")[0].data
    session.close()


def test_reload_of_a_full_listener():
    """It does not accept, but takes the new offer all the same."""
    server = Server()
    text = server.config.read_text(encoding="utf-8")
    imap = 'imap = { protocol = "imap";'
    assert text.count(" " + imap) == 1
    set_config(server, text.replace(" " + imap, " " + imap + " connections = 2;"))
    server.start()
    user = server.add_user()
    sessions = [server.login(user), server.login(user)]
    set_config(server, server.config.read_text(encoding="utf-8")
               + 'capabilities_off = [ "MOVE" ];\n')
    tool(server, "reload")
    for session in sessions:
        assert "MOVE" in session.ok("CAPABILITY")[0].data
        session.close()
    fresh = server.login(user)
    assert "MOVE" not in fresh.ok("CAPABILITY")[0].data
    fresh.close()
    server.stop()
    server.remove()


def test_what_needs_a_restart_is_named(server):
    text = server.config.read_text(encoding="utf-8")
    set_config(server, text + 'retention = "3d";\nworkers = 17;\nshards = 2;\n')
    out = tool(server, "reload")
    assert out.strip() == "needs a restart: workers, shards"
    set_config(server, text)
    assert tool(server, "reload") == ""


def test_many_reloads_leave_nothing(server):
    """Offers that nobody uses are freed; LeakSanitizer sees the rest."""
    sessions = [server.login(server.add_user()) for _ in range(3)]
    for session in sessions:
        tool(server, "reload")
        session.ok("NOOP")
        session.ok("LOGOUT")
    for _ in range(5):
        tool(server, "reload")


# -- certificates --------------------------------------------------------------

def make_certificate(folder, name):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=" + name, "-keyout", str(folder / "key.pem.new"), "-out",
         str(folder / "cert.pem.new")], check=True, capture_output=True)
    os.replace(folder / "key.pem.new", folder / "key.pem")
    os.replace(folder / "cert.pem.new", folder / "cert.pem")
    text = (folder / "cert.pem").read_text(encoding="ascii")
    return ssl.PEM_cert_to_DER_cert(text)


def server_with(folder, sandbox):
    server = Server(sandbox=sandbox, more='tls: { certificate = "%s"; '
                    'key = "%s"; };\n' % (folder / "cert.pem",
                                          folder / "key.pem"))
    if sandbox == "true":   # LeakSanitizer would read /proc at the end
        server.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    return server.start()


@pytest.mark.parametrize("sandbox", ("false", "true"))
def test_a_new_certificate(tmp_path, sandbox):
    first = make_certificate(tmp_path, "first.example")
    server = server_with(tmp_path, sandbox)
    try:
        user = server.add_user()
        old = server.login(user, "imaps")
        assert certificate_of(old) == first
        second = make_certificate(tmp_path, "second.example")
        tool(server, "reload")
        new = server.login(user, "imaps")
        assert certificate_of(new) == second
        # One that is no certificate: the old one stays.
        (tmp_path / "cert.pem").write_text("nonsense\n", encoding="ascii")
        tool(server, "reload", code=REFUSED)
        third = server.login(user, "imaps")
        assert certificate_of(third) == second
        for session in (old, new, third):
            session.ok("NOOP")
            session.close()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


def test_a_link_to_a_certificate_elsewhere(tmp_path):
    """As renewing tools have it: the link is put on another file."""
    live, kept = tmp_path / "live", tmp_path / "kept"
    live.mkdir()
    kept.mkdir()
    for name in ("cert.pem", "key.pem"):
        (live / name).symlink_to(kept / name)
    first = make_certificate(kept, "first.example")
    server = server_with(live, "true")
    try:
        user = server.add_user()
        session = server.login(user, "imaps")
        assert certificate_of(session) == first
        session.close()
        second = make_certificate(kept, "second.example")
        tool(server, "reload")
        session = server.login(user, "imaps")
        assert certificate_of(session) == second
        session.close()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


def test_reload_while_clients_come_and_go(server):
    """No connection is dropped, whatever moment it has reached."""
    user = server.add_user()
    stop = threading.Event()
    failures = []

    def come_and_go():
        while not stop.is_set():
            try:
                session = server.login(user)
                session.ok("SELECT INBOX")
                session.ok("LOGOUT")
                session.close()
            except (AssertionError, Closed, OSError) as failure:
                failures.append(failure)
                return

    crowd = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in crowd:
        thread.start()
    for _ in range(20):
        tool(server, "reload")
    stop.set()
    for thread in crowd:
        thread.join()
    assert failures == []
