# SPDX-License-Identifier: MIT
"""Users whose password PAM knows, within the sandbox.  PAM's file and the script
that it runs lie in a folder of the test's: nothing of the system is asked."""

import base64
import concurrent.futures
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

import pytest

from lib.certificates import openssl
from lib.lmtp import Lmtp
from lib.scram import authenticate
from lib.server import PASSWORD, Server

SCRIPT = """\
#!/bin/sh
# Each call is noted, without the password.
echo "$PAM_TYPE $PAM_USER $PAM_RHOST" >> "${0%/*}/calls"
case $PAM_USER in
crash) kill -9 $PPID; exit 1 ;;
slow) sleep 3 ;;
esac
[ "$PAM_TYPE" != account ] || exec test "$PAM_USER" != closed
[ "$(tr -d '\\000')" = "secret of $PAM_USER" ]
"""
SERVICE = """\
auth required pam_exec.so quiet expose_authtok %(folder)s/script
account required pam_exec.so quiet %(folder)s/script
"""


class PamServer(Server):
    def __init__(self, folder, more=""):
        script = folder / "script"
        script.write_text(SCRIPT)
        script.chmod(0o755)
        (folder / "avocet").write_text(SERVICE % {"folder": folder})
        self.calls = folder / "calls"
        self.calls.touch()
        super().__init__(
            sandbox="true", more='pam = { service = "avocet"; '
            'directory = "%s" }\ndomains = [ "ours.example" ]\n%s' %
            (folder, more))
        # No leaks can be looked for within the sandbox.
        self.environment = {"ASAN_OPTIONS": "detect_leaks=0"}

    def asked(self):
        """What the script was called with since the last time."""
        lines = self.calls.read_text().splitlines()
        self.calls.write_text("")
        return lines


@pytest.fixture(autouse=True)
def built_with_pam(tmp_path):
    server = Server(more='pam = { service = "no-such-service" }')
    said = server.tool("config", "check").stderr
    server.remove()
    if "built without PAM" in said:
        pytest.skip("built without PAM")
    assert "pam.service: PAM has no file for it" in said


@pytest.fixture
def pam_server(tmp_path):
    made = PamServer(tmp_path)
    made.start()
    yield made
    made.stop()
    made.remove()


def login(server, source, name, password, listener="imap"):
    connection = server.connect(listener, source)
    _, tagged = connection.command('LOGIN "%s" "%s"' % (name, password))
    connection.close()
    return tagged


def can_login(*words):
    return login(*words).name == "OK"


def users(server):
    return [line.split("\t")[0]
            for line in server.tool("user", "list").stdout.splitlines()]


def children(pid):
    path = pathlib.Path("/proc/%d/task" % pid)
    return [int(number) for task in path.iterdir()
            for number in (task / "children").read_text().split()]


def helpers(server):
    """The process that the server has started, which keeps the helper, and the
    helper."""
    keeper, = children(server.process.pid)
    return [keeper] + children(keeper)


def is_alive(pid):
    try:
        stat = pathlib.Path("/proc/%d/stat" % pid).read_text()
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def wait_until_gone(pid):
    deadline = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_login_makes_the_account(pam_server, source):
    assert not can_login(pam_server, source, "ann", "wrong")
    assert pam_server.asked() == ["auth ann " + source]
    assert users(pam_server) == []
    assert can_login(pam_server, source, "ann", "secret of ann")
    assert pam_server.asked() == ["auth ann " + source,
                                  "account ann " + source]
    assert users(pam_server) == ["ann"]
    # One name for PAM, and one account, in whatever spelling.
    for name in ("ANN", "Ann@ours.example", "ann@OURS.example"):
        assert can_login(pam_server, source, name, "secret of ann")
    assert users(pam_server) == ["ann"]
    assert {line.split()[1] for line in pam_server.asked()} == {"ann"}
    assert not can_login(pam_server, source, "ann@else.example",
                         "secret of ann")
    assert not can_login(pam_server, source, "closed", "secret of closed")
    assert users(pam_server) == ["ann"]
    assert pam_server.tool("check").returncode == 0
    pop3 = pam_server.pop3(source=source)
    pop3.login("ann", "secret of ann")
    pop3.quit()


