# SPDX-License-Identifier: MIT
"""mbsync: 2,000 messages each way, then changes on both sides, in step."""

import pathlib

CONFIG = """
IMAPAccount server
Host {host}
Port {port}
User {user}
Pass "{password}"
{tls}
CertificateFile {certificate}
Timeout 120

IMAPStore remote
Account server

MaildirStore local
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :remote:
Near :local:
Patterns *
Create Both
Remove Both
Expunge Both
Sync All
SyncState *
"""

COUNT = 2000


def message(number, side):
    return (f"From: {side}@example.org\r\nSubject: {side} {number}\r\n"
            f"Message-ID: <{number}@{side}.example.org>\r\n\r\n"
            f"body {number}\r\n").encode()


def write_config(account):
    tls = "SSLType IMAPS" if account.implicit else "SSLType STARTTLS"
    path = account.folder / "mbsyncrc"
    path.write_text(CONFIG.format(
        host=account.host, port=account.port, user=account.user,
        password=account.password, certificate=account.certificate,
        folder=account.folder, tls=tls))
    (account.folder / "mail").mkdir()
    return path


def local_files(account, mailbox):
    folder = account.folder / "mail" / mailbox
    return [path for part in ("cur", "new")
            for path in (folder / part).iterdir()]


def local_texts(account, mailbox):
    """Message texts with the line ends of the wire, without what mbsync
    adds."""
    texts = set()
    for path in local_files(account, mailbox):
        lines = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
        lines = [line for line in lines if not line.startswith(b"X-TUID: ")]
        texts.add(b"\r\n".join(lines))
    return texts


def remote_texts(session, mailbox):
    session.ok(f'EXAMINE "{mailbox}"')
    texts = set()
    for response in session.ok("FETCH 1:* (BODY.PEEK[])"):
        if response.name == "FETCH":
            raw = response.raw
            start = raw.index(b"}\r\n") + 3
            size = int(raw[raw.rindex(b"{", 0, start) + 1:start - 3])
            lines = raw[start:start + size].split(b"\r\n")
            texts.add(b"\r\n".join(line for line in lines
                                   if not line.startswith(b"X-TUID: ")))
    return texts


def upload(session, side):
    """All in a few commands (RFC 3502)."""
    for first in range(0, COUNT, 500):
        line = b"a APPEND INBOX"
        for number in range(first, first + 500):
            text = message(number, side)
            line += b" (\\Seen) {%d+}\r\n" % len(text) + text
        session.send(line + b"\r\n")
        session.read_until("a")


def make_local(account, side):
    folder = pathlib.Path(account.folder) / "mail" / "INBOX"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for number in range(COUNT):
        (folder / "cur" / f"{number}.local:2,").write_bytes(
            message(number, side).replace(b"\r\n", b"\n"))


def test_mbsync(account):
    config = write_config(account)
    session = account.server.login(account.user)
    upload(session, "far")
    make_local(account, "near")
    account.run("mbsync", "-c", config, "-a")
    want = {message(number, side) for number in range(COUNT)
            for side in ("far", "near")}
    assert remote_texts(session, "INBOX") == want
    assert local_texts(account, "INBOX") == want

    # Change both sides: flags and an expunge there, a new folder with one
    # message and a removal here.
    session.ok("SELECT INBOX")
    session.ok("UID STORE 1:10 +FLAGS (\\Flagged)")
    session.ok("UID STORE 11:20 +FLAGS.SILENT (\\Deleted)")
    session.ok("EXPUNGE")
    session.ok("CREATE Sorted")
    session.ok("UID COPY 1 Sorted")
    gone = next(path for path in local_files(account, "INBOX")
                if b"near 77\n" in path.read_bytes())
    gone.rename(gone.with_name(gone.name.split(":")[0] + ":2,ST"))
    account.run("mbsync", "-c", config, "-a")
    want -= {message(number, "far") for number in range(10, 20)}
    want -= {message(77, "near")}
    assert remote_texts(session, "INBOX") == want
    assert local_texts(account, "INBOX") == want
    assert len(local_files(account, "Sorted")) == 1
    flagged = [path for path in local_files(account, "INBOX")
               if "F" in path.name.split(":2,")[1]]
    assert len(flagged) == 10
    session.close()
