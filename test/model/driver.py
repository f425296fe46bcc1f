# SPDX-License-Identifier: MIT
"""Chooses operations for several sessions of one account, one after another, and
keeps the world in step with what was acknowledged."""

from lib.client import history
from session import Session
from world import ALL_FLAGS, World

SESSIONS = 4
MAILBOXES_MAX = 5
MESSAGES_MAX = 60


class Driver:
    def __init__(self, server, seed):
        self.server = server
        self.world = World(seed)
        self.random = self.world.random
        self.user = server.add_user()
        self.trace = []
        self.sessions = []
        self.learn_mailboxes()
        self.connect_all()

    def connect(self):
        return self.server.login(self.user)

    def connect_all(self):
        self.sessions = [
            Session(self.world, self.connect, "s%d" % n, n % 2 == 1)
            for n in range(SESSIONS)]

    def close(self):
        for session in self.sessions:
            session.connection.close()

    def learn_mailboxes(self):
        observer = self.connect()
        for response in observer.ok('LIST "" "*"'):
            name = response.data[2]
            status = observer.ok('STATUS "%s" (UIDVALIDITY)' % name)
            self.world.learn(name, status[0].data[1]["UIDVALIDITY"])
        observer.close()

    # -- steps --------------------------------------------------------------

    OPERATIONS = {
        "append": 8, "multiappend": 2, "deliver": 3, "store": 16,
        "store_again": 3, "fetch": 12, "search": 10, "noop": 8, "select": 5,
        "leave": 2, "expunge": 5, "uid_expunge": 3, "copy": 6, "move": 5,
        "create": 2, "delete": 1, "rename": 1, "idle": 4, "status": 3,
        "list": 1, "pipeline": 4, "beyond": 1,
    }

    def step(self):
        name = self.random.choices(list(self.OPERATIONS),
                                   list(self.OPERATIONS.values()))[0]
        session = self.random.choice(self.sessions)
        self.trace.append("%s %s" % (session.name, name))
        if name != "deliver":
            if session.idle_tag:
                session.end_idle()
            self.revive(session)
        getattr(self, "do_" + name)(session)
        for other in self.sessions:
            if other.idle_tag:
                other.idle_is_told()

    def revive(self, session):
        """A session whose mailbox was deleted is told, and goes on."""
        if session.view and session.view.mailbox.deleted:
            session.noop()()
        if session.view is None and self.world.chance(0.8):
            self.do_select(session)

    def report(self):
        text = "last steps: " + ", ".join(self.trace[-30:])
        for session in self.sessions:
            text += "\n-- %s:\n%s" % (session.name,
                                      history(session.connection, 24))
        return text

    # -- choosing -----------------------------------------------------------

    def entries(self, session):
        """Some messages of the view, ascending; may be none."""
        if session.view is None or not session.view.entries:
            return []
        count = min(len(session.view.entries), self.random.choice(
            [1, 1, 2, 3, 10, 100]))
        chosen = self.random.sample(session.view.entries, count)
        return sorted(chosen, key=session.view.entries.index)

    # -- operations ---------------------------------------------------------

    def do_append(self, session):
        if sum(len(b.messages) for b in self.world.mailboxes.values()) > \
                MESSAGES_MAX * MAILBOXES_MAX:
            return
        session.append(self.near(session), [
            (self.world.new_octets(), self.world.some_flags())])()

    def do_multiappend(self, session):
        session.append(self.near(session), [
            (self.world.new_octets(), self.world.some_flags())
            for _ in range(self.random.randint(2, 4))])()

    def near(self, session):
        """A mailbox, often one that somebody has selected."""
        views = [s.view for s in self.sessions
                 if s.view and not s.view.mailbox.deleted]
        if views and self.world.chance(0.7):
            return self.random.choice(views).mailbox.name
        return self.world.some_name()

    def do_deliver(self, _session):
        octets = self.world.new_octets()
        if not octets.endswith(b"\r\n"):
            octets += b"\r\n"
        self.server.deliver(self.user, octets)
        message = self.world.mailboxes["INBOX"].add(None, [])
        message.end = octets

    def do_store(self, session, entries=None):
        entries = entries or self.entries(session)
        if entries:
            session.store(entries, self.random.choice(["", "+", "-"]),
                          self.world.some_flags(), self.world.chance(0.4),
                          self.world.chance(0.5))()

    def do_store_again(self, session):
        """Several changes to the same message from several sessions."""
        self.do_store(session)
        for other in self.sessions:
            if other.view and not other.idle_tag and \
                    not other.view.mailbox.deleted and other.view.entries:
                self.do_store(other, other.view.entries[-1:])

    def do_fetch(self, session):
        entries = self.entries(session)
        if not entries:
            return
        items = ["UID"] + self.random.sample(
            ["FLAGS", "RFC822.SIZE", "BODY[]", "ENVELOPE", "INTERNALDATE",
             "BODYSTRUCTURE"], self.random.randint(1, 4))
        session.fetch(entries, items, self.world.chance(0.5))()

    def do_noop(self, session):
        session.noop()()

    def do_select(self, session):
        name = self.near(session)
        if self.world.chance(0.05):
            name = "missing"
        verb = "SELECT" if self.world.chance(0.75) else "EXAMINE"
        session.select(name, verb)()
        if session.view and session.view.entries and self.world.chance(0.8):
            session.fetch(session.view.entries[:], ["UID", "FLAGS"], False)()

    def do_leave(self, session):
        if session.view:
            session.leave(self.random.choice(["CLOSE", "UNSELECT"]))()

    def do_expunge(self, session):
        if session.view:
            session.expunge()()

    def do_uid_expunge(self, session):
        entries = self.entries(session)
        if entries:
            session.expunge(entries)()

    def do_copy(self, session, verb="COPY"):
        entries = self.entries(session)
        if not entries:
            return
        name = "missing" if self.world.chance(0.05) else self.near(session)
        target = self.world.mailboxes.get(name)
        if target and len(target.messages) > MESSAGES_MAX:
            return
        session.copy(entries, name, verb, self.world.chance(0.5))()

    def do_move(self, session):
        self.do_copy(session, "MOVE")

    def do_idle(self, session):
        if session.idle_tag is None:
            session.start_idle()()

    def do_pipeline(self, session):
        """Several commands in flight; UIDs only, since numbers may shift."""
        entries = self.entries(session)
        if not entries or session.view.read_only:
            return
        silent = self.world.chance(0.5)
        finishes = [
            session.store(entries, "+", self.world.some_flags(1), silent, True),
            session.fetch(entries, ["UID", "FLAGS"], True),
            session.noop(),
            session.search("ALL", lambda entry, number: True, True),
        ]
        for finish in finishes:
            finish()

    def do_beyond(self, session):
        """A number greater than EXISTS is BAD."""
        if session.view is None:
            return
        number = len(session.view.entries) + 1

        def judge(_untagged, tagged):
            assert tagged.name == "BAD", tagged
            return []
        session.ask("FETCH %d FLAGS" % number, judge)()

    # -- searching ----------------------------------------------------------

    def do_search(self, session):
        if session.view is None:
            return
        key, found = self.some_key(session)
        if self.world.chance(0.3):
            key, inner = "NOT (%s)" % key, found

            def found(entry, number):
                answer = inner(entry, number)
                return None if answer is None else not answer
        session.search(key, found, self.world.chance(0.5))()

    def some_key(self, session):
        kind = self.random.choice(["flag", "uid", "number", "text", "all"])
        entries = self.entries(session)
        if kind == "flag" or not entries:
            return flag_key(self.random.choice(ALL_FLAGS))
        chosen = set(id(entry) for entry in entries)
        if kind == "uid":
            return ("UID " + session.numbers(entries, True),
                    lambda entry, _: id(entry) in chosen)
        if kind == "number":
            return (session.numbers(entries, False),
                    lambda entry, _: id(entry) in chosen)
        if kind == "text":
            number = self.random.randint(1, self.world.made + 1)
            subject = b"Subject: number %d\r\n" % number
            return ('HEADER Subject "number %d"' % number,
                    lambda entry, _: None if not entry.message.live or
                    subject not in entry.message.end and
                    b"Subject: number %d" % number in entry.message.end
                    else subject in entry.message.end)
        return "ALL", lambda entry, _: True if entry.message.live else None

    # -- mailboxes ----------------------------------------------------------

    def do_create(self, session):
        name = self.world.new_name()
        exists = name in self.world.mailboxes
        if not exists and len(self.world.mailboxes) > MAILBOXES_MAX + 6:
            return

        def judge(_untagged, tagged):
            if exists:
                assert tagged.code_name == "ALREADYEXISTS", tagged
            else:
                assert tagged.name == "OK", tagged
            return []
        session.ask('CREATE "%s"' % name, judge)()
        if not exists:
            self.world.learn(name, self.uidvalidity(session, name))

    def uidvalidity(self, session, name):
        found = []

        def judge(untagged, tagged):
            assert tagged.name == "OK", tagged
            own = [r for r in untagged if r.name == "STATUS"]
            found.append(own[0].data[1]["UIDVALIDITY"])
            return own
        session.ask('STATUS "%s" (UIDVALIDITY)' % name, judge)()
        return found[0]

    def made_mailboxes(self):
        return sorted(n for n in self.world.mailboxes if n.startswith("m"))

    def do_delete(self, session):
        names = self.made_mailboxes()
        if not names:
            return
        name = self.random.choice(names)

        def judge(_untagged, tagged):
            assert tagged.name == "OK", tagged
            self.world.forget(name)
            return []
        session.ask('DELETE "%s"' % name, judge)()

    def do_rename(self, session):
        names = self.made_mailboxes()
        new = self.world.new_name()
        if not names or new in self.world.mailboxes:
            return
        old = self.random.choice(names)

        def judge(untagged, tagged):
            assert tagged.name == "OK", tagged
            # RFC 9051 section 6.3.6: the new name may be told.
            return [r for r in untagged if r.name == "LIST"
                    and r.data[2] == new]
        session.ask('RENAME "%s" "%s"' % (old, new), judge)()
        mailbox = self.world.mailboxes.pop(old)
        mailbox.name = new
        self.world.mailboxes[new] = mailbox
        mailbox.uidvalidity = self.uidvalidity(session, new)
        self.world.note(new, mailbox.uidvalidity)

    def do_status(self, session):
        name = self.world.some_name()
        mailbox = self.world.mailboxes[name]
        known = [m.octets for m in mailbox.messages]

        def judge(untagged, tagged):
            assert tagged.name == "OK", tagged
            own = [r for r in untagged if r.name == "STATUS"]
            items = own[0].data[1]
            size = items.pop("SIZE")
            assert None in known or size == sum(map(len, known)), items
            assert own[0].data[0] == name and items == {
                "MESSAGES": len(known), "UIDNEXT": mailbox.uidnext,
                "UIDVALIDITY": mailbox.uidvalidity,
                "UNSEEN": count_without(mailbox, "\\Seen"),
                "DELETED": len(known) - count_without(mailbox, "\\Deleted"),
            }, (items, mailbox.messages)
            return own
        session.ask('STATUS "%s" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED '
                    'SIZE)' % name, judge)()

    def do_list(self, session):
        def judge(untagged, tagged):
            assert tagged.name == "OK", tagged
            own = [r for r in untagged if r.name == "LIST"]
            names = sorted(r.data[2] for r in own)
            assert names == sorted(self.world.mailboxes), names
            return own
        session.ask('LIST "" "*"', judge)()

    # -- everything ---------------------------------------------------------

    def check_all(self):
        """All mailboxes, as a new session sees them."""
        session = Session(self.world, self.connect, "check", False)
        self.do_list(session)
        for name, mailbox in sorted(self.world.mailboxes.items()):
            session.select(name, "EXAMINE")()
            assert session.view.uids() == [m.uid for m in mailbox.messages]
            if session.view.entries:
                session.fetch(session.view.entries[:], [
                    "UID", "FLAGS", "RFC822.SIZE", "BODY[]"], False)()
            session.synchronized()
        session.connection.close()

    def crash(self):
        """SIGKILL between two operations: all that was acknowledged is there
        afterwards (promise 1), and all sessions begin anew."""
        self.trace.append("crash")
        self.close()
        self.server.kill()
        self.server.start()
        self.connect_all()
        self.check_all()


def count_without(mailbox, flag):
    return len([m for m in mailbox.messages if flag not in m.flags])


def flag_key(flag):
    key = {"\\Seen": "SEEN", "\\Answered": "ANSWERED", "\\Flagged": "FLAGGED",
           "\\Deleted": "DELETED", "\\Draft": "DRAFT"}.get(
               flag, "KEYWORD " + flag)

    def found(entry, _number):
        has = flag in entry.message.flags
        # Until told, the client cannot say which flags the server looks at.
        if not entry.message.live or (
                entry.flags is not None and (flag in entry.flags) != has):
            return None
        return has
    return key, found