def test_plain(pam_server, source):
    connection = pam_server.connect("imaps", source)
    connection.ok("AUTHENTICATE PLAIN " + base64.b64encode(
        b"\0ann\0secret of ann").decode())
    connection.close()


def test_scram_needs_keys(pam_server, source):
    """PAM has none: its users are like those who are not there."""
    assert can_login(pam_server, source, "ann", "secret of ann")
    pam_server.asked()
    answers = set()
    for name in ("ann", "nobody"):
        connection = pam_server.connect("imaps", source)
        tagged = authenticate(connection, "SCRAM-SHA-256", name,
                              "secret of " + name)
        answers.add(str(tagged).split(" ", 1)[-1])
        connection.close()
    assert len(answers) == 1 and "AUTHENTICATIONFAILED" in answers.pop()
    assert pam_server.asked() == []


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "-user", "a b",
                                  "a*", "n" * 256])
def test_names_that_pam_does_not_see(pam_server, source, name):
    assert not can_login(pam_server, source, name, "secret of " + name)
    assert pam_server.asked() == []


def test_passwords_that_pam_does_not_see(pam_server, source):
    for password in ("", "p" * 512):
        assert not can_login(pam_server, source, "ann", password)
    assert pam_server.asked() == []
    assert not can_login(pam_server, source, "ann", "p" * 511)
    assert pam_server.asked() == ["auth ann " + source]


def test_store_and_application_passwords_come_first(pam_server, source):
    pam_server.add_user("both")
    assert can_login(pam_server, source, "both", PASSWORD)
    assert not can_login(pam_server, source, "both", "secret of both")
    assert pam_server.asked() == []
    assert can_login(pam_server, source, "ann", "secret of ann")
    pam_server.asked()
    made = pam_server.tool("password", "add", "ann", "phone")
    assert made.returncode == 0, made.stderr
    assert can_login(pam_server, source, "ann", made.stdout.split()[-1])
    assert pam_server.asked() == []


def test_failures_look_the_same(pam_server, source):
    """Wrong password or no such user, known here or there: one answer, which
    nobody gets early."""
    pam_server.add_user("stored")
    assert can_login(pam_server, source, "ann", "secret of ann")
    answers = set()
    for name in ("stored", "ann", "nobody"):
        begun = time.monotonic()
        answers.add(str(login(pam_server, source, name, "wrong")
                        ).split(" ", 1)[-1])
        assert time.monotonic() - begun >= 1.9, name
    assert len(answers) == 1


def test_mail_needs_an_account(pam_server, source):
    lmtp = Lmtp(pam_server)
    lmtp.hello()
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(550, "RCPT TO:<ann>")
    assert can_login(pam_server, source, "ann", "secret of ann")
    lmtp.want(250, "RCPT TO:<ann>")
    lmtp.want(550, "RCPT TO:<bob>")
    done = pam_server.tool("user", "add", "bob", "--no-password")
    assert done.returncode == 0, done.stderr
    lmtp.want(250, "RCPT TO:<bob>")
    lmtp.close()
    assert pam_server.asked() == ["auth ann " + source,
                                  "account ann " + source]
    assert can_login(pam_server, source, "Bob", "secret of bob")


def test_crash_is_not_an_answer(pam_server, source):
    """A module that ends its process breaks that check alone."""
    tagged = login(pam_server, source, "crash", "x")
    assert tagged.name == "NO" and "UNAVAILABLE" in str(tagged)
    assert can_login(pam_server, source, "ann", "secret of ann")
    assert "event=pam " in pam_server.log()


def test_slow_checks_hold_nobody(pam_server, source):
    """More slow checks than may be on their way: all come to an end, and who is
    not PAM's does not wait for them."""
    name = pam_server.add_user()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        slow = [pool.submit(can_login, pam_server, source, "slow",
                            "secret of slow") for _ in range(12)]
        deadline = time.monotonic() + 30
        while not pam_server.calls.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert can_login(pam_server, source, name, PASSWORD)
        assert not any(one.done() for one in slow)
        assert all(one.result() for one in slow)


