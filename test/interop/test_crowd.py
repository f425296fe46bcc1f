# SPDX-License-Identifier: MIT
"""Twenty clients of four kinds at once on five accounts, while mail arrives by
LMTP: nothing lost, doubled or misnumbered.  AVOCET_CROWD_SECONDS says how long;
run it with a program built with the thread sanitizer, too."""

import collections
import imaplib
import json
import os
import pathlib
import random
import re
import ssl
import subprocess
import threading
import time

from lib.server import PASSWORD, Server

SECONDS = float(os.environ.get("AVOCET_CROWD_SECONDS", "15"))
ACCOUNTS = 5
MAILBOXES = ("INBOX", "Curl", "Done", "Flow")
NODE = pathlib.Path(__file__).resolve().parent.parent.parent / "build" / "node"

MBSYNC = """
IMAPStore remote
Host localhost
Port {port}
User {user}
Pass "{password}"
SSLType IMAPS
CertificateFile {certificate}
Timeout 120

MaildirStore local
Path {folder}/mail/
Inbox {folder}/mail/INBOX

Channel all
Far :remote:
Near :local:
Patterns INBOX
Sync Pull
Create Near
Expunge Near
SyncState *
"""


class Crowd:
    """What the clients of one account have been told OK for: mailbox ->
    Message-IDs."""

    def __init__(self, server, number, folder):
        self.server = server
        self.number = number
        self.user = server.add_user(usual=True)
        self.folder = folder / self.user
        self.folder.mkdir()
        self.lock = threading.Lock()
        self.expected = {name: collections.Counter() for name in MAILBOXES}
        self.count = 0
        self.failures = []
        self.deadline = 0

    @property
    def certificate(self):
        return self.server.folder / "data" / "tls" / "cert.pem"

    def port(self, listener):
        return self.server.addresses[listener][1]

    def new_message(self, kind):
        with self.lock:
            self.count += 1
            name = f"{kind}-{self.number}-{self.count}@example.org"
        text = (f"From: {kind}@example.org\r\nSubject: {kind}\r\n"
                f"Message-ID: <{name}>\r\n\r\n" + "line\r\n" * 40)
        return name, text.encode()

    def note(self, mailbox, name):
        with self.lock:
            self.expected[mailbox][name] += 1

    def move(self, name, source, target):
        with self.lock:
            self.expected[source][name] -= 1
            self.expected[target][name] += 1

    def running(self):
        return time.monotonic() < self.deadline

    def guard(self, client):
        try:
            while self.running():
                client()
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(f"{client.__name__}: {error!r}")

    def threads(self, seconds):
        self.deadline = time.monotonic() + seconds
        return [threading.Thread(target=self.guard, args=(client,))
                for client in (self.lmtp, self.curl, self.imaplib,
                               self.mbsync, self.imapflow)]

    # -- clients --------------------------------------------------------

    def run(self, *words):
        done = subprocess.run([str(word) for word in words],
                              capture_output=True, text=True, timeout=200,
                              check=False)
        assert done.returncode == 0, (words[0], done.stdout[-500:],
                                      done.stderr[-500:])
        return done.stdout

    def lmtp(self):
        with self.server.lmtp() as client:
            while self.running():
                name, text = self.new_message("lmtp")
                assert not client.sendmail("s@example.org", [self.user], text)
                self.note("INBOX", name)
                # A pace, not a wait: nothing depends on how long it is.
                time.sleep(random.uniform(0, 0.1))

    def curl(self):
        name, text = self.new_message("curl")
        path = self.folder / "upload"
        path.write_bytes(text)
        words = ("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert",
                 self.certificate, "--user", f"{self.user}:{PASSWORD}",
                 f"imap://localhost:{self.port('imap')}/Curl")
        self.run(*words, "--upload-file", path)
        self.note("Curl", name)
        found = self.run(*words[:-1],
                         f'{words[-1]}?HEADER%20Message-ID%20"{name}"')
        assert re.fullmatch(r"\* SEARCH \d+\s*", found), found

    def imaplib(self):
        context = ssl.create_default_context(cafile=str(self.certificate))
        client = imaplib.IMAP4_SSL("localhost", self.port("imaps"),
                                   ssl_context=context)
        good(client.login(self.user, PASSWORD))
        for _ in range(3):
            name, text = self.new_message("imaplib")
            good(client.append("INBOX", r"(\Draft)", None, text))
            self.note("INBOX", name)
            good(client.select())
            number = good(client.uid(
                "SEARCH", "HEADER", "Message-ID", f'"{name}"'))[0]
            assert number.isdigit(), (name, number)
            good(client.uid("STORE", number, "+FLAGS", r"(\Seen $Mine)"))
            good(client.uid("MOVE", number, "Done"))
            self.move(name, "INBOX", "Done")
            good(client.uid("STORE", "1:*", "+FLAGS", r"(\Seen)"))
            good(client.noop())
        client.logout()

    def mbsync(self):
        self.run("mbsync", "-q", "-c", self.folder / "mbsyncrc", "all")

    def imapflow(self):
        seconds = min(5.0, max(1.0, self.deadline - time.monotonic()))
        out = self.run("node", NODE / "crowd.mjs", json.dumps({
            "host": "localhost", "port": self.port("imaps"), "secure": True,
            "user": self.user, "pass": PASSWORD, "seconds": seconds,
            "prefix": f"flow-{self.number}-{time.monotonic_ns()}",
            "ca": self.certificate.read_text()}))
        for line in out.splitlines():
            if line.startswith("appended "):
                self.note("Flow", line.split()[1])

    # -- afterwards -----------------------------------------------------

    def prepare(self):
        session = self.server.login(self.user)
        for name in MAILBOXES[1:]:
            session.ok(f"CREATE {name}")
        session.close()
        (self.folder / "mail").mkdir()
        (self.folder / "mbsyncrc").write_text(MBSYNC.format(
            port=self.port("imaps"), user=self.user, password=PASSWORD,
            certificate=self.certificate, folder=self.folder))

    def verify(self):
        assert not self.failures, self.failures
        session = self.server.login(self.user)
        for mailbox, expected in self.expected.items():
            found = read_ids(session, mailbox)
            want = +expected
            assert found == want, (self.user, mailbox, found - want,
                                   want - found)
        session.close()
        self.mbsync()
        local = collections.Counter(
            re.search(rb"(?mi)^Message-ID: <(.*?)>", path.read_bytes())[1]
            .decode() for part in ("cur", "new")
            for path in (self.folder / "mail/INBOX" / part).iterdir())
        assert local == +self.expected["INBOX"]


