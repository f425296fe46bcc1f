# SPDX-License-Identifier: MIT
"""mutt and neomutt in a terminal, as a person uses them: folders, reading,
flags, copies, moves, mail by IDLE, and QRESYNC after the connection was cut."""

import re

import pytest

from terminal import Terminal
from witness import message

# neomutt does not find its own connection by a name with an emoji.
FOLDER = "Grün & Blau 日本"
RENAMED = "Jürgens Ablage"

CONFIG = """
set folder = "{scheme}://{user}@{host}:{port}/"
set spoolfile = "+INBOX"
set mbox_type = maildir
set imap_user = "{user}"
set imap_pass = "{password}"
set ssl_starttls = yes
set ssl_force_tls = yes
set ssl_ca_certificates_file = "{certificate}"
set certificate_file = "{folder}/accepted"
set header_cache = "{folder}/cache"
set imap_idle = yes
set imap_condstore = yes
set imap_qresync = yes
set timeout = 1
set mail_check = 1
set confirmappend = no
set confirmcreate = no
set delete = yes
set quit = yes
set move = no
set mark_old = no
set wait_key = no
set sendmail = "/bin/true"
set charset = "utf-8"
set record = ""
set copy = no
set edit_headers = no
set beep = no
set sleep_time = 0
set resolve = no
set status_format = "[%f] Msgs:%m New:%n Flag:%F Del:%d."
set index_format = "%C %Z %s;"
set sort = mailbox-order
bind browser C create-mailbox
bind browser R rename-mailbox
bind browser D delete-mailbox
"""
# What only one of them has.
MORE = {
    "mutt": "set imap_deflate = yes\n",
    "neomutt": "bind index K modify-tags\n",
}


class Mutt:
    def __init__(self, kind, account):
        self.kind = kind
        self.account = account
        self.config = account.folder / "muttrc"
        self.config.write_text(MORE[kind] + CONFIG.format(
            scheme="imaps" if account.implicit else "imap",
            user=account.user, host=account.host, port=account.port,
            password=account.password, certificate=account.certificate,
            folder=account.folder))
        (account.folder / "cache").mkdir()
        self.terminal = None

    def start(self, *words):
        self.terminal = Terminal(
            [self.kind, "-n", "-F", self.config, "-d", "2", *words],
            self.account.folder)

    def wire(self):
        """What it notes of its dialogue."""
        log = ".muttdebug0" if self.kind == "mutt" else ".neomuttdebug0"
        return (self.account.folder / log).read_text(errors="replace")

    # -- keys ---------------------------------------------------------------

    def do(self, keys, pattern):
        self.terminal.send(keys)
        self.terminal.expect(pattern)

    def fill_in(self, keys, prompt, name, pattern):
        """Answer a prompt that is not empty.  A blank is quoted, since it
        asks for completion."""
        self.do(keys, prompt)
        self.do("\x01\x0b" + name.replace(" ", "\x16 ") + "\n", pattern)

    def browse(self):
        """The list of mailboxes; neomutt shows another list first."""
        self.do("c", "Open mailbox")
        if self.kind == "neomutt":
            self.do("?", "Mailboxes .0.")
            self.do("\t", "IMAP +Drafts")
        else:
            self.do("?", "IMAP +Drafts")


def work_in_folders(mutt, witness):
    mutt.browse()
    mutt.fill_in("C", "Create mailbox:", FOLDER, "IMAP +" + FOLDER)
    assert FOLDER in witness.names()
    mutt.terminal.send("/Gr\n")
    mutt.fill_in("R", f"Rename mailbox {FOLDER} to:", RENAMED,
                 "IMAP +" + RENAMED)
    assert RENAMED in witness.names() and FOLDER not in witness.names()
    mutt.do("q", "Msgs:5")


