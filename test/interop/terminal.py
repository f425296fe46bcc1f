# SPDX-License-Identifier: MIT
"""A terminal with a program in it: keys go in, the screen is looked at."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

ANSWER_S = 30
LINES, COLUMNS = 40, 120


class Terminal:
    def __init__(self, words, folder, **settings):
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [str(word) for word in words], stdin=slave, stdout=slave,
            stderr=slave, cwd=folder, start_new_session=True,
            env=os.environ | {"TERM": "linux", "LC_ALL": "C.UTF-8",
                              "HOME": str(folder)} | settings)
        os.close(slave)

    def text(self):
        lines = (line.rstrip() for line in self.screen.display)
        return "\n".join(line for line in lines if line)

    def update(self, seconds):
        """Take in what comes; False at the end."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            octets = os.read(self.master, 65536)
        except OSError:
            return False
        self.stream.feed(octets)
        return bool(octets)

    def wait(self, condition, what):
        deadline = time.monotonic() + ANSWER_S
        while not condition():
            goes_on = self.update(0.1)
            assert condition() or (goes_on and time.monotonic() < deadline), \
                f"{what} expected, but:\n{self.text()}"

    def expect(self, pattern):
        self.wait(lambda: re.search(pattern, self.text()), pattern)

    def send(self, keys):
        os.write(self.master, keys.encode())

    def end(self, keys):
        """It ends by itself after these keys."""
        self.send(keys)
        deadline = time.monotonic() + ANSWER_S
        while self.update(0.1):
            assert time.monotonic() < deadline, \
                f"the end expected, but:\n{self.text()}"
        assert self.process.wait(ANSWER_S) == 0, self.text()
        os.close(self.master)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
