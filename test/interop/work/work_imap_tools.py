# SPDX-License-Identifier: MIT
"""Python's imap-tools.  Its move is COPY, STORE and EXPUNGE."""

import ssl

from imap_tools import AND, MailBox, MailBoxTls

from serve import say, serve, where


class Work:
    box = None

    def connect(self):
        kind = MailBox if where("LISTENER") == "imaps" else MailBoxTls
        context = ssl.create_default_context(cafile=where("CERTIFICATE"))
        self.box = kind(where("HOST"), int(where("PORT")),
                        ssl_context=context)
        self.box.login(where("USER"), where("PASSWORD"))

    def logout(self):
        self.box.logout()

    def list(self):
        return [folder.name for folder in self.box.folder.list()]

    def create(self, name):
        self.box.folder.create(name)

    def rename(self, old, new):
        self.box.folder.rename(old, new)

    def delete(self, name):
        self.box.folder.delete(name)

    def append(self, mailbox, octets, *flags):
        self.box.append(bytes.fromhex(octets), mailbox, flag_set=flags)

    def select(self, mailbox):
        return [int(self.box.folder.set(mailbox)[1][0])]

    def uids(self):
        return self.box.uids("ALL")

    def search(self, text):
        return self.box.uids(AND(subject=text), "UTF-8")

    def one(self, uid):
        return next(self.box.fetch(AND(uid=uid), mark_seen=False))

    def read(self, uid):
        done = self.box.client.uid("FETCH", uid, "(BODY.PEEK[])")
        return [done[1][0][1].hex()]

    def flags(self, uid):
        return self.one(uid).flags

    def store(self, uid, sign, flag):
        self.box.flag(uid, [flag], sign == "+")

    def copy(self, uid, mailbox):
        self.box.copy(uid, mailbox)

    def move(self, uid, mailbox):
        self.box.move(uid, mailbox)

    def remove(self, uid):
        self.box.delete(uid)

    def idle(self):
        with self.box.idle as idle:
            say("idling")
            while True:
                for line in idle.poll(60):
                    if line.endswith(b" EXISTS"):
                        return [int(line.split()[1])]


serve(Work())
