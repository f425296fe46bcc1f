# SPDX-License-Identifier: MIT
"""What the server has to hold after what it has acknowledged: mailboxes and
messages of one account."""

import random

SYSTEM = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"]
KEYWORDS = ["$Forwarded", "$Junk", "mine", "later"]
ALL_FLAGS = SYSTEM + KEYWORDS


class Message:
    def __init__(self, uid, octets, flags):
        self.uid = uid
        self.octets = octets    # None: not known (delivered, with a prefix)
        self.end = octets       # what the octets end with
        self.flags = frozenset(flags)
        self.former = {self.flags}
        self.live = True

    def change(self, flags):
        self.flags = flags
        self.former.add(flags)

    def __repr__(self):
        return "<uid %d %s%s>" % (self.uid, " ".join(sorted(self.flags)),
                                  "" if self.live else " gone")


class Mailbox:
    def __init__(self, name, uidvalidity):
        self.name = name
        self.uidvalidity = uidvalidity
        self.uidnext = 1
        self.messages = []      # live ones, by UID
        self.removed = []
        self.deleted = False

    def add(self, octets, flags):
        message = Message(self.uidnext, octets, flags)
        self.messages.append(message)
        self.uidnext += 1
        return message

    def remove(self, message):
        message.live = False
        self.messages.remove(message)
        self.removed.append(message)

    def by_uid(self, uid):
        for message in self.messages:
            if message.uid == uid:
                return message
        return None


class World:
    """${seed} decides everything that is random."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.mailboxes = {}
        self.greatest = {}      # UIDVALIDITY by name, of mailboxes that had it
        self.made = 0

    def learn(self, name, uidvalidity):
        """A mailbox that the server has just shown for the first time."""
        mailbox = Mailbox(name, uidvalidity)
        self.mailboxes[name] = mailbox
        self.note(name, uidvalidity)
        return mailbox

    def note(self, name, uidvalidity):
        """Promise: greater than any that the name had before."""
        assert uidvalidity > self.greatest.get(name, 0), \
            "UIDVALIDITY %d of %s is used a second time" % (uidvalidity, name)
        self.greatest[name] = uidvalidity

    def forget(self, name):
        mailbox = self.mailboxes.pop(name)
        mailbox.deleted = True
        for message in mailbox.messages:
            message.live = False

    # -- chance -------------------------------------------------------------

    def chance(self, part):
        return self.random.random() < part

    def some_flags(self, least=0):
        count = self.random.randint(least, 3)
        # \Deleted often enough that there is something to expunge.
        flags = self.random.sample(ALL_FLAGS, count)
        if self.chance(0.2):
            flags.append("\\Deleted")
        return sorted(set(flags))

    def new_octets(self):
        self.made += 1
        size = self.random.choice([0, 1, 80, 80, 2000, 2000, 40000])
        if self.chance(0.01):
            size = 400000
        line = b"word%d and more of it\r\n" % self.made
        body = line * (size // len(line) + 1)
        return b"Subject: number %d\r\nFrom: a%d@example.org\r\n\r\n%s" % (
            self.made, self.made % 3, body[:size])

    def some_name(self):
        return self.random.choice(sorted(self.mailboxes))

    def new_name(self):
        return "m%d" % self.random.randrange(6)
