# SPDX-License-Identifier: MIT
"""One IMAP session of the model test: operations, each with what has to come of
it.

An operation sends its command at once and returns a function that reads and
judges the answer; so several commands can be in flight.
"""

from view import View

# Commands during which EXPUNGE must not be sent: RFC 9051 section 7.5.1.
FORBID_EXPUNGE = ("FETCH", "STORE", "SEARCH")
OBSERVED = ("EXISTS", "EXPUNGE", "FETCH", "RECENT", "FLAGS")


def set_text(numbers):
    """A sequence set; not always in the shortest form."""
    return ",".join("%d" % number for number in numbers)


def change(flags, mode, given):
    given = frozenset(given)
    if mode == "+":
        return flags | given
    return flags - given if mode == "-" else given


class Session:
    def __init__(self, world, connect, name, rev2):
        self.world = world
        self.name = name
        self.view = None
        self.idle_tag = None
        self.connection = connect()
        if rev2:
            self.connection.ok("ENABLE IMAP4rev2")

    # -- asking -------------------------------------------------------------

    def ask(self, words, judge=None, pieces=()):
        """Send a command; the function returned reads the answer.  judge(
        untagged, tagged) applies what was done to the world, and returns the
        untagged responses that were the command's own."""
        tag = self.connection.start(words, *pieces)

        def finish():
            untagged, tagged = self.connection.read_until(tag)
            own = judge(untagged, tagged) if judge else expect_ok(tagged)
            self.observe(untagged, own or [], words)
        return finish

    def observe(self, untagged, own, words):
        may_expunge = words.split()[0] not in FORBID_EXPUNGE
        for response in untagged:
            if response in own and response.name not in OBSERVED:
                continue
            if self.view is None:
                assert response in own or response.code_name == "CLOSED", \
                    "%r with nothing selected" % response
                continue
            if response not in own and response.name == "FETCH":
                assert "UID" in response.data, \
                    "unsolicited without UID: %r" % response
            self.view.told(response, may_expunge, words == "IDLE")
            if self.view.closed:
                self.view = None

    def synchronized(self):
        missing = self.view.missing() if self.view else ""
        assert not missing, "%s was not told %s" % (self.name, missing)

    def noop(self):
        """After NOOP the client knows all."""
        finish = self.ask("NOOP")

        def check():
            finish()
            self.synchronized()
        return check

    # -- selecting ----------------------------------------------------------

    def select(self, name, verb):
        def judge(untagged, tagged):
            self.view = None
            mailbox = self.world.mailboxes.get(name)
            if mailbox is None:
                assert (tagged.name, tagged.code_name) == (
                    "NO", "NONEXISTENT"), tagged
                return untagged
            expect_ok(tagged)
            check_selected(mailbox, untagged)
            assert tagged.code_name == (
                "READ-WRITE" if verb == "SELECT" else "READ-ONLY")
            selected.append(View(mailbox, verb == "EXAMINE"))
            return untagged
        selected = []
        finish = self.ask('%s "%s"' % (verb, name), judge)

        def check():
            finish()
            self.view = selected[0] if selected else None
        return check

    def leave(self, verb):
        def judge(untagged, tagged):
            expect_ok(tagged)
            assert not [r for r in untagged if r.name in OBSERVED], untagged
            if verb == "CLOSE" and not self.view.read_only:
                self.world_expunge(self.view.mailbox)
            self.view = None
            return untagged
        return self.ask(verb, judge)

    # -- flags --------------------------------------------------------------

    def store(self, entries, mode, flags, silent, by_uid):
        words = "%sSTORE %s %sFLAGS%s (%s)" % (
            "UID " if by_uid else "", self.numbers(entries, by_uid), mode,
            ".SILENT" if silent else "", " ".join(flags))

        def judge(untagged, tagged):
            if self.view.read_only:
                assert tagged.name == "NO", tagged
                return []
            live = self.view.live(entries)
            if tagged.code_name == "EXPUNGEISSUED":
                assert len(live) < len(entries), tagged
            else:
                expect_ok(tagged)
            own = []
            for entry in live:
                entry.message.change(change(entry.message.flags, mode, flags))
                if silent and entry.flags is not None:
                    entry.flags = change(entry.flags, mode, flags)
            if not silent:
                own = self.answers(untagged, live, {"FLAGS"}, by_uid)
            return own
        return self.ask(words, judge)

    def answers(self, untagged, entries, wanted, by_uid):
        """The FETCH response for each entry, with all that is wanted."""
        own = []
        found = {}
        entries_now = list(self.view.entries)
        for response in untagged:
            if response.name == "EXPUNGE":
                del entries_now[response.number - 1]
            if response.name != "FETCH":
                continue
            assert response.number <= len(entries_now), response
            entry = entries_now[response.number - 1]
            if entry in entries and wanted <= set(response.data):
                assert not by_uid or "UID" in response.data, response
                found[id(entry)] = response
                own.append(response)
        for entry in entries:
            assert id(entry) in found, "no answer for %r" % entry
        return own

    def numbers(self, entries, by_uid):
        if by_uid:
            return set_text(entry.message.uid for entry in entries)
        return set_text(self.view.entries.index(e) + 1 for e in entries)

    # -- reading ------------------------------------------------------------

    def fetch(self, entries, items, by_uid):
        """${items} are names as they come back."""
        asked = [item.replace("BODY[", "BODY.PEEK[") for item in items]
        words = "%sFETCH %s (%s)" % ("UID " if by_uid else "",
                                     self.numbers(entries, by_uid),
                                     " ".join(asked))

        def judge(untagged, tagged):
            live = self.view.live(entries)
            if tagged.code_name == "EXPUNGEISSUED":
                assert len(live) < len(entries), tagged
                must = live
            else:
                expect_ok(tagged)
                # RFC 2180 section 4.1: a session can read what it has not been
                # told is gone; by UID it may be passed over.
                must = live if by_uid else entries
            own = self.answers(untagged, must, set(items), by_uid)
            for response in own:
                check_octets(response, self.view, entries)
            return own
        return self.ask(words, judge)

    def search(self, key, found, by_uid):
        """${key} and a function of (entry, number) that says True, False, or
        None when either is right."""
        words = "%sSEARCH RETURN (ALL) %s" % ("UID " if by_uid else "", key)

        def judge(untagged, tagged):
            expect_ok(tagged)
            own = [r for r in untagged if r.name == "ESEARCH"]
            assert len(own) == 1, untagged
            got = set(own[0].data.get("ALL", ()))
            for number, entry in enumerate(self.view.entries, 1):
                is_found = (entry.message.uid if by_uid else number) in got
                wanted = found(entry, number)
                assert wanted is None or wanted == is_found, \
                    "%s: %r, number %d, %s" % (
                        words, entry, number,
                        "found" if is_found else "not found")
            assert len(got) <= len(self.view.entries)
            return own
        return self.ask(words, judge)

    # -- removing -----------------------------------------------------------

    def world_expunge(self, mailbox, uids=None):
        for message in list(mailbox.messages):
            if "\\Deleted" in message.flags and \
                    (uids is None or message.uid in uids):
                mailbox.remove(message)

    def expunge(self, entries=None):
        words = "EXPUNGE" if entries is None else \
            "UID EXPUNGE " + self.numbers(entries, True)

        def judge(_untagged, tagged):
            if self.view.read_only:
                assert tagged.name == "NO", tagged
                return []
            expect_ok(tagged)
            uids = entries and {entry.message.uid for entry in entries}
            self.world_expunge(self.view.mailbox, uids)
            return []
        finish = self.ask(words, judge)

        def check():
            finish()
            if self.view and not self.view.read_only:
                gone = [e for e in self.view.entries if not e.message.live]
                assert not gone, "expunged, but not told: %r" % gone
        return check

    # -- copying ------------------------------------------------------------

    def copy(self, entries, name, verb, by_uid):
        words = '%s%s %s "%s"' % ("UID " if by_uid else "", verb,
                                  self.numbers(entries, by_uid), name)

        def judge(untagged, tagged):
            if verb == "MOVE" and self.view.read_only:
                assert tagged.name == "NO", tagged
                return []
            target = self.world.mailboxes.get(name)
            if target is None:
                assert (tagged.name, tagged.code_name) == ("NO", "TRYCREATE")
                return []
            live = self.view.live(entries)
            if tagged.name == "NO":
                assert len(live) < len(entries), tagged
                return []
            expect_ok(tagged)
            codes = [r for r in untagged + [tagged] if r.code_name == "COPYUID"]
            self.copied(codes, entries, live, target, verb == "MOVE")
            return [r for r in codes if r is not tagged]
        return self.ask(words, judge)

    def copied(self, codes, entries, live, target, move):
        if not codes:
            assert not live, "no COPYUID for %r" % live
            return
        uidvalidity, old, new = codes[0].code[1]
        assert len(codes) == 1 and uidvalidity == target.uidvalidity, codes
        assert sorted(old) == old and len(set(old)) == len(old), codes
        by_uid = {entry.message.uid: entry.message for entry in entries}
        assert set(old) <= set(by_uid), codes
        assert {entry.message.uid for entry in live} <= set(old), codes
        for source, uid in zip(old, new):
            message = by_uid[source]
            made = target.add(message.octets, message.flags)
            made.end = message.end
            assert made.uid == uid, codes
            if move and message.live:
                self.view.mailbox.remove(message)

    # -- bringing in --------------------------------------------------------

    def append(self, name, messages):
        """${messages}: (octets, flags) each."""
        words = 'APPEND "%s"' % name
        pieces = []
        for number, (octets, flags) in enumerate(messages):
            text = " (%s) " % " ".join(flags)
            if number == 0:
                words += text
            else:
                pieces.append(text)
            pieces.append(octets)
        target = self.world.mailboxes[name]

        def judge(_untagged, tagged):
            expect_ok(tagged)
            added = [target.add(octets, flags) for octets, flags in messages]
            assert tagged.code == ("APPENDUID", (
                target.uidvalidity, [m.uid for m in added])), tagged
            return []
        return self.ask(words, judge, pieces)

    # -- idling -------------------------------------------------------------

    def start_idle(self):
        self.idle_tag = self.connection.start("IDLE")
        response = self.connection.read()
        while response.tag != "+":
            self.observe([response], [], "IDLE")
            response = self.connection.read()
        return lambda: None

    def idle_is_told(self):
        """Without being asked, the server tells all."""
        while self.view and self.view.missing():
            self.observe([self.connection.read()], [], "IDLE")

    def end_idle(self):
        self.idle_is_told()
        self.connection.send(b"DONE\r\n")
        untagged, tagged = self.connection.read_until(self.idle_tag)
        self.idle_tag = None
        expect_ok(tagged)
        self.observe(untagged, [], "IDLE")
        self.synchronized()


