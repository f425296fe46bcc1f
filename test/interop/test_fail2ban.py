# SPDX-License-Identifier: MIT
"""The filter in contrib/ on what the server writes, as Fail2Ban sees it."""

import base64
import pathlib
import re
import shutil
import subprocess

import pytest

from lib.server import PASSWORD, Server

FILTER = pathlib.Path(__file__).parent.parent.parent / \
    "contrib" / "fail2ban" / "avocet.conf"

pytestmark = pytest.mark.skipif(
    shutil.which("fail2ban-regex") is None,
    reason="fail2ban is not installed")

# Who would have another address banned.
NAMES = ["nobody", "peer=192.0.2.77", "x peer=192.0.2.77 mechanism=y",
         "a\" peer=192.0.2.77 mechanism=x", "level=info event=login-failed",
         "\u00fc", "%n%s", "a" * 200]


def banned(log):
    """The addresses that the filter finds, one for each line."""
    done = subprocess.run(
        ["fail2ban-regex", "--out", "ip", str(log), str(FILTER)],
        capture_output=True, text=True, timeout=60, check=False)
    return [line for line in done.stdout.splitlines()
            if re.fullmatch(r"[0-9a-f.:]+", line)]


def login(server, source, name, password):
    connection = server.connect("imaps", source)
    connection.send(("a AUTHENTICATE PLAIN %s\r\n" % base64.b64encode(
        ("\0%s\0%s" % (name, password)).encode()).decode()).encode())
    tagged = connection.read_until("a")[1]
    connection.close()
    return tagged.name


def test_filter(tmp_path):
    server = Server(plaintext="never").start()
    server.add_user("ann")
    for number, name in enumerate(NAMES):
        assert login(server, "127.0.1.%d" % number, name, "x") == "NO"
    assert login(server, "127.0.2.1", "ann", PASSWORD) == "OK"
    connection = server.connect("imap", "127.0.2.2")
    connection.command("LOGIN ann " + '"%s"' % PASSWORD)
    connection.close()
    connection = server.connect("imap", "127.0.2.3")
    connection.send(b"GET peer=192.0.2.77\r\n" * 5)
    while connection.read().name != "BYE":
        pass
    connection.close()
    server.stop()
    log = tmp_path / "log"
    log.write_text("".join(server.lines))
    assert banned(log) == ["127.0.1.%d" % number
                           for number in range(len(NAMES))] + ["127.0.2.2", "127.0.2.3"]
    # As a journal or syslog gives it.
    log.write_text("".join(
        re.sub("^time=", "Nov 27 18:00:00 host avocet[1]: time=", line)
        for line in server.lines))
    assert len(banned(log)) == len(NAMES) + 2
    server.remove()
