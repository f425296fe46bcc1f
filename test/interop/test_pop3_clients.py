# SPDX-License-Identifier: MIT
"""Clients that fetch mail by POP3: poplib, curl, fetchmail, getmail and mpop, by
STLS and by TLS, with the certificate verified.  Each fetches all and leaves it,
finds only what is new the next time, and deletes."""

import poplib
import ssl
import subprocess

import pytest

from client_account import CLIENT_S, Account

MESSAGES = [
    b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: y@example.org\r\n"
    b"Subject: number %d\r\nMessage-ID: <%d@example.org>\r\n"
    b"Date: Mon, 2 Feb 2026 10:00:%02d +0100\r\n\r\n"
    b".begins with a dot\r\n.\r\n..\r\nbody %d\r\n.\r\n" % (n, n, n, n)
    for n in range(8)]
BIG = (b"From: big@example.org\r\nTo: y@example.org\r\nSubject: big\r\n"
       b"Message-ID: <big@example.org>\r\n"
       b"Date: Mon, 2 Feb 2026 11:00:00 +0100\r\n\r\n"
       + b"." * 70 + b"\r\n" + b".0123456789abcdef\r\n" * 100000)
NEW = MESSAGES[0].replace(b"number 0", b"new").replace(b"<0@", b"<new@")


@pytest.fixture(params=["pop3", "pop3s"])
def account(request, server, tmp_path):
    made = Account(server, server.add_user(usual=True), request.param, tmp_path)
    fill(made, *MESSAGES, BIG)
    return made


def fill(account, *messages):
    """Put messages into INBOX as they are."""
    client = account.server.login(account.user)
    for message in messages:
        client.append("INBOX", message)
    client.close()


def inbox(account):
    """How many messages are in INBOX, and how many of them \\Seen."""
    client = account.server.login(account.user)
    client.ok("EXAMINE INBOX")
    found = client.ok("UID FETCH 1:* (FLAGS)")
    client.close()
    return len(found), sum("\\Seen" in r.data["FLAGS"] for r in found)


def as_file(message):
    """As a client keeps it: with the line ends of files."""
    return message.replace(b"\r\n", b"\n")


def files(folder):
    return sorted(path.read_bytes() for path in folder.iterdir())


def kept(*messages):
    return sorted(as_file(message) for message in messages)


# -- poplib -------------------------------------------------------------------

def open_poplib(account):
    context = ssl.create_default_context(cafile=str(account.certificate))
    if account.listener == "pop3s":
        client = poplib.POP3_SSL(account.host, account.port, context=context)
    else:
        client = poplib.POP3(account.host, account.port)
        assert "STLS" in client.capa()
        client.stls(context)
    assert "USER" in client.capa() and "STLS" not in client.capa()
    client.user(account.user)
    client.pass_(account.password)
    return client


def retrieve(client, number):
    return b"".join(line + b"\r\n" for line in client.retr(number)[1])


def test_poplib(account):
    client = open_poplib(account)
    count, size = client.stat()
    assert count == 9 and size == sum(map(len, (*MESSAGES, BIG)))
    sizes = [int(line.split()[1]) for line in client.list()[1]]
    uids = [line.split()[1] for line in client.uidl()[1]]
    assert len(set(uids)) == 9
    for number, message in enumerate((*MESSAGES, BIG), 1):
        assert retrieve(client, number) == message
        assert sizes[number - 1] == len(message)
    assert b"\r\n".join(client.top(1, 2)[1]).endswith(
        b"\r\n\r\n.begins with a dot\r\n.")
    client.dele(1)
    with pytest.raises(poplib.error_proto):
        client.retr(1)
    client.rset()
    client.dele(9)
    client.noop()
    client.quit()
    assert inbox(account) == (8, 8)
    fill(account, NEW)
    client = open_poplib(account)
    now = [line.split()[1] for line in client.uidl()[1]]
    assert now[:8] == uids[:8] and now[8] not in uids
    assert retrieve(client, 9) == NEW
    client.quit()


# -- curl -----------------------------------------------------------------------

def curl(account, path, *words):
    return account.run(
        "curl", "--silent", "--show-error", "--ssl-reqd", "--cacert",
        account.certificate, "--user", f"{account.user}:{account.password}",
        f"{account.listener}://{account.host}:{account.port}/{path}", *words)


def test_curl(account):
    listed = curl(account, "").split(b"\r\n")
    assert listed[0] == b"1 %d" % len(MESSAGES[0]) and len(listed) == 10
    assert curl(account, "9") == BIG
    assert curl(account, "3") == MESSAGES[2]
    assert curl(account, "", "--request", "UIDL").count(b"\r\n") == 9
    assert curl(account, "", "--request", "TOP 1 0") \
        == MESSAGES[0].split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
    curl(account, "1", "--request", "DELE", "--head")
    assert inbox(account)[0] == 8