def expect_ok(tagged):
    assert tagged.name == "OK", tagged


def check_selected(mailbox, untagged):
    exists = [r.number for r in untagged if r.name == "EXISTS"]
    assert exists == [len(mailbox.messages)], (exists, mailbox.messages)
    codes = dict(r.code for r in untagged if r.name == "OK" and r.code)
    assert codes["UIDVALIDITY"] == mailbox.uidvalidity, codes
    assert codes["UIDNEXT"] == mailbox.uidnext, codes
    assert "PERMANENTFLAGS" in codes
    if "UNSEEN" in codes:
        first = mailbox.messages[codes["UNSEEN"] - 1]
        assert "\\Seen" not in first.flags
        assert all("\\Seen" in message.flags for message in
                   mailbox.messages[:codes["UNSEEN"] - 1])


def check_octets(response, view, entries):
    """Bytes in are bytes out, for ever."""
    message = None
    for entry in entries:
        if entry.message.uid == response.data.get("UID"):
            message = entry.message
    if message is None:
        return
    octets = response.data.get("BODY[]")
    if octets is not None:
        assert octets == message.octets or (
            message.octets is None and octets.endswith(message.end)), \
            "other octets in %r" % message
        if message.octets is None:
            message.octets = octets
    size = response.data.get("RFC822.SIZE")
    if size is not None and message.octets is not None:
        assert size == len(message.octets), message
