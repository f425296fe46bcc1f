# SPDX-License-Identifier: MIT
"""Runs the server under test, with a data folder of its own, on loopback ports
that it chooses itself.

AVOCET_PROGRAM names the program (build/avocet).  A sanitizer's report, an exit
code other than 0, or death by a signal fails whoever calls stop().
"""

import os
import pathlib
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile
import threading

from lib.client import Connection
from lib.pop3 import Pop3

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_S = 60
STOP_S = 60
PASSWORD = "correct horse"
# Making the usual credentials of it, and the first login with them, cost half a
# second of processor time each under the address sanitizer.
CHEAP_HASH = "{SSHA256}BUNDbSwbyI2s3dQxYEU5vIfRhkRXORX06pOYYcIdmsNhdm9jZXRzYWx0"

CONFIG = """\
hostname = "test.example"
data = "%(data)s"
user = ""
plaintext_login = "%(plaintext)s"
sandbox = %(sandbox)s
log_level = "debug"
%(more)s
listener = {
  imap = { protocol = "imap"; address = "127.0.0.1:0"; tls = "starttls";
    %(imap)s };
  imaps = { protocol = "imap"; address = "127.0.0.1:0"; tls = "implicit"; };
  pop3 = { protocol = "pop3"; address = "127.0.0.1:0"; tls = "starttls"; };
  pop3s = { protocol = "pop3"; address = "127.0.0.1:0"; tls = "implicit"; };
  lmtp = { protocol = "lmtp"; address = "127.0.0.1:0"; tls = "none"; };
  lmtptls = { protocol = "lmtp"; address = "127.0.0.1:0"; tls = "starttls"; };
  %(listeners)s
};
"""

REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSan"
                    r"|Assertion .* failed|event=malformed-output")


def program():
    return os.environ.get("AVOCET_PROGRAM", str(ROOT / "build" / "avocet"))


class Server:
    """One running server.  ${more} is configuration text, ${imap} that of the
    listener for IMAP, ${listeners} that of further ones."""

    def __init__(self, plaintext="loopback", sandbox="false", more="",
                 imap="", listeners=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="avocet-test-"))
        self.config = self.folder / "avocet.conf"
        self.config.write_text(CONFIG % {
            "data": self.folder / "data", "plaintext": plaintext,
            "sandbox": sandbox, "more": more, "imap": imap,
            "listeners": listeners})
        self.users = 0
        self.lock = threading.Lock()
        self.process = None
        self.environment = {}
        self.under = []     # what it is started by: valgrind ...
        self.inherit = ()   # descriptors that it gets

    # -- life ---------------------------------------------------------------

    def start(self):
        self.lines = []
        self.seen = 0       # lines that problem() has looked at
        self.addresses = {}
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [*self.under, program(), "serve", "-c", str(self.config)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env=os.environ | self.environment, pass_fds=self.inherit,
            stderr=subprocess.PIPE, text=True, errors="backslashreplace")
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.ready.wait(START_S)
        if not self.addresses:
            self.process.kill()
            raise RuntimeError("the server did not start:\n" + self.log())
        return self

    def read_log(self):
        for line in self.process.stderr:
            self.lines.append(line)
            match = re.search(
                r'event=listening name="?(\w+)"? address="?([^"\s]+)', line)
            if match:
                host, port = match.group(2).rsplit(":", 1)
                self.addresses[match.group(1)] = (host, int(port))
            if "event=ready" in line:
                self.ready.set()
        self.ready.set()

    def log(self):
        return "".join(self.lines[-200:])

    def stop(self):
        """End by SIGTERM; the exit code has to be 0 and the log clean."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError("SIGTERM does not end the server:\n" +
                                 self.log()) from None
        self.reader.join()
        problem = self.problem()
        assert code == 0 and not problem, \
            "exit code %d\n%s" % (code, problem or self.log())

    def kill(self):
        """End by SIGKILL, as a crash would."""
        self.process.kill()
        self.process.wait()
        self.reader.join()

    def problem(self):
        """What a sanitizer or assertion has said since the last time."""
        for number, line in enumerate(self.lines[self.seen:], self.seen):
            if REPORT.search(line):
                self.seen = len(self.lines)
                return "".join(self.lines[number:number + 60])
        return ""

    def alive(self):
        return self.process.poll() is None

    def remove(self):
        shutil.rmtree(self.folder)

    # -- users --------------------------------------------------------------

    def tool(self, *words, text=""):
        """Run the command-line tool with standard input ${text}."""
        return subprocess.run(
            [program(), *words, "-c", str(self.config)], input=text,
            capture_output=True, text=True, timeout=60, check=False)

    def add_user(self, name=None, usual=False):
        """A new account; returns its name.  Its password is PASSWORD.  Usual
        ones have keys for SCRAM."""
        if name is None:
            with self.lock:
                self.users += 1
                name = "user%d" % self.users
        if usual:
            done = self.tool("user", "add", name, text=PASSWORD + "\n")
        else:
            done = self.tool("user", "add", name, "--hash",
                             text=CHEAP_HASH + "\n")
        assert done.returncode == 0, done.stderr
        return name

    # -- connections --------------------------------------------------------

    def connect(self, listener="imap", source="127.0.0.1"):
        """A connection with its greeting read."""
        connection = Connection(self.addresses[listener], source,
                                tls=listener == "imaps")
        connection.greeting = connection.read()
        assert connection.greeting.name == "OK", connection.greeting
        return connection

    def login(self, user, listener="imap", source="127.0.0.1"):
        connection = self.connect(listener, source)
        connection.login(user, PASSWORD)
        return connection

    def pop3(self, user=None, listener="pop3", source="127.0.0.1"):
        """A POP3 connection with its greeting read, logged in as ${user}."""
        connection = Pop3(self.addresses[listener], source,
                          tls=listener == "pop3s")
        connection.greeting = connection.status()
        assert connection.greeting.ok, connection.greeting
        if user is not None:
            connection.login(user, PASSWORD)
        return connection

    def lmtp(self):
        return smtplib.LMTP(*self.addresses["lmtp"],
                            local_hostname="client.example")

    def deliver(self, user, message, sender="sender@example.net"):
        """Deliver ${message}, bytes with CRLF line ends, by LMTP."""
        client = self.lmtp()
        refused = client.sendmail(sender, [user], message)
        assert not refused, refused
        client.quit()
