# SPDX-License-Identifier: MIT
#
# Carrying out the plan: each block on each server in turn, a fresh store each
# time, in rounds.

import contextlib
import imaplib
import os
import pathlib
import shutil
import subprocess
import sys
import time

from plan import (ALL, BIG, BLOCKS, DISK, MILLION, MILLION_OPEN,
                  MILLION_SERVERS, RESUMED, RESUMED_MIN, SIZE, START, SYNCS,
                  UNSETTLED)
from server import PASSWORD, POLL_S, USER, die
from syncs import count_syncs

STEP_S_MAX = 600
NAMES = list(dict.fromkeys(
    [step.name for block in BLOCKS for step in block.steps]
    + [DISK, SYNCS, START]))


def disk_of(path):
    """The name of the disk that a folder is on, as /proc/diskstats has it."""
    device = os.stat(path).st_dev
    for text in pathlib.Path("/proc/diskstats").read_text().splitlines():
        words = text.split()
        if (int(words[0]), int(words[1])) == (os.major(device),
                                              os.minor(device)):
            return words[2]
    return None


class Failed(Exception):
    """avocet-bench was not content with an answer."""


class Measuring:
    """What was measured: server, measure, values; and notes on it."""

    def __init__(self, servers, program, only):
        self.servers = servers
        self.program = program
        self.only = set(only or NAMES)
        self.measures = {name: {} for name in servers}
        self.syncs = {}
        self.notes = []
        self.failures = 0
        self.loaded = set()

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def keep(self, server, measure, value):
        self.measures[server.name].setdefault(measure, []).append(value)

    def say(self, server, what, began):
        print(f"bench: {server.name}: {what}: "
              f"{time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)

    def call(self, server, step):
        """Run one step; its measures by name."""
        instead = step.instead.get(server.name, {})
        keys = {**server.keys(), **step.keys, **instead}
        for key, value in instead.items():
            self.note(f"{step.name}: {server.name} with {value:,} {key} "
                      f"instead of {step.keys[key]:,}")
        if step.keys.get("connections") == 64:
            keys["disk"] = disk_of(server.folder)
        words = [str(self.program), step.name,
                 *(f"{key}={value}" for key, value in keys.items())]
        done = subprocess.run(words, capture_output=True, text=True,
                              timeout=STEP_S_MAX, check=False)
        if done.returncode:
            raise Failed(done.stderr.strip().split("\n")[0])
        return {name: float(value) for name, value in (
            text.split("\t") for text in done.stdout.splitlines())}

    def step(self, server, step, prefix=""):
        began = time.monotonic()
        what = " ".join([step.name, *(str(step.keys[key]) for key in (
            "via", "size", "tls", "connections") if key in step.keys)])
        try:
            for measure, value in self.meant(
                    server, self.call(server, step)).items():
                self.keep(server, prefix + measure, value)
        except (Failed, subprocess.TimeoutExpired) as failed:
            # What another server cannot do is told, and no failure of ours.
            self.failures += server.name == "avocet"
            self.note(f"FAILED: {server.name}: {what}: {failed}")
            print(f"bench: {server.name}: {what}: {failed}", file=sys.stderr)
        self.say(server, what, began)

    def meant(self, server, measures):
        """Without those that are of something else than their name says."""
        share = measures.get(RESUMED, 100)
        if share >= RESUMED_MIN:
            return measures
        self.note(f"login.resumed: {server.name} resumes few TLS sessions or "
                  "none, so the rest is not measured")
        return {RESUMED: share}

    # -- stores ------------------------------------------------------------

    def with_store(self, server, block):
        """Start the server on what the block begins with."""
        if block.store == "big":
            self.load_big(server)
            last = block.rounds.get(server.name) == 1
            server.fresh("big", last)
        else:
            server.fresh()
        server.one_login_process = block.store == "one login process"
        server.start()

    def load_big(self, server):
        """Make the big store, if that is not done; how large it is."""
        if server.name in self.loaded:
            return
        self.loaded.add(server.name)
        began = time.monotonic()
        server.load("big", self.program, BIG, SIZE)
        octets = server.octets("big") - server.octets("accounts")
        self.keep(server, "disk.mb", octets / 1e6)
        self.say(server, f"a store of {BIG:,} messages", began)

    # -- rounds ------------------------------------------------------------

    def block(self, block, number):
        steps = [step for step in block.steps
                 if step.name in self.only and number < step.rounds]
        for name in block.servers if steps else ():
            if name not in self.servers or number >= block.rounds.get(name,
                                                                      99):
                continue
            server = self.servers[name]
            self.with_store(server, block)
            for step in steps:
                self.step(server, step)
            server.stop()

    def round(self, number):
        for block in BLOCKS:
            self.block(block, number)

    def once(self):
        """What is the same in each round, or takes too long for that."""
        for name, server in self.servers.items():
            if DISK in self.only and name in ALL:
                self.load_big(server)
            if SYNCS in self.only and name in ALL:
                began = time.monotonic()
                self.syncs[name] = count_syncs(server)
                self.say(server, SYNCS, began)
            if START in self.only and name in MILLION_SERVERS:
                self.start_times(server)

    # -- a million ---------------------------------------------------------

    def start_times(self, server):
        began = time.monotonic()
        server.load("million", self.program, MILLION,
                    MILLION_OPEN.keys["size"])
        self.say(server, f"a store of {MILLION:,} messages", began)
        os.rename(server.store("million"), server.data)
        server.start()
        server.stop()
        self.keep(server, "start.ms", self.first_answer(server))
        server.stop()
        server.start()
        self.step(server, MILLION_OPEN, "million.")
        try:
            self.call(server, UNSETTLED)
        finally:
            server.kill()
        self.keep(server, "start.killed.ms", self.first_answer(server))
        server.stop()
        shutil.rmtree(server.data)

    def first_answer(self, server):
        """Start; the milliseconds until what is stored is told right."""
        began = time.monotonic()
        server.begin()
        while True:
            with contextlib.suppress(OSError, imaplib.IMAP4.error), \
                    imaplib.IMAP4("127.0.0.1", server.imap) as client:
                client.login(USER + "0", PASSWORD)
                answer = client.status("big", "(MESSAGES)")
                took = time.monotonic() - began
                break
            if time.monotonic() > began + STEP_S_MAX:
                die(f"{server.name} does not answer: see {server.log}")
            time.sleep(POLL_S)
        if f"MESSAGES {MILLION}" not in answer[1][0].decode():
            die(f"{server.name}: {answer}")
        return 1000 * took