def test_helper_ends_with_the_server(tmp_path, source):
    server = PamServer(tmp_path).start()
    assert can_login(server, source, "ann", "secret of ann")
    before = helpers(server)
    server.kill()
    for pid in before:
        wait_until_gone(pid)
    server.start()
    before = helpers(server)
    assert can_login(server, source, "ann", "secret of ann")
    server.stop()
    for pid in before:
        wait_until_gone(pid)
    server.remove()


def kill_helper(server):
    """Kill it and wait for the next one; how long that took."""
    keeper, helper = helpers(server)
    begun = time.monotonic()
    os.kill(helper, signal.SIGKILL)
    while helpers(server) in ([keeper], [keeper, helper]):
        assert time.monotonic() < begun + 60
        time.sleep(0.02)
    return time.monotonic() - begun


def test_helper_is_started_again(pam_server, source):
    """After a pause, which gets longer each time."""
    name = pam_server.add_user()
    assert can_login(pam_server, source, "ann", "secret of ann")
    for number in range(2):
        assert kill_helper(pam_server) >= 2 ** number
        # Twelve: each of the sockets in between is used once.
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            assert all(pool.map(lambda _: can_login(
                pam_server, source, "ann", "secret of ann"), range(12)))
        assert pam_server.log().count("event=pam-ended") == number + 1
    assert "event=pam-gone" not in pam_server.log()
    assert can_login(pam_server, source, name, PASSWORD)


def test_helper_is_killed_in_a_check(pam_server, source):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(login, pam_server, source, "slow", "secret of slow")
        deadline = time.monotonic() + 30
        while not pam_server.calls.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        kill_helper(pam_server)
        tagged = slow.result()
    assert tagged.name == "NO" and "UNAVAILABLE" in str(tagged)
    assert can_login(pam_server, source, "ann", "secret of ann")


def test_keeper_and_helper_are_gone(pam_server, source):
    """Then this is said, and others log in as before."""
    name = pam_server.add_user()
    assert can_login(pam_server, source, "ann", "secret of ann")
    for pid in helpers(pam_server):
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
    for _ in range(2):
        tagged = login(pam_server, source, "ann", "secret of ann")
        assert tagged.name == "NO" and "UNAVAILABLE" in str(tagged)
    assert pam_server.log().count("event=pam-gone") == 1
    assert can_login(pam_server, source, name, PASSWORD)


# -- modules that misbehave ---------------------------------------------------

@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory):
    """The module, compiled."""
    made = tmp_path_factory.mktemp("pam") / "pam_misbehaves.so"
    made.parent.chmod(0o755)
    code = pathlib.Path(__file__).parents[1] / "lib/pam_misbehaves.c"
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no compiler")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", made, code, "-lpam"],
                   check=True)
    return made


@pytest.fixture
def misled(tmp_path, misbehaving):
    made = PamServer(tmp_path)
    (tmp_path / "avocet").write_text("auth required %s\n"
                                     "account required pam_permit.so\n" %
                                     misbehaving)
    made.start()
    yield made
    made.stop()
    made.remove()


def wait_for_checks_to_end(server):
    """No process is left but keeper and helper."""
    helper = helpers(server)[1]
    deadline = time.monotonic() + 30
    while children(helper):
        assert time.monotonic() < deadline
        time.sleep(0.02)


# 128 is what a success was once told by.
@pytest.mark.parametrize("name", ["exit0", "exit1", "exit128", "abort",
                                  "crash"])
def test_module_ends_its_process(misled, source, name):
    before = helpers(misled)
    for _ in range(2):
        tagged = login(misled, source, name, "x")
        assert tagged.name == "NO" and "UNAVAILABLE" in str(tagged)
    line, = [line for line in misled.log().splitlines()
             if "event=pam " in line][:1]
    assert "level=error" in line and "was ended" in line
    assert "reason=broken user=%s" % name in misled.log()
    wait_for_checks_to_end(misled)
    assert helpers(misled) == before
    assert can_login(misled, source, "ann", "x")


