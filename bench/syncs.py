# SPDX-License-Identifier: MIT
#
# What a change makes a server put on the disk before it says OK: the calls
# that wait for the disk, seen by strace while one client makes one change.

import imaplib
import re
import smtplib
import time

from server import DOMAIN, PASSWORD, USER, die

CALLS = ("fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "msync")
WRITES = ("write", "writev", "pwrite64", "pwritev", "pwritev2")
TRACED = ",".join((*CALLS, *WRITES, "open", "openat"))
MESSAGE = (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: one\r\n"
           b"Message-ID: <one@example.org>\r\n\r\n" + b"x" * 70 + b"\r\n")
WARM = 3

LINE = re.compile(r"\d+ (\d+\.\d+) (\w+)\((.*)")


def changes(server, client):
    """The changes: name and function."""
    def deliver():
        with smtplib.LMTP(server.lmtp) as lmtp:
            lmtp.sendmail("a@example.org", [f"{USER}0@{DOMAIN}"], MESSAGE)
        return ("OK",)

    return (("APPEND", lambda: client.append("INBOX", None, None, MESSAGE)),
            ("LMTP", deliver),
            ("STORE", lambda: client.store("1", "FLAGS", r"(\Flagged)")),
            ("COPY", lambda: client.copy("1", "other")),
            ("EXPUNGE", client.expunge))


def run_changes(server):
    """Make each change once; when it began and when it was acknowledged."""
    spans = {}
    with imaplib.IMAP4("127.0.0.1", server.imap) as client:
        client.login(USER + "0", PASSWORD)
        client.create("other")
        client.select("INBOX")
        for _ in range(WARM):
            client.append("INBOX", None, None, MESSAGE)
        client.copy("1", "other")
        client.store("2", "FLAGS", r"(\Seen)")
        client.noop()
        for name, change in changes(server, client):
            if name == "EXPUNGE":
                client.store("2", "+FLAGS", r"(\Deleted)")
            began = time.time()
            if change()[0] != "OK":
                die(f"{server.name}: {name} is refused")
            spans[name] = began, time.time()
    return spans


def calls_of(trace):
    """The calls that wait for the disk: when, and what."""
    synced = set()
    for text in trace.read_text(errors="replace").splitlines():
        found = LINE.match(text)
        if not found:
            continue
        when, call, rest = float(found[1]), found[2], found[3]
        path = re.search(r"<([^>]*)>", rest)
        if call in ("open", "openat"):
            opened = re.search(r"= \d+<([^>]*)>$", rest)
            if opened and re.search(r"\bO_D?SYNC\b", rest):
                synced.add(opened[1])
        elif call in CALLS:
            if call != "msync" or "MS_SYNC" in rest:
                yield when, call
        elif path and path[1] in synced or "RWF_DSYNC" in rest \
                or "RWF_SYNC" in rest:
            yield when, "O_DSYNC"


def count(trace, spans):
    """For each change, how often which call."""
    seen = list(calls_of(trace))
    counted = {}
    for name, (began, ended) in spans.items():
        within = [call for when, call in seen if began <= when <= ended]
        counted[name] = " ".join(
            f"{within.count(call)} {call}" for call in dict.fromkeys(within))
    return counted


def count_syncs(server):
    """For each change, the calls that wait for the disk before its OK."""
    server.fresh()
    trace = server.folder / "trace"
    server.prefix = ["strace", "-D", "-f", "-ttt", "-y", "-o", trace,
                     "-e", "trace=" + TRACED]
    server.start()
    spans = run_changes(server)
    server.stop()
    server.prefix = []
    return count(trace, spans)