def work_on_messages(mutt, witness):
    mutt.terminal.send("2\n")
    mutt.do("F", "Flag:1")
    if mutt.kind == "neomutt":
        mutt.do("K", "Tags:")
        mutt.terminal.send("$Work\n")
    mutt.terminal.send("4\n")
    mutt.do("\n", "Grüße 4, line")
    mutt.do("i", "Msgs:5")
    mutt.terminal.send("2\n")
    mutt.fill_in("C", "Copy to mailbox", "=" + RENAMED, "Msgs:5")
    mutt.terminal.send("4\n")
    mutt.fill_in("s", "Save to mailbox", "=" + RENAMED, "Del:1")
    mutt.terminal.send("5\n")
    mutt.do("d", "Del:2")
    mutt.do("$", "Msgs:3")
    assert set(witness.messages("INBOX")) == {1, 2, 3}
    assert "\\Flagged" in witness.messages("INBOX")[2]
    there = witness.messages(RENAMED)
    assert len(there) == 2
    if mutt.kind == "neomutt":
        assert "$Work" in witness.messages("INBOX")[2]


def append(mutt, witness):
    """Copy a message that lies here."""
    here = mutt.account.folder / "here"
    here.write_bytes(b"From - Mon Feb  2 10:00:00 2026\n"
                     + message(5).replace(b"\r\n", b"\n") + b"\n")
    mutt.start("-f", here)
    mutt.terminal.expect("Msgs:1")
    mutt.fill_in("C", "Copy to mailbox", "=INBOX", "Msgs:1")
    mutt.terminal.end("q")
    assert set(witness.messages("INBOX")) == {1, 2, 3, 4, 5}
    found, = witness.session.ok("FETCH 5 BODY.PEEK[TEXT]")
    assert message(5).partition(b"\r\n\r\n")[2].rstrip() in found.raw


def change(account, witness, flagged, unflagged, number):
    """What another client does meanwhile."""
    session = witness.session
    session.ok('SELECT "INBOX"')
    session.ok(f"UID STORE {unflagged} -FLAGS (\\Flagged)")
    session.ok(f"UID STORE {flagged} +FLAGS (\\Flagged)")
    session.ok("STORE 1 +FLAGS (\\Deleted)")
    session.ok("EXPUNGE")
    account.server.deliver(account.user, message(number))


def come_back(mutt, witness, account):
    """After it was killed, and after it had time to note what it knows."""
    mutt.terminal.kill()
    change(account, witness, 3, 2, 8)
    mutt.start()
    mutt.terminal.expect("Msgs:4 .* Flag:1 Del:0")
    mutt.terminal.expect(r"1 +N? +number 2\.;")
    mutt.terminal.expect(r"2 +N? +! +number 3\.;")
    mutt.terminal.expect(r"4 +N +number 8\.;")
    mutt.terminal.end("q")
    change(account, witness, 6, 3, 9)
    mutt.start()
    mutt.terminal.expect("Msgs:4 .* Flag:1 Del:0")
    mutt.terminal.expect(r"1 +N? +number 3\.;")
    mutt.terminal.expect(r"2 +N? +! +number 7\.;")
    mutt.terminal.expect(r"4 +N +number 9\.;")
    assert re.search(r"\(CHANGEDSINCE \d+ VANISHED\)", mutt.wire())


@pytest.mark.parametrize("kind", ["mutt", "neomutt"])
def test_mutt(kind, account, witness):
    mutt = Mutt(kind, account)
    for number in range(1, 5):
        witness.session.append("INBOX", message(number))
    append(mutt, witness)
    mutt.start()
    mutt.terminal.expect("Msgs:5 ")
    work_in_folders(mutt, witness)
    work_on_messages(mutt, witness)
    account.server.deliver(account.user, message(7))
    mutt.terminal.expect("Msgs:4")
    assert " IDLE\n" in mutt.wire()
    come_back(mutt, witness, account)
    mutt.browse()
    mutt.terminal.send("/Jü\n")
    mutt.do("D", "eally delete mailbox")
    mutt.terminal.send("y")
    mutt.do("q", "Msgs:4")
    assert RENAMED not in witness.names()
    mutt.terminal.end("q")
