# SPDX-License-Identifier: MIT
"""The programs of work/: how each is started, and what they are told."""

import contextlib
import os
import pathlib
import queue
import subprocess
import threading

FOLDER = pathlib.Path(__file__).with_name("work")
UNPACKED = FOLDER.parent.parent.parent / "build" / "interop"
ROUNDCUBE = UNPACKED / "roundcube" / "usr" / "share" / "roundcube" \
    / "program" / "lib" / "Roundcube"
EVOLUTION = UNPACKED / "evolution" / "usr"
JAVA_MAIL = "/usr/share/java/javax.mail.jar:/usr/share/java/javax.activation.jar"
ANSWER_S = 60


class Refused(Exception):
    """The client says that it could not."""


def run(*words):
    """A program of work/, which is the last word, as it is."""
    return lambda account, fixture: [*words[:-1], FOLDER / words[-1]]


def imapfilter(account, fixture):
    return ["imapfilter", "-t", account.certificate, "-c",
            FOLDER / "work.lua"]


def node_imap(account, fixture):
    """Modules are found from where the program lies."""
    program = fixture("modules") / "work_node_imap.mjs"
    program.write_bytes((FOLDER / program.name).read_bytes())
    return ["node", program]


def go_imap(account, fixture):
    return [fixture("go_program")]


def jakarta(account, fixture):
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp",
            f"{fixture('java_classes')}:{JAVA_MAIL}", "Work"]


def roundcube(account, fixture):
    return ["php", FOLDER / "work_roundcube.php", ROUNDCUBE]


def camel(account, fixture):
    provider = EVOLUTION / "lib" / "evolution-data-server" \
        / "camel-providers" / "libcamelimapx.so"
    return ["env", "GSETTINGS_BACKEND=memory",
            f"GSETTINGS_SCHEMA_DIR={fixture('schemas')}",
            "/usr/bin/python3", FOLDER / "work_camel.py", provider]


class Client:
    """One running program.  Verbs raise Refused where the program reports an
    error."""

    KINDS = {
        "imap-tools": run("/usr/bin/python3", "work_imap_tools.py"),
        "ruby": run("ruby", "work.rb"),
        "perl": run("perl", "work.pl"),
        "imapfilter": imapfilter,
        "camel": camel,
        "thunderbird": run("/usr/bin/python3", "work_thunderbird.py"),
        "go-imap": go_imap,
        "jakarta": jakarta,
        "php": run("php", "work_imap.php"),
        "roundcube": roundcube,
        "node-imap": node_imap,
    }

    def __init__(self, kind, account, fixture):
        where = [account.host, account.port, account.listener, account.user,
                 account.password, account.certificate]
        self.words = [str(word) for word in self.KINDS[kind](account, fixture)]
        self.folder = account.folder
        self.settings = os.environ | {
            f"WORK_{name}": str(value) for name, value in zip(
                ("HOST", "PORT", "LISTENER", "USER", "PASSWORD",
                 "CERTIFICATE", "FOLDER"), [*where, account.folder])}
        self.settings |= {"HOME": str(account.folder), "LC_ALL": "C.UTF-8",
                          "SSL_CERT_FILE": str(account.certificate)}
        self.start()

    def start(self):
        self.errors = open(self.folder / "errors", "w+b")
        self.process = subprocess.Popen(
            self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, cwd=self.folder, env=self.settings)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read_lines, daemon=True)
        self.reader.start()

    def read_lines(self):
        for line in self.process.stdout:
            self.lines.put(line.decode().rstrip("\n").split("\t"))
        self.lines.put(None)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()

    # -- lines --------------------------------------------------------------

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-3000:]

    def say(self, *words):
        line = "\t".join(str(word) for word in words) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()

    def hear(self):
        try:
            words = self.lines.get(timeout=ANSWER_S)
        except queue.Empty:
            raise AssertionError("no answer in time: " + self.complaint()) \
                from None
        assert words, "the client ended: " + self.complaint()
        if words[0] == "error":
            raise Refused("\t".join(words[1:]))
        return words

    def ask(self, *words):
        self.say(*words)
        answer = self.hear()
        assert answer[0] == "ok", answer
        return answer[1:]

    # -- verbs --------------------------------------------------------------

    def connect(self):
        self.ask("connect")

    def cut(self):
        """The connection is lost, and what the program had in memory."""
        self.end()
        self.start()

    def logout(self):
        self.ask("logout")

    def list(self):
        return self.ask("list")

    def create(self, name):
        self.ask("create", name)

    def rename(self, old, new):
        self.ask("rename", old, new)

    def delete(self, name):
        self.ask("delete", name)

    def append(self, mailbox, octets, *flags):
        self.ask("append", mailbox, octets.hex(), *flags)

    def select(self, mailbox):
        """How many messages are in it."""
        return int(self.ask("select", mailbox)[0])

    def uids(self):
        return [int(word) for word in self.ask("uids")]

    def search(self, subject):
        return [int(word) for word in self.ask("search", subject)]

    def read(self, uid):
        return bytes.fromhex(self.ask("read", uid)[0])

    def flags(self, uid):
        return {word for word in self.ask("flags", uid)
                if word.lower() != "\\recent"}

    def store(self, uid, sign, flag):
        self.ask("store", uid, sign, flag)

    def copy(self, uid, mailbox):
        self.ask("copy", uid, mailbox)

    def move(self, uid, mailbox):
        self.ask("move", uid, mailbox)

    def remove(self, uid):
        """Out of the mailbox for good, and no other."""
        self.ask("remove", uid)

    @contextlib.contextmanager
    def idle(self):
        """While it idles; told() waits until it is told of more messages, and
        is how many."""
        self.say("idle")
        assert self.hear() == ["idling"]
        yield lambda: int(self.hear()[1])
