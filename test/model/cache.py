# SPDX-License-Identifier: MIT
"""A client that keeps what it knows of a mailbox, is cut off at any response,
and comes back with QRESYNC: what RFC 7162 section 6 tells a client to do, and
no more."""

import socket

from lib.client import Closed


class Cut(Exception):
    """The client lost its connection."""


class Cache:
    """What outlives a connection.

    flags   of each message whose UID is not above ``known``, as a set
    known   the greatest UID that was fetched; all below are known
    """

    def __init__(self):
        self.uidvalidity = 0
        self.modseq = 0
        self.known = 0
        self.flags = {}

    def forget(self, uidvalidity):
        self.__init__()
        self.uidvalidity = uidvalidity


class Client:
    """One connection with a mailbox selected.  After ``left`` responses it is
    gone."""

    def __init__(self, cache, connection, left):
        self.cache = cache
        self.connection = connection
        self.left = left
        self.seen = set()       # UIDs that the server has told of
        self.exists = 0
        self.uidnext = 0

    def close(self):
        """Hear nothing more.  What the server was told it still does: it has
        ended the session when this returns."""
        wire = self.connection.socket
        try:
            wire.shutdown(socket.SHUT_WR)
            while wire.recv(65536):
                pass
        except OSError:
            pass
        self.connection.close()

    # -- responses ----------------------------------------------------------

    def read(self):
        if self.left == 0:
            self.close()
            raise Cut
        self.left -= 1
        try:
            return self.connection.read()
        except Closed:
            raise Cut from None

    def run(self, command, fetching=False):
        """Run a command; what it tells goes into the cache as it comes, the
        mod-sequence with the tagged answer."""
        tag = self.connection.start(command)
        modseqs, told = [], None
        while True:
            response = self.read()
            if response.code_name == "HIGHESTMODSEQ":
                told = response.code[1]
            if response.tag == tag:
                break
            self.take(response, modseqs, fetching)
        assert response.name == "OK", response
        if told is not None:
            self.cache.modseq = told
        else:
            self.cache.modseq = max([self.cache.modseq, *modseqs])
        return response

    def take(self, response, modseqs, fetching):
        if response.name == "EXISTS":
            self.exists = response.number
        elif response.code_name == "UIDVALIDITY":
            if response.code[1] != self.cache.uidvalidity:
                self.cache.forget(response.code[1])
        elif response.code_name == "UIDNEXT":
            self.uidnext = response.code[1]
        elif response.name == "VANISHED":
            self.take_vanished(*response.data)
        elif response.name == "EXPUNGE":
            raise AssertionError("EXPUNGE after ENABLE QRESYNC")
        elif response.name == "FETCH":
            modseqs.append(response.data["MODSEQ"])
            self.take_fetch(response.data, fetching)

    def take_vanished(self, earlier, uids):
        for uid in uids:
            self.cache.flags.pop(uid, None)
        if not earlier:
            self.exists -= len(list(uids))

    def take_fetch(self, data, fetching):
        uid = data["UID"]
        if fetching and uid > self.cache.known:
            self.cache.known = uid
        if uid <= self.cache.known:
            self.cache.flags[uid] = set(data["FLAGS"]) - {"\\Recent"} \
                if "FLAGS" in data else self.cache.flags[uid]

    # -- what it does -------------------------------------------------------

    def select(self, known=""):
        """Open the mailbox with all that is known of it; ``known`` are further
        arguments."""
        self.run("ENABLE QRESYNC")
        words = ""
        if self.cache.uidvalidity and self.cache.modseq:
            words = " (QRESYNC (%d %d%s))" % (
                self.cache.uidvalidity, self.cache.modseq, known)
        self.run("SELECT INBOX" + words)

    def fetch_new(self):
        self.run("UID FETCH %d:* (FLAGS MODSEQ)" % (self.cache.known + 1),
                 fetching=True)

    def match_data(self):
        """Some of the known messages, with the numbers they had."""
        uids = sorted(self.cache.flags)
        pairs = [(n + 1, uid) for n, uid in enumerate(uids)][::3]
        if not pairs:
            return ""
        return " 1:%d (%s %s)" % (
            self.cache.known, ",".join(str(n) for n, _ in pairs),
            ",".join(str(uid) for _, uid in pairs))
