# SPDX-License-Identifier: MIT
"""What one session has been told, and whether it may and must be told more (RFC
9051 sections 5.2, 5.5 and 7.5)."""


class Entry:
    """A message as the client knows it.  flags is None until told."""

    def __init__(self, message):
        self.message = message
        self.flags = None

    def __repr__(self):
        return "%r told %s" % (self.message, self.flags)


class View:
    """A selected mailbox in a session."""

    def __init__(self, mailbox, read_only):
        self.mailbox = mailbox
        self.read_only = read_only
        self.entries = [Entry(message) for message in mailbox.messages]
        self.uidnext = mailbox.uidnext
        self.closed = False

    def uids(self):
        return [entry.message.uid for entry in self.entries]

    def live(self, entries=None):
        entries = self.entries if entries is None else entries
        return [entry for entry in entries if entry.message.live]

    def by_uids(self, uids):
        uids = set(uids)
        return [e for e in self.entries if e.message.uid in uids]

    # -- being told ---------------------------------------------------------

    def told(self, response, may_expunge, late=False):
        """One untagged response that is not a command's own answer, or is: all
        of them have to be true; ${late}: or have been so, since they wait for us
        to look."""
        if response.name == "EXPUNGE":
            assert may_expunge, "EXPUNGE where it must not be: %r" % response
            self.told_expunge(response)
        elif response.name == "EXISTS":
            self.told_exists(response, may_expunge)
        elif response.name == "FETCH":
            self.told_fetch(response, late)
        elif response.name == "RECENT":
            assert response.number <= len(self.entries), response
        elif response.name == "OK" and response.code_name == "CLOSED":
            assert self.mailbox.deleted, "CLOSED, but the mailbox is there"
            self.closed = True
        else:
            assert response.name in ("FLAGS", "OK"), response

    def told_expunge(self, response):
        number = response.number
        assert number <= len(self.entries), response
        entry = self.entries[number - 1]
        assert not entry.message.live, \
            "told that %r is gone, but it is there" % entry
        del self.entries[number - 1]

    def told_exists(self, response, may_expunge):
        """What has come and gone again is not told of, unless EXPUNGE must wait:
        then it may be, and the EXPUNGE follows.  Of those the server forgets
        what had gone when it last could tell, so the newest are meant."""
        new = [m for m in self.mailbox.messages if m.uid >= self.uidnext]
        gone = sorted((m for m in self.mailbox.removed
                       if m.uid >= self.uidnext), key=lambda m: m.uid)
        more = response.number - len(self.entries) - len(new)
        if not may_expunge and 0 < more <= len(gone):
            new += gone[-more:]
        assert response.number == len(self.entries) + len(new), \
            "%r, but there are %d known and %d new" % (
                response, len(self.entries), len(new))
        new.sort(key=lambda message: message.uid)
        self.entries += [Entry(message) for message in new]
        self.uidnext = self.mailbox.uidnext

    def told_fetch(self, response, late):
        assert response.number <= len(self.entries), response
        entry = self.entries[response.number - 1]
        uid = response.data.get("UID")
        if uid is not None:
            assert uid == entry.message.uid, "%r is %r" % (response, entry)
        if "FLAGS" in response.data:
            flags = frozenset(response.data["FLAGS"]) - {"\\Recent"}
            if entry.message.live:
                assert flags == entry.message.flags or (
                    late and flags in entry.message.former), \
                    "%r, but they are %s" % (response,
                                             sorted(entry.message.flags))
            entry.flags = flags

    # -- all told? ----------------------------------------------------------

    def missing(self):
        """What the client has not been told yet, as text; empty: nothing."""
        if self.mailbox.deleted:
            return "" if self.closed else "that the mailbox is gone"
        gone = [e for e in self.entries if not e.message.live]
        if gone:
            return "that these are gone: %r" % gone
        if [m.uid for m in self.mailbox.messages] != self.uids():
            return "that there are new messages: %r, known %r" % (
                self.mailbox.messages, self.uids())
        stale = [e for e in self.entries
                 if e.flags is not None and e.flags != e.message.flags]
        return "the flags of %r" % stale if stale else ""
