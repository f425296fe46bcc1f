# SPDX-License-Identifier: MIT
"""offlineimap3: changes on both sides, in step, with a folder whose name is not
ASCII, a keyword, and mail that arrives while it idles."""

from standing import Standing
from witness import message

CONFIG = """
[general]
accounts = one
metadata = {folder}/state

[Account one]
localrepository = here
remoterepository = there
utf8foldernames = yes
maxsyncaccounts = 1
autorefresh = 5
quick = 0

[Repository here]
type = Maildir
localfolders = {folder}/mail
sync_deletes = yes
filename_use_mail_timestamp = no
customflag_a = $Work

[Repository there]
type = IMAP
remotehost = {host}
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = {ssl}
starttls = {starttls}
sslcacertfile = {certificate}
usecompression = yes
expunge = yes
{more}
"""
# At the top: a parent that CREATE makes on the way is one folder more than
# offlineimap had counted, and it gives up.
FOLDER = "Grün & Blau 日本 😀"


class OfflineImap:
    def __init__(self, account, more=""):
        self.account = account
        self.config = account.folder / "offlineimaprc"
        self.config.write_text(CONFIG.format(
            folder=account.folder, host=account.host, port=account.port,
            user=account.user, password=account.password,
            ssl="yes" if account.implicit else "no",
            # imaplib2 reads in one thread what STARTTLS takes over in
            # another, and crashes of that now and then.
            starttls="no",
            certificate=account.certificate, more=more))
        self.settings = {"HOME": str(account.folder), "LC_ALL": "C.UTF-8",
                         "PATH": "/usr/bin:/bin"}

    def sync(self):
        self.account.run("/usr/bin/offlineimap", "-c", self.config, "-o",
                         "-u", "basic", env=self.settings)

    def stay(self):
        """Sync, and stay and idle."""
        return Standing(["/usr/bin/offlineimap", "-c", self.config, "-u",
                         "basic", "-d", "imap"], self.settings)

    def files(self, name):
        folder = self.account.folder / "mail" / name
        return [path for part in ("cur", "new")
                for path in (folder / part).iterdir()]

    def texts(self, name):
        """With the line ends of the wire."""
        return {path.read_bytes().replace(b"\n", b"\r\n")
                for path in self.files(name)}

    def find(self, name, number):
        want = f"Subject: number {number}.\n".encode()
        return next(path for path in self.files(name)
                    if want in path.read_bytes())

    def mark(self, path, flags):
        path.rename(path.parent.parent / "cur"
                    / (path.name.split(":")[0] + ":2," + flags))


def make_here(account, name, *numbers):
    folder = account.folder / "mail" / name
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number in numbers:
        (folder / "new" / f"{number}.here").write_bytes(
            message(number).replace(b"\r\n", b"\n"))


def test_offlineimap(account, witness):
    client = OfflineImap(account)
    session = witness.session
    session.ok('CREATE "Entwürfe für später"')
    for number in range(1, 6):
        session.append("INBOX", message(number))
    make_here(account, FOLDER, 6, 7)
    client.sync()
    assert client.texts("INBOX") == {message(n) for n in range(1, 6)}
    assert client.files("Entwürfe für später") == []
    assert len(witness.messages(FOLDER)) == 2

    # Changes on both sides.
    session.ok("SELECT INBOX")
    session.ok("UID STORE 1 +FLAGS (\\Flagged $Work)")
    session.ok("UID STORE 2 +FLAGS (\\Deleted)")
    session.ok("EXPUNGE")
    session.ok(f'UID COPY 3 "{FOLDER}"')
    client.mark(client.find("INBOX", 3), "RS")
    client.mark(client.find("INBOX", 4), "S")
    client.find("INBOX", 5).unlink()
    client.sync()
    seen = witness.messages("INBOX")
    assert set(seen) == {1, 3, 4}
    assert seen[1] == {"\\Flagged", "$Work"}
    assert seen[3] == {"\\Answered", "\\Seen"}
    assert seen[4] == {"\\Seen"}
    assert len(client.files("INBOX")) == 3
    assert client.find("INBOX", 1).name.endswith(":2,Fa")
    assert len(client.files(FOLDER)) == 3


def test_offlineimap_idle(account):
    client = OfflineImap(account, "idlefolders = ['INBOX']\nmaxconnections = 2")
    account.server.deliver(account.user, message(1))
    with client.stay() as standing:
        standing.expect("server IDLE started")
        assert client.texts("INBOX").pop().endswith(message(1))
        account.server.deliver(account.user, message(2))
        standing.until(lambda: len(client.files("INBOX")) == 2)