def good(result):
    assert result[0] == "OK", result
    return result[1]


def read_ids(session, mailbox):
    """Message-IDs; numbers run from 1 on, UIDs rise, counts agree."""
    status = session.ok(f"STATUS {mailbox} (MESSAGES UIDNEXT)")[0].raw
    session.ok(f"EXAMINE {mailbox}")
    found = collections.Counter()
    last = 0
    answers = [response for response in session.ok(
        "FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (Message-ID)])")
        if response.name == "FETCH"]
    for number, response in enumerate(answers, 1):
        match = re.match(rb"\* (\d+) FETCH \(UID (\d+) ", response.raw)
        assert int(match[1]) == number, response
        assert int(match[2]) > last, response
        last = int(match[2])
        found[re.search(rb"(?i)Message-ID: <(.*?)>",
                        response.raw)[1].decode()] += 1
    assert b"MESSAGES %d " % len(answers) in status, status
    assert int(re.search(rb"UIDNEXT (\d+)", status)[1]) > last
    return found


def test_crowd(modules, tmp_path):
    (NODE / "crowd.mjs").write_bytes(
        pathlib.Path(__file__).with_name("crowd.mjs").read_bytes())
    assert modules
    server = Server().start()
    crowds = [Crowd(server, number, tmp_path) for number in range(ACCOUNTS)]
    for crowd in crowds:
        crowd.prepare()
    threads = [thread for crowd in crowds
               for thread in crowd.threads(SECONDS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for crowd in crowds:
        crowd.verify()
    print(f"{sum(crowd.count for crowd in crowds)} messages")
    server.stop()
    assert server.tool("check").returncode == 0
    server.remove()