@pytest.mark.parametrize("name,let_in", [
    ("close", True), ("write", True), ("leave", True), ("fork", False)])
def test_module_does_more_than_it_should(misled, source, name, let_in):
    """What it says counts; nothing that it writes gets into the log, what it
    starts says nothing and does not stay."""
    before = helpers(misled)
    for _ in range(2):
        assert can_login(misled, source, name, "x") == let_in
    wait_for_checks_to_end(misled)
    assert "192.0.2.66" not in misled.log()
    assert helpers(misled) == before
    assert can_login(misled, source, "ann", "x")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to begin with")
def test_helper_stays_root(tmp_path, source):
    """The server is somebody else when it serves; who asks PAM is not."""
    nobody = pwd.getpwnam("nobody")
    server = PamServer(tmp_path)
    text = server.config.read_text()
    server.config.write_text(text.replace('user = ""', 'user = "nobody"'))
    shutil.chown(server.folder, nobody.pw_uid, nobody.pw_gid)
    server.start()
    assert can_login(server, source, "ann", "secret of ann")
    keeper, helper = helpers(server)
    assert os.stat("/proc/%d/task" % server.process.pid).st_uid in (
        0, nobody.pw_uid)
    for pid in (keeper, helper):
        status = pathlib.Path("/proc/%d/status" % pid).read_text()
        assert "\nUid:\t0\t" in status and "\nNoNewPrivs:\t0\n" in status
    status = pathlib.Path("/proc/%d/status" % server.process.pid).read_text()
    assert "\nUid:\t%d\t" % nobody.pw_uid in status
    assert "\nNoNewPrivs:\t1\n" in status
    server.stop()
    server.remove()


def can_mount():
    return os.geteuid() == 0 and shutil.which("unshare") and subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True,
        check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs root, and may mount")
def test_pam_unix(tmp_path, source):
    """The system's own users, with files of the test's in the place of
    /etc/passwd and /etc/shadow, which only the server and its helper see."""
    names = ("ann", "ended")
    (tmp_path / "passwd").write_text(
        pathlib.Path("/etc/passwd").read_text() + "".join(
            "%s:x:29999:29999::/nonexistent:/bin/sh\n" % name
            for name in names))
    secret = openssl("passwd", "-6", "secret of ann").decode().strip()
    shadow = tmp_path / "shadow"
    shadow.touch(mode=0o600)
    shadow.write_text("ann:%s:19000:0:99999:7:::\n"
                      "ended:%s:19000:0:99999:7::19001:\n" % (secret, secret))
    server = PamServer(tmp_path)
    (tmp_path / "avocet").write_text(
        "auth required pam_unix.so\naccount required pam_unix.so\n")
    server.config.write_text(server.config.read_text().replace(
        'user = ""', 'user = "nobody"'))
    nobody = pwd.getpwnam("nobody")
    shutil.chown(server.folder, nobody.pw_uid, nobody.pw_gid)
    server.under = ["unshare", "--mount", "sh", "-ec",
                    "mount --bind %s/passwd /etc/passwd\n"
                    "mount --bind %s/shadow /etc/shadow\n"
                    'exec "$@"' % (tmp_path, tmp_path), "sh"]
    server.start()
    assert can_login(server, source, "ann", "secret of ann")
    assert can_login(server, source, "Ann", "secret of ann")
    for name, password in (("ann", "wrong"), ("ended", "secret of ann"),
                           ("nobody-at-all", "secret of ann"), ("root", "x")):
        assert not can_login(server, source, name, password)
    assert users(server) == ["ann"]
    server.stop()
    server.remove()


@pytest.mark.parametrize("service", ["../avocet", ".x", "a b"])
def test_service_is_a_name(service):
    server = Server(more='pam = { service = "%s" }' % service)
    done = server.tool("config", "check")
    assert done.returncode == 2
    assert "pam.service: is not the name of a service" in done.stderr
    server.remove()