def test_curl_sasl(account):
    """Every mechanism that we announce and Debian's curl knows."""
    for mechanism in ("PLAIN", "LOGIN"):
        assert curl(account, "1", "--login-options", f"AUTH={mechanism}") \
            == MESSAGES[0]


# -- fetchmail ------------------------------------------------------------------

def fetchmail(account, *words, code=0):
    """Run it once; it ends with 1 when there is nothing new."""
    folder = account.folder / "fetched"
    folder.mkdir(exist_ok=True)
    settings = account.folder / "fetchmailrc"
    tls = "ssl" if account.listener == "pop3s" else ""
    settings.write_text(
        f"poll {account.host} protocol pop3 service {account.port} uidl\n"
        f" user \"{account.user}\" password \"{account.password}\"\n"
        f" {tls} sslproto tls1.2+ sslcertck\n"
        f" sslcertfile \"{account.certificate}\"\n"
        f" mda \"cat > $(mktemp {folder}/XXXXXX)\"\n")
    settings.chmod(0o600)
    done = subprocess.run(
        ["fetchmail", "--nosyslog", "--invisible", "--fetchmailrc", settings,
         "--idfile", account.folder / "ids",
         "--pidfile", account.folder / "pid", *words],
        capture_output=True, timeout=CLIENT_S, check=False)
    assert done.returncode == code, done
    return files(folder)


def test_fetchmail(account):
    assert fetchmail(account, "--keep") == kept(*MESSAGES, BIG)
    # What it leaves it fetches by TOP, since RETR may mark it as seen.
    assert inbox(account) == (9, 0)
    fetchmail(account, "--keep", code=1)
    fill(account, NEW)
    assert fetchmail(account, "--keep") == kept(*MESSAGES, BIG, NEW)
    fetchmail(account, "--nokeep", "--all")
    assert inbox(account) == (0, 0)
    fetchmail(account, "--nokeep", code=1)


# -- getmail ----------------------------------------------------------------------

def getmail(account, delete):
    """Run it once.  It speaks POP3 over TLS, or in the clear; it puts a
    Return-Path first."""
    folder = account.folder / "got"
    folder.mkdir(exist_ok=True)
    kind = "POP3SSL" if account.listener == "pop3s" else "POP3"
    verify = f"ca_certs = {account.certificate}\n" \
        if account.listener == "pop3s" else ""
    (account.folder / "getmailrc").write_text(
        f"[retriever]\ntype = Simple{kind}Retriever\n"
        f"server = {account.host}\nport = {account.port}\n"
        f"username = {account.user}\npassword = {account.password}\n{verify}"
        "[destination]\ntype = MDA_external\npath = /bin/sh\n"
        f"arguments = (\"-c\", \"tail -n +2 > $(mktemp {folder}/XXXXXX)\")\n"
        "allow_root_commands = true\n"
        f"[options]\nread_all = false\ndelete = {delete}\n"
        "received = false\ndelivered_to = false\n")
    account.run("getmail", "--getmaildir", account.folder,
                "--rcfile", "getmailrc")
    return files(folder)


def test_getmail(account):
    assert getmail(account, False) == kept(*MESSAGES, BIG)
    assert inbox(account) == (9, 9)
    fill(account, NEW)
    assert getmail(account, False) == kept(*MESSAGES, BIG, NEW)
    assert inbox(account) == (10, 10)
    getmail(account, True)
    assert inbox(account) == (0, 0)


# -- mpop -------------------------------------------------------------------------

def mpop(account, auth, keep):
    """Run it once; it pipelines when it is told that it may."""
    maildir = account.folder / "mpop"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    settings = account.folder / "mpoprc"
    starttls = "off" if account.listener == "pop3s" else "on"
    settings.write_text(
        f"account test\nhost {account.host}\nport {account.port}\n"
        f"user {account.user}\npassword {account.password}\nauth {auth}\n"
        f"tls on\ntls_starttls {starttls}\n"
        f"tls_trust_file {account.certificate}\n"
        f"delivery maildir {maildir}\nuidls_file {account.folder}/uids\n"
        f"keep {keep}\nreceived_header off\npipelining auto\n")
    settings.chmod(0o600)
    account.run("mpop", "--file", settings, "--quiet", "test")
    return files(maildir / "new")


def test_mpop(account):
    assert mpop(account, "on", "on") == kept(*MESSAGES, BIG)
    fill(account, NEW)
    for auth in ("user", "plain", "scram-sha-1", "scram-sha-256"):
        assert mpop(account, auth, "on") == kept(*MESSAGES, BIG, NEW)
    assert inbox(account) == (10, 10)
    mpop(account, "on", "off")
    assert inbox(account) == (0, 0)
