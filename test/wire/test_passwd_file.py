# SPDX-License-Identifier: MIT
"""Users in a file beside the store, within the sandbox: they get an account
when they log in or mail comes for them, and the file may change meanwhile."""

import os
import time

import pytest

from lib.lmtp import Lmtp, deliver
from lib.server import PASSWORD, Server

USERS = """\
# name:hash:uid:gid:gecos:home:shell:extra
ann:{PLAIN}first
Bob@x.example:{SSHA}SUq0CPDHJRfdxwSFyyBXoSke815zYWx0:1000:1000::/home/bob::
carl:{NTLM}broken
locked
a/b:{PLAIN}x
both:{PLAIN}of the file
"""


@pytest.fixture
def file_server(tmp_path):
    path = tmp_path / "users"
    path.write_text(USERS)
    path.chmod(0o640)
    made = Server(sandbox="true",
                  more='passwd_file = "%s"\ndomains = [ "ours.example" ]' % path)
    # No leaks can be looked for within the sandbox.
    made.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    made.path = path
    made.start()
    yield made
    made.stop()
    made.remove()


def can_login(server, source, name, password):
    connection = server.connect("imap", source)
    _, tagged = connection.command('LOGIN "%s" "%s"' % (name, password))
    connection.close()
    return tagged.name == "OK"


def users(server):
    return [line.split("\t")[0]
            for line in server.tool("user", "list").stdout.splitlines()]


def test_login_makes_the_account(file_server, source):
    assert users(file_server) == []
    assert not can_login(file_server, source, "ann", "wrong")
    assert users(file_server) == []
    assert can_login(file_server, source, "ANN@ours.example", "first")
    assert can_login(file_server, source, "ann", "first")
    assert can_login(file_server, source, "bob@X.example", "secret phrase")
    for name, password in (("locked", ""), ("a/b", "x"), ("carl", "broken"),
                           ("bob", "secret phrase"), ("ann", "")):
        assert not can_login(file_server, source, name, password)
    assert users(file_server) == ["ann", "Bob@x.example"]
    assert file_server.tool("check").returncode == 0
    assert 'line=4' in file_server.log()


def test_mail_makes_the_account(file_server):
    lmtp = Lmtp(file_server)
    lmtp.hello()
    assert deliver(lmtp, [
        "ANN+lists@ours.example", "bob@x.example", "locked"]) == [250] * 3
    lmtp.want(250, "MAIL FROM:<>")
    for address in ("bob", "ann@x.example", '"a/b"', "dora"):
        lmtp.want(550, "RCPT TO:<%s>" % address)
    lmtp.close()
    assert users(file_server) == ["ann", "Bob@x.example", "locked"]


def test_store_comes_first(file_server, source):
    """An account with a password of its own has no other."""
    file_server.add_user("both")
    assert can_login(file_server, source, "both", PASSWORD)
    assert not can_login(file_server, source, "both", "of the file")


def test_without_a_password_the_file_counts(file_server, source):
    file_server.add_user("carol")
    done = file_server.tool("user", "add", "ann", "--no-password")
    assert done.returncode == 0, done.stderr
    assert can_login(file_server, source, "ann", "first")
    done = file_server.tool("user", "passwd", "carol", "--no-password")
    assert done.returncode == 0, done.stderr
    assert not can_login(file_server, source, "carol", PASSWORD)
    done = file_server.tool("user", "add", "dave", "--no-password", "--hash")
    assert done.returncode != 0 and "exclude each other" in done.stderr
    assert users(file_server) == ["ann", "carol"]


def test_file_changes(file_server, source):
    assert can_login(file_server, source, "ann", "first")
    new = file_server.path.with_name("users.new")
    new.write_text("ann:{PLAIN}second\ndora:{PLAIN}third\n")
    os.replace(new, file_server.path)
    deadline = time.monotonic() + 30
    while not can_login(file_server, source, "dora", "third"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert can_login(file_server, source, "ann", "second")
    assert not can_login(file_server, source, "ann", "first")
    file_server.path.unlink()
    assert can_login(file_server, source, "ann", "second")


def test_readable_by_everybody(tmp_path):
    path = tmp_path / "users"
    path.write_text("ann:{PLAIN}x\n")
    path.chmod(0o644)
    server = Server(more='passwd_file = "%s"' % path).start()
    assert "chmod o=" in server.log()
    server.stop()
    server.remove()


def test_missing_file_is_refused(tmp_path):
    server = Server(more='passwd_file = "%s/none"' % tmp_path)
    done = server.tool("config", "check")
    assert done.returncode == 2
    assert "avocet.conf:7: passwd_file: " in done.stderr + done.stdout
    server.remove()
