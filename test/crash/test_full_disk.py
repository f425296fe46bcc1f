# SPDX-License-Identifier: MIT
"""A disk that is really full, down to the last block: who is there already
can log in, read, delete and expunge; new mail is refused for the time being;
and what was expunged makes room for it.

Each test has a small file system of its own, for which it must be root."""

import os
import random
import shutil
import smtplib
import subprocess
import time

import pytest

from lib.server import Server

DISK_BYTES = 96 * 1024 * 1024
ROOM_S = 60       # in which space comes back
RANDOM = random.Random(4)


def message(number, size=100_000):
    """One that cannot be compressed."""
    return (b"Subject: %d\r\n\r\n" % number
            + RANDOM.randbytes(size // 2).hex().encode() + b"\r\n")


def mounted(kind, folder):
    """What mounts a file system of that kind on the folder; None: nothing."""
    folder.mkdir()
    if kind == "tmpfs":
        return ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none",
                str(folder)]
    if shutil.which("mkfs." + kind) is None:
        return None
    image = folder.parent / "image"
    with open(image, "wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs." + kind, "-q", str(image)], check=True)
    return ["mount", "-o", "loop", str(image), str(folder)]


@pytest.fixture(params=["tmpfs", "ext4"])
def server(request):
    server = Server(sandbox="true")
    # Whose tracer the sandbox does not allow.
    server.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    folder = server.folder / "data"
    command = mounted(request.param, folder)
    if command is None or os.geteuid() != 0 or subprocess.run(
            command, capture_output=True, check=False).returncode != 0:
        server.remove()
        pytest.skip("file systems cannot be mounted here")
    try:
        yield server.start()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        subprocess.run(["umount", "-l", str(folder)], check=True)
        server.remove()


def fill(server):
    """What others leave of the disk: nothing."""
    with open(server.folder / "data" / "filler", "ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
        try:
            os.fsync(file.fileno())
        except OSError:
            pass


def delivered(server, user, text):
    """The reply's code: 250, or what it is refused with."""
    try:
        server.deliver(user, text)
        return 250
    except smtplib.SMTPRecipientsRefused as refused:
        return next(iter(refused.recipients.values()))[0]
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code


def deliver_until_full(server, user):
    for number in range(1, 10 * DISK_BYTES // 100_000):
        code = delivered(server, user, message(number))
        if code != 250:
            assert code == 452
            return number - 1
    raise AssertionError("the disk is never full")


def fill_until_full(server, user):
    """The server makes some room by itself, when it finds the disk full."""
    for number in range(50):
        fill(server)
        if delivered(server, user, message(number)) == 452:
            return
    raise AssertionError("the disk is never full")


def expunge(server, user, uids):
    session = server.login(user)
    session.ok("SELECT INBOX")
    session.ok(f"UID FETCH {uids} BODY[]")
    session.ok(f"UID STORE {uids} +FLAGS.SILENT (\\Deleted)")
    session.ok("EXPUNGE")
    session.ok("LOGOUT")


def count(server, user):
    session = server.login(user)
    raw = b"".join(r.raw for r in session.ok("STATUS INBOX (MESSAGES)"))
    session.close()
    return int(raw.split(b"MESSAGES ")[1].split(b")")[0])


def wait_for_room(server, user):
    due = time.monotonic() + ROOM_S
    while time.monotonic() < due:
        if delivered(server, user, message(0)) == 250:
            return
        time.sleep(0.5)
    raise AssertionError("space does not come back\n" + server.log())


def check(server):
    done = server.tool("check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("restart", [False, True])
def test_disk_is_emptied(server, restart):
    user, other = server.add_user(), server.add_user()
    server.deliver(other, message(1))
    total = deliver_until_full(server, user)
    fill(server)
    if restart:
        server.stop()
        check(server)
        server.start()
    fill_until_full(server, other)
    session = server.login(user)
    session.ok("SELECT INBOX")
    text = message(3)
    session.send(b"a APPEND INBOX {%d+}\r\n%s\r\n" % (len(text), text))
    _, tagged = session.read_until("a")
    assert tagged.raw.startswith(b"a NO [UNAVAILABLE]"), tagged
    session.close()
    # All but the last hundred, one after the other and all at once.
    for uid in range(1, 11):
        expunge(server, user, str(uid))
    expunge(server, other, "1:*")
    expunge(server, user, f"11:{total - 100}")
    assert count(server, user) == 100
    wait_for_room(server, user)
    server.stop()
    check(server)
    server.start()
    assert count(server, user) == 101
    assert count(server, other) == 0
    # With much gone, much comes back.
    for number in range(total // 2):
        assert delivered(server, user, message(number)) == 250
