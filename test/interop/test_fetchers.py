# SPDX-License-Identifier: MIT
"""fetchmail and getmail6, which bring mail out of mailboxes: from INBOX and from
one whose name is not ASCII, kept and marked or deleted, and while they
idle."""

from standing import Standing
from witness import message

FOLDER = "Grün & Blau 日本 😀"
ON_THE_WIRE = "Gr&APw-n &- Blau &ZeVnLA- &2D3eAA-"

FETCHMAIL = """
poll {host} protocol IMAP service {port} timeout 60
    user "{user}" password "{password}"
    {tls} sslcertck sslcertfile "{certificate}"
    folder {folders}
    {more}
    mda "cat >> {folder}/mail"
"""
GETMAIL = """
[retriever]
type = {kind}
server = {host}
port = {port}
username = {user}
password = {password}
mailboxes = {folders}
{trust}

[destination]
type = MDA_external
path = /usr/bin/tee
arguments = ("-a", "{folder}/mail")
allow_root_commands = true

[options]
read_all = false
delete = {delete}
received = false
delivered_to = false
"""


def subjects(account):
    path = account.folder / "mail"
    if not path.exists():
        return []
    return sorted(int(line.split()[2].rstrip(b"."))
                  for line in path.read_bytes().splitlines()
                  if line.startswith(b"Subject: number"))


def fill(account, witness):
    witness.session.ok(f'CREATE "{FOLDER}"')
    for number in range(1, 4):
        account.server.deliver(account.user, message(number))
    witness.session.append(FOLDER, message(4))


def fetchmail(account, folders, *more):
    config = account.folder / "fetchmailrc"
    config.write_text(FETCHMAIL.format(
        host=account.host, port=account.port, user=account.user,
        password=account.password, certificate=account.certificate,
        folder=account.folder, folders=folders, more="\n".join(more),
        tls="ssl" if account.implicit else 'sslproto "auto"'))
    config.chmod(0o600)
    return ["fetchmail", "--nosyslog", "-v", "-v", "-f", config, "--pidfile",
            account.folder / "pid", "--idfile", account.folder / "ids"]


def test_fetchmail(account, witness):
    fill(account, witness)
    account.run(*fetchmail(account, f'INBOX "{ON_THE_WIRE}"', "keep"))
    assert subjects(account) == [1, 2, 3, 4]
    seen = witness.messages("INBOX")
    assert all(flags == {"\\Seen"} for flags in seen.values()), seen
    account.server.deliver(account.user, message(5))
    account.run(*fetchmail(account, "INBOX", "nokeep"))
    assert subjects(account) == [1, 2, 3, 4, 5]
    assert set(witness.messages("INBOX")) == {1, 2, 3}
    assert set(witness.messages(FOLDER)) == {1}


def test_fetchmail_idle(account, witness):
    account.server.deliver(account.user, message(1))
    words = fetchmail(account, "INBOX", "idle", "nokeep")
    with Standing([*words, "--nodetach"]) as standing:
        for number in range(2, 4):
            standing.expect(" IDLE\n")
            account.server.deliver(account.user, message(number))
        standing.until(lambda: subjects(account) == [1, 2, 3])


def getmail(account, folders, delete):
    """It has no STARTTLS: on that port it goes without TLS, as loopback
    may."""
    config = account.folder / "getmailrc"
    kind, trust = "SimpleIMAPRetriever", ""
    if account.implicit:
        kind = "SimpleIMAPSSLRetriever"
        trust = f"ca_certs = {account.certificate}"
    config.write_text(GETMAIL.format(
        host=account.host, port=account.port, user=account.user,
        password=account.password, folder=account.folder, kind=kind,
        trust=trust, folders=folders, delete=delete))
    return ["getmail", "--getmaildir", account.folder, "--rcfile", config]


def test_getmail(account, witness):
    fill(account, witness)
    both = f'("INBOX", "{FOLDER}")'
    account.run(*getmail(account, both, "false"))
    assert subjects(account) == [1, 2, 3, 4]
    account.server.deliver(account.user, message(5))
    account.run(*getmail(account, both, "false"))
    assert subjects(account) == [1, 2, 3, 4, 5]
    account.run(*getmail(account, both, "true"))
    assert witness.messages("INBOX") == witness.messages(FOLDER) == {}


def test_getmail_idle(account):
    account.server.deliver(account.user, message(1))
    words = getmail(account, '("INBOX",)', "true")
    with Standing([*words, "--trace", "--idle", "INBOX"]) as standing:
        for number in range(2, 4):
            standing.expect("Entering IDLE mode")
            account.server.deliver(account.user, message(number))
        standing.until(lambda: subjects(account) == [1, 2, 3])
