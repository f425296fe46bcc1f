# SPDX-License-Identifier: MIT
#
# A mail server for the benchmark: started from an empty store in a folder of
# its own, on loopback and free ports, waited for, ended by process id.  Each
# kind of server is a subclass that says how its store is made and what is run.

import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
USER, USERS = "bench", 100
PASSWORD = "bench-password"
DOMAIN = "bench.example"
# Who owns the mail: a user that each Debian system has.
OWNER = "mail"
# Messages in one command when a store is made.
BATCH = 5000
START_S_MAX = 120
STOP_S_MAX = 60
POLL_S = 0.002
# Below the ports that clients get, so that no client has taken it meanwhile.
PORTS = range(20000, 32000)


def die(text):
    sys.exit(f"bench: {text}")


def free_port():
    """A port that nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def greeting(port):
    """The first line that a server says, b"" if nobody listens."""
    with contextlib.suppress(OSError), \
            socket.create_connection(("127.0.0.1", port), 5) as there:
        there.settimeout(START_S_MAX)
        return there.makefile("rb").readline()
    return b""


def run(*words, **options):
    """Run a program that must succeed, quietly."""
    done = subprocess.run([str(word) for word in words], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **options)
    if done.returncode:
        die(f"{words[0]}: {done.stdout.strip()[-2000:]}")


def said(*words):
    """What a program says."""
    return subprocess.run(words, check=True, capture_output=True,
                          text=True).stdout.strip()


def session_of(leader):
    """The processes of the session that a server was started in."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit() and os.getsid(int(entry)) == leader:
                state = pathlib.Path(f"/proc/{entry}/stat").read_text()
                if state.rpartition(")")[2].split()[0] != "Z":
                    found.append(int(entry))
    return found


class Server:
    """One server.  Its folder has `data` (the store), other stores to copy
    that from, and what else the kind needs."""

    name = ""
    # Words before the command, to run it under another program.
    prefix = []
    # Whether syncing waits for the disk; not while a store is made to be kept.
    synced = True
    # One process that keeps the keys of TLS sessions, where several would not
    # know each other's.
    one_login_process = False

    def __init__(self, scratch):
        self.folder = scratch / self.name
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.process = None
        self.imap = self.imaps = None
        self.lmtp = ""

    def version(self):
        """The program's name and version."""
        raise NotImplementedError

    def words(self):
        """The command that runs the server in the foreground."""
        raise NotImplementedError

    def environment(self):
        if self.synced:
            return dict(os.environ)
        return {**os.environ, "LD_PRELOAD": "libeatmydata.so"}

    def set_up(self):
        """Write what the server needs besides its store."""
        raise NotImplementedError

    def add_accounts(self):
        """Make the accounts in the new store."""

    def store(self, name):
        """Where a store is kept to begin with: `accounts`, or what load()
        made."""
        return self.folder / name

    def fresh(self, name="accounts", last=False):
        """Begin with a copy of a store; with itself, if that is the last
        time."""
        if not self.store("accounts").exists():
            self.make_folder(self.folder)
            self.make_folder(self.data)
            self.set_up()
            self.add_accounts()
            os.rename(self.data, self.store("accounts"))
        run("rm", "-rf", self.data)
        if last:
            os.rename(self.store(name), self.data)
        else:
            run("cp", "-a", self.store(name), self.data)

    def load(self, name, program, messages, size):
        """Make a store with messages in the mailbox `big` of the first user,
        for once without waiting for the disk."""
        self.fresh()
        self.synced = False
        self.start()
        run(program, "load", *(f"{key}={value}" for key, value in {
            **self.keys(), "mailbox": "big", "messages": messages,
            "size": size, "batch": BATCH}.items()))
        self.stop()
        self.synced = True
        os.sync()
        os.rename(self.data, self.store(name))

    def octets(self, name):
        """What a store takes on the disk."""
        done = subprocess.run(["du", "-sk", self.store(name)], check=True,
                              capture_output=True, text=True)
        return 1024 * int(done.stdout.split()[0])

    def make_folder(self, path):
        path.mkdir(parents=True)
        shutil.chown(path, OWNER, OWNER)

    def write(self, name, text, mode=0o644):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        shutil.chown(path, OWNER, OWNER)
        return path

    def make_certificate(self):
        """A self-made certificate: cert.pem and key.pem."""
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            "/CN=localhost", "-out", self.folder / "cert.pem", "-keyout",
            self.folder / "key.pem")
        for name in "cert.pem", "key.pem":
            shutil.chown(self.folder / name, OWNER, OWNER)

    def choose_ports(self):
        self.imap = free_port()
        self.imaps = free_port()

    def start(self):
        """Start and wait until IMAP, IMAP over TLS and LMTP are answered."""
        self.begin()
        deadline = time.monotonic() + START_S_MAX
        while not self.ready():
            if self.process.poll() is not None:
                die(f"{self.name} ended at once: see {self.log}")
            if time.monotonic() > deadline:
                self.kill()
                die(f"{self.name} does not answer: see {self.log}")
            time.sleep(POLL_S)

    def begin(self):
        """Start without waiting."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.prefix + self.words(), env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=self.folder)

    def ready(self):
        if not greeting(self.imap).startswith(b"* OK"):
            return False
        with socket.create_connection(("127.0.0.1", self.imaps)):
            pass
        with socket.socket(socket.AF_UNIX) as there:
            there.connect(self.lmtp)
            return there.makefile("rb").readline().startswith(b"220 ")

    def stop(self):
        """Ask it to end; nothing of it may be left."""
        self.process.send_signal(signal.SIGTERM)
        self.wait_gone()

    def kill(self):
        """Take all its processes at once."""
        self.kill_rest()
        self.wait_gone()

    def kill_rest(self):
        for pid in session_of(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait_gone(self):
        deadline = time.monotonic() + STOP_S_MAX
        while self.process.poll() is None or session_of(self.process.pid):
            if time.monotonic() > deadline:
                self.kill_rest()
                die(f"{self.name} did not end: see {self.log}")
            time.sleep(POLL_S * 10)
        self.process = None

    def close(self):
        """End whatever still runs, and keep nothing outside the folder."""
        if self.process is not None:
            self.kill()

    def keys(self):
        """How avocet-bench reaches it."""
        return {"imap": f"127.0.0.1:{self.imap}",
                "imaps": f"127.0.0.1:{self.imaps}",
                "lmtp": f"unix:{self.lmtp}", "pid": self.process.pid,
                "user": USER, "domain": DOMAIN, "password": PASSWORD}
