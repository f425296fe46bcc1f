# SPDX-License-Identifier: MIT
"""A client that goes on until it is ended, and what it says meanwhile."""

import os
import subprocess
import threading
import time

ANSWER_S = 60


class Standing:
    def __init__(self, words, settings=None):
        self.process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | (settings or {}))
        self.lines = []
        self.seen = 0       # lines that expect() has looked at
        self.reader = threading.Thread(target=self.read_lines, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def read_lines(self):
        for line in self.process.stdout:
            self.lines.append(line.decode(errors="replace"))

    def until(self, condition):
        """The condition is looked at again and again."""
        deadline = time.monotonic() + ANSWER_S
        while not condition():
            assert self.process.poll() is None \
                and time.monotonic() < deadline, "".join(self.lines[-40:])
            time.sleep(0.02)

    def said(self, text):
        while self.seen < len(self.lines):
            self.seen += 1
            if text in self.lines[self.seen - 1]:
                return True
        return False

    def expect(self, text):
        """Wait until it says that again."""
        self.until(lambda: self.said(text))
