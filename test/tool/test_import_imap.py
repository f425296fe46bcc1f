# SPDX-License-Identifier: MIT
"""An account at another IMAP server comes in as it was there, once, whatever
that server does: Avocet itself, Dovecot, and one that means no good."""

import os
import re
import socket
import subprocess
import sys
import threading

import pytest

from lib.account import connect, everything, good
from lib.certificates import Authority
from lib.dovecot import Dovecot, MASTER_PASSWORD
from lib.dovecot import PASSWORD as DOVECOT_PASSWORD
from lib.server import PASSWORD, Server, program

OK, REFUSED, USAGE, UNREACHABLE, DAMAGED = range(5)
DATE = '"05-Feb-2020 10:00:00 +0200"'
MOMENT = 1580889600


@pytest.fixture(params=["running", "stopped"])
def server(request):
    server = Server()
    server.user = server.add_user("alice")
    if request.param == "running":
        server.start()
    yield server
    if server.process is not None:
        server.stop()
    server.remove()


@pytest.fixture(scope="module")
def running():
    server = Server().start()
    yield server
    assert server.tool("check").returncode == OK
    server.stop()
    server.remove()


@pytest.fixture
def home(running):
    """A running server with a fresh account."""
    running.user = running.add_user()
    yield running
    assert running.problem() == ""


# Runs a program, then says its largest resident memory in KB.
MEASURE = (sys.executable, "-c", """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], check=False).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
""")


def bring(server, source, *words, code=OK, password=PASSWORD, trust=None,
          user=None, through=()):
    done = subprocess.run(
        [*through, program(), "import", "imap", user or server.user, source,
         *words, "-c", str(server.config)], input=password + "\n",
        capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"SSL_CERT_DIR": "/nonexistent",
                          "SSL_CERT_FILE": str(trust or "/nonexistent")})
    assert "Sanitizer" not in done.stderr, done.stderr
    assert done.returncode == code, (done.stdout, done.stderr)
    assert password not in done.stdout + done.stderr
    return done.stdout + done.stderr


def account(server):
    stopped = server.process is None
    if stopped:
        server.start()
    try:
        return everything(server, server.user)
    finally:
        if stopped:
            server.stop()
            server.process = None


def make_other():
    """An Avocet with an account that has been used."""
    there = Server()
    there.add_user("bob")
    there.start()
    client = connect(there, "bob")
    for number in range(60):
        client.append("INBOX", r"(\Seen \Flagged $Forwarded kw)"
                      if number % 3 else None, DATE,
                      b"Subject: %d\r\n\r\nbody\nof\r%d\r\n" % (number, number))
    for name in ("Lists/C&AOk-", '"a \\"b\\" c"', "Empty/deep"):
        good(client.create(name))
    good(client.append("Lists/C&AOk-", r"(\Draft \Answered \Deleted)", DATE,
                       b"x" * 3000000))
    good(client.append('"a \\"b\\" c"', None, DATE, b"{3}\r\n) NIL\r\n"))
    good(client.append("Sent", None, DATE, b"sent\r\n"))
    good(client.subscribe("Lists/C&AOk-"))
    good(client.subscribe("Not/there"))
    good(client.unsubscribe("Archive"))
    good(client.select("INBOX"))
    for uids in ("2:5", "30", "59:60"):
        good(client.uid("STORE", uids, "+FLAGS", r"(\Deleted)"))
    good(client.expunge())
    client.logout()
    return there


@pytest.fixture(scope="module")
def other():
    """Stays as it is, for it serves several tests."""
    there = make_other()
    yield there
    there.stop()
    there.remove()


@pytest.fixture
def changing():
    there = make_other()
    yield there
    there.stop()
    there.remove()


def where(there, listener="imap", user="bob"):
    scheme = "imaps://" if listener == "imaps" else "imap://"
    return f"{scheme}{user}@localhost:{there.addresses[listener][1]}"


def certificate(there):
    return there.folder / "data" / "tls" / "cert.pem"


def fingerprint(path):
    done = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True)
    return done.stdout.strip().split("=")[1]


def test_exact(server, other):
    """All is as it was, UIDNEXT too; and the second time nothing comes."""
    out = bring(server, where(other), trust=certificate(other))
    assert "INBOX: 0 were here, new (count, octets, hash): 53 " in out
    assert out.count("stored: the same, UIDs kept") == 11
    assert account(server) == everything(other, "bob")
    out = bring(server, where(other), trust=certificate(other))
    assert "INBOX: 53 were here, new (count, octets, hash): 0 " in out
    assert account(server) == everything(other, "bob")
    assert server.tool("check").returncode == OK


def test_again(home, changing):
    """New mail comes in under its UID; what was deleted here stays so."""
    bring(home, where(changing), trust=certificate(changing))
    client = connect(changing, "bob")
    good(client.append("INBOX", None, DATE, b"new\r\n"))
    client.logout()
    client = connect(home, home.user)
    good(client.select("INBOX"))
    good(client.uid("STORE", "1", "+FLAGS", r"(\Deleted)"))
    good(client.expunge())
    client.logout()
    out = bring(home, where(changing), trust=certificate(changing))
    assert "INBOX: 53 were here, new (count, octets, hash): 1 5 " in out
    here = everything(home, home.user)[0]["INBOX"]
    there = everything(changing, "bob")[0]["INBOX"]
    assert here == (there[0], there[1], there[2][1:])


def test_own_messages(home, other):
    """Mail that was delivered here keeps its place: UIDs that are taken bring
    nothing in, unless fresh ones are asked for."""
    # Accounts made in one second may have a UIDVALIDITY in common.
    taken = {box[0] for box in everything(other, "bob")[0].values()}
    while everything(home, home.user)[0]["Sent"][0] in taken:
        home.user = home.add_user()
    client = connect(home, home.user)
    good(client.append("Sent", None, DATE, b"own\r\n"))
    client.logout()
    out = bring(home, where(other), trust=certificate(other))
    assert re.search(r"Sent: 0 were here.* 1 6 .*the same$", out, re.M)
    messages = everything(home, home.user)[0]["Sent"][2]
    assert [m[3] for m in messages] == [b"own\r\n", b"sent\r\n"]


def test_into(home, other):
    bring(home, where(other), "--into", "Old", trust=certificate(other))
    found, subscribed = account(home)
    there = everything(other, "bob")[0]
    assert found["Old"] == there["INBOX"]
    assert found["Old/Lists/C&AOk-"] == there["Lists/C&AOk-"]
    assert found["INBOX"][2] == []
    assert "Old/Not/there" in subscribed and "Archive" in subscribed


# -- the connection -----------------------------------------------------------


@pytest.mark.parametrize("listener", ["imap", "imaps"])
def test_certificate(home, other, listener):
    """It is verified, for the name, before the password is sent."""
    source = where(other, listener)
    out = bring(home, source, code=REFUSED)
    assert "self-signed" in out and "--fingerprint" in out
    print_ = re.search(r"fingerprint is ([0-9A-F:]{95})", out)[1]
    assert print_ == fingerprint(certificate(other))
    out = bring(home, source, "--fingerprint", "00" * 32, code=REFUSED)
    assert "another one" in out
    assert print_ in out
    out = bring(home, source.replace("localhost", "127.0.0.2"),
                code=REFUSED, trust=certificate(other))
    assert "127.0.0.2" in out
    assert account(home)[0]["INBOX"][2] == []
    for text in (print_, print_.replace(":", "").lower()):
        bring(home, source, "--fingerprint", text)
    bring(home, source.replace("localhost", "127.0.0.1"),
          trust=certificate(other))
    assert account(home) == everything(other, "bob")


def test_names(home, tmp_path):
    """A certificate for another name is none."""
    authority = Authority(tmp_path)
    pem = authority.sign("server", "/CN=localhost",
                         "subjectAltName=DNS:else.example")
    there = Dovecot(pem)
    try:
        out = bring(home, f"bob@localhost:{there.imaps}",
                    password=DOVECOT_PASSWORD, code=REFUSED,
                    trust=authority.file)
        assert "hostname mismatch" in out, out
    finally:
        there.stop()


def test_plain(home, other):
    """Only when that is asked for."""
    out = bring(home, where(other), "--plain")
    assert "INBOX: 0 were here" in out
    bring(home, where(other, "imaps"), "--plain", code=USAGE)
    bring(home, "bob@localhost", "--plain", code=USAGE)


@pytest.mark.parametrize("words", [
    [""], ["@"], ["bob@"], ["@host"], ["http://host"], ["host:"],
    ["[::1"], ["[::1]x"],
    ["localhost", "--fingerprint", "12"],
    ["imap://localhost", "--plain", "--fingerprint", "00" * 32]])
def test_usage(home, words):
    if words == ["http://host"]:
        bring(home, *words, code=REFUSED)
    else:
        bring(home, *words, code=USAGE)


def test_refused(home, other):
    out = bring(home, where(other), password="wrong", code=REFUSED,
                trust=certificate(other))
    assert "localhost: logging in: " in out
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        out = bring(home, f"localhost:{port}", code=REFUSED)
        assert "cannot connect" in out
    out = bring(home, "no.such.host.invalid", code=REFUSED)
    assert "no.such.host.invalid: " in out
    out = bring(home, where(other), trust=certificate(other), user="nobody",
                code=REFUSED)
    assert "there is no user nobody" in out


# -- Dovecot ------------------------------------------------------------------


@pytest.fixture(scope="module", params=[(".", "INBOX."), ("/", ""),
                                        ("^", "Mail^")])
def dovecot(request, tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    there = Dovecot(authority.sign("server", "/CN=localhost",
                                   "subjectAltName=DNS:localhost"),
                    *request.param)
    there.authority = authority.file
    there.separator, there.prefix = request.param
    client = there.login("bob")

    def name(*levels):
        return '"' + there.prefix + there.separator.join(levels) + '"'

    for number in range(1, 131):
        good(client.append("INBOX", r"(\Seen kw)" if number % 2 else None,
                           DATE, b"a: %d\r\n\r\nb\r\n" % number))
    good(client.create(name("Lists", "C&AOk-")))
    good(client.append(name("Lists", "C&AOk-"), r"(\Answered $Junk)", DATE,
                       b"x" * 1000000))
    good(client.append(name("Sent Things"), None, DATE, b"sent"))
    good(client.subscribe(name("Lists", "C&AOk-")))
    good(client.select("INBOX"))
    good(client.uid("STORE", "10:19,130", "+FLAGS", r"(\Deleted)"))
    good(client.expunge())
    client.logout()
    yield there
    there.stop()


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_dovecot(home, dovecot, scheme):
    source = f"{scheme}://bob@localhost:{getattr(dovecot, scheme)}"
    out = bring(home, source, password=DOVECOT_PASSWORD,
                trust=dovecot.authority)
    assert "INBOX: 0 were here, new (count, octets, hash): 119 " in out
    client = dovecot.login("bob")
    status = good(client.status("INBOX", "(UIDVALIDITY UIDNEXT)"))[0]
    client.logout()
    found, subscribed = account(home)
    validity, uidnext, messages = found["INBOX"]
    assert b"UIDVALIDITY %d" % validity in status
    assert b"UIDNEXT %d" % uidnext in status and uidnext == 131
    assert messages == [
        (uid, frozenset([r"\Seen", "kw"] if uid % 2 else []), MOMENT,
         b"a: %d\r\n\r\nb\r\n" % uid)
        for uid in range(1, 130) if not 10 <= uid <= 19]
    assert found["Lists/C&AOk-"][2] == [
        (1, frozenset([r"\Answered", "$Junk"]), MOMENT, b"x" * 1000000)]
    # What it says is for sent mail is, and ours that nobody used gives way.
    assert "Sent" not in found
    assert [m[3] for m in found["Sent Things"][2]] == [b"sent"]
    assert set(subscribed) >= {"Lists/C&AOk-", "Sent Things"}
    assert "Lists" not in subscribed
    out = bring(home, source, password=DOVECOT_PASSWORD,
                trust=dovecot.authority)
    assert "INBOX: 119 were here, new (count, octets, hash): 0 " in out
    assert account(home) == (found, subscribed)


def test_dovecot_many(home, tmp_path):
    """It answers as fast as the network takes it, and would mix what two
    commands have asked for."""
    count = 2500
    authority = Authority(tmp_path)
    there = Dovecot(authority.sign("server", "/CN=localhost",
                                   "subjectAltName=DNS:localhost"))
    try:
        there.deliver("bob", [b"a: %d\r\n\r\n" % number + b"x" * 4000
                              for number in range(count)])
        out = bring(home, f"bob@localhost:{there.imaps}",
                    password=DOVECOT_PASSWORD, trust=authority.file)
        assert re.search(r"INBOX: 0 were here.*: 2500 .*stored: the same, "
                         "UIDs kept", out)
        client = connect(home, home.user)
        good(client.select("INBOX"))
        data = good(client.uid("FETCH", "1:*", "BODY.PEEK[HEADER.FIELDS (A)]"))
        assert [part[1] for part in data if isinstance(part, tuple)] == [
            b"a: %d\r\n\r\n" % number for number in range(count)]
        client.logout()
    finally:
        there.stop()


def test_master(home, dovecot):
    """An administrator logs in for the user."""
    bring(home, f"bob*boss@localhost:{dovecot.imaps}",
          password=MASTER_PASSWORD, trust=dovecot.authority)
    assert len(account(home)[0]["INBOX"][2]) == 119


# -- one that means no good -----------------------------------------------------


class Fake:
    """Speaks just enough IMAP.  ${messages}: {UID: body}; ${twist}(word, rest)
    gives other octets to send behind a command, or None; None closes."""

    def __init__(self, messages=None, twist=None, greeting=b"* OK hi\r\n",
                 capabilities=b"IMAP4rev1"):
        self.messages = messages or {}
        self.twist = twist or (lambda word, rest: NotImplemented)
        self.greeting = greeting
        self.capabilities = capabilities
        self.commands = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.source = "imap://bob@127.0.0.1:%d" \
            % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self.talk(connection)
                except OSError:
                    pass

    def talk(self, connection):
        connection.sendall(self.greeting)
        if not self.greeting:
            return
        for line in connection.makefile("rb"):
            tag, word, *rest = line.strip().split(b" ", 2)
            rest = rest[0] if rest else b""
            self.commands.append(word + b" " + rest)
            answer = self.twist(word + b" " + rest[:1], rest)
            if answer is NotImplemented:
                answer = self.answer(word, rest)
            if answer is None:
                return
            if callable(answer):
                answer(connection)
                return
            connection.sendall(answer.replace(b"TAG", tag))

    def item(self, number, uid, body=None):
        body = self.messages[uid] if body is None else body
        return b"* %d FETCH (UID %d FLAGS () INTERNALDATE %s BODY[] {%d}" \
            b"\r\n%s)\r\n" % (number, uid, DATE.encode(), len(body), body)

    def answer(self, word, rest):
        done = b"TAG OK done\r\n"
        if word == b"CAPABILITY":
            return b"* CAPABILITY " + self.capabilities + b"\r\n" + done
        if word == b"LIST":
            return b'* LIST () "/" INBOX\r\n' + done
        if word == b"STATUS":
            return b"* STATUS INBOX (MESSAGES %d)\r\n" % len(self.messages) \
                + done
        if word == b"EXAMINE":
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 1234] x\r\n" \
                b"* OK [UIDNEXT %d] x\r\n" % (
                    len(self.messages), max(self.messages, default=0) + 1) \
                + done
        if word == b"UID" and b"1:* " in rest:
            return b"".join(
                b"* %d FETCH (UID %d INTERNALDATE %s)\r\n"
                % (number, uid, DATE.encode())
                for number, uid in enumerate(self.messages, 1)) + done
        if word == b"UID":
            return b"".join(self.item(number, uid) for number, uid
                            in enumerate(self.wanted(rest), 1)) + done
        if word == b"LOGOUT":
            return None
        return done

    def wanted(self, rest):
        ranges = [tuple(map(int, part.split(b":"))) for part
                  in rest.split(b" ")[1].split(b",")]
        return [uid for uid in self.messages
                if any(r[0] <= uid <= r[-1] for r in ranges)]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def fake():
    made = []

    def make(*words, **settings):
        made.append(Fake(*words, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


THREE = {3: b"three\r\n", 5: b"five\r\n", 9: b"nine\r\n"}


def from_fake(server, there, *words, code=OK, through=()):
    return bring(server, there.source, "--plain", *words, code=code,
                 through=through)


def inbox(server):
    return account(server)[0].get("INBOX")


def test_old_server(home, fake):
    """No capabilities at all, and answers of before IMAP4rev1's extensions."""
    there = fake(THREE)
    from_fake(home, there)
    assert [(m[0], m[3]) for m in inbox(home)[2]] == list(THREE.items())
    assert inbox(home)[:2] == (1234, 10)
    assert b'LOGIN "bob" "correct horse"' in there.commands


def twist_at(what, answer):
    return lambda word, rest: answer if (word + rest).find(what) >= 0 \
        else NotImplemented


FETCH = b"BODY.PEEK"


@pytest.mark.parametrize("what, answer, says", [
    (b"CAPABILITY", b"* CAPABILITY {9999999999}\r\nTAG OK\r\n",
     None),
    (b"LOGIN", b"TAG OK \xff\0\x01\r\n", None),
    (b"LOGIN", b"* BYE go away\r\n", "it says goodbye: go away"),
    (b"LOGIN", None, "the connection has ended"),
    (b"LIST", b"TAG NO not today\r\n", "does not list"),
    (b"LIST", b'* LIST () "/" {5000000000}\r\n', "understood"),
    (b"LIST", b'* LIST () "/" "a\r\n', "understood"),
    (b"LIST", b'* LIST () "/" "\xff\xfe"\r\nTAG OK\r\n', "neither UTF-7"),
    (b"LIST", b'* LIST () "/" {3}\r\na\r\n\r\nTAG OK\r\n', "cannot be said"),
    (b"EXAMINE", b"TAG NO [NOPERM] \x1b[31mno\r\n", r"says: \?\[31mno"),
    (b"EXAMINE", b"* 4294967295 EXISTS\r\n* OK [UIDVALIDITY 1234] x\r\n"
     b"TAG OK\r\n", None),
    (b"1:*", b"TAG NO broken\r\n", "says: broken"),
    (b"1:*", b"* 1 FETCH (UID 99999999999)\r\n", "understood"),
    (b"1:*", b"* 1 FETCH ((((((\r\n", "understood"),
    (FETCH, b"TAG NO disk\r\n", r"UID 3: the server says: disk"),
    (FETCH, b"TAG OK\r\n", "UID 3: it is not there any more"),
    (FETCH, b"* 1 FETCH (UID 3 BODY[] NIL)\r\nTAG OK\r\n", "cannot read it"),
    (FETCH, b"* 1 FETCH (UID 4 BODY[] {1}\r\nx)\r\nTAG OK\r\n",
     "UID 3: it is not there"),
    (FETCH, b"* 1 FETCH (BODY[] {1}\r\nx)\r\nTAG OK\r\n",
     "UID 3: it is not there"),
    (FETCH, b"* 1 FETCH (UID 3 BODY[] {100}\r\nx)\r\nTAG OK\r\n", "ended"),
    (FETCH, b"* 1 FETCH (UID 3 BODY[] {1}\r\nxyz)\r\nTAG OK\r\n",
     "understood"),
    (FETCH, b"* 1 FETCH (UID 3 BODY[] {x}\r\nxyz)\r\nTAG OK\r\n",
     "understood"),
    (FETCH, b"* 1 FETCH (UID 3 BODY[] {99999999999}\r\nxyz)\r\n",
     "literal is too large"),
    (FETCH, b"* 1 FETCH (UID 3 BODY[] {3}\r\nabc BODY[] {3}\r\nabc)\r\n",
     "twice"),
    (FETCH, None, "the connection has ended"),
    (FETCH, b"* BYE\r\n", "it says goodbye: what came"),
])
def test_hostile(home, fake, what, answer, says):
    """It is told what is wrong, nothing half comes in, and when the server is
    right again, all does."""
    there = fake(THREE, twist=twist_at(what, answer))
    if answer is not None and b"{100}" in answer:
        def cut(connection):
            connection.sendall(answer)
        there.twist = twist_at(what, cut)
    out = from_fake(home, there, code=REFUSED if says else OK)
    if says:
        assert re.search(says, out), out
    assert "\x1b" not in out
    assert all(m[3] in THREE.values() for m in inbox(home)[2])
    there.twist = lambda word, rest: NotImplemented
    from_fake(home, there)
    assert sorted(m[3] for m in inbox(home)[2]) == sorted(THREE.values())


@pytest.mark.parametrize("greeting", [
    b"220 mail.example ESMTP\r\n", b"HTTP/1.1 400 Bad\r\n", b"+OK POP3\r\n",
    b"* BYE full\r\n", b"", b"* NO\r\n", b"\0\0\0\0\r\n", b"\x16\x03\x01\r\n"])
def test_no_imap(home, fake, greeting):
    there = fake(greeting=greeting, twist=lambda word, rest: None)
    out = from_fake(home, there, code=REFUSED)
    assert "127.0.0.1: " in out


def test_preauth(home, fake):
    """Nobody in between talks us out of TLS."""
    there = fake(THREE, greeting=b"* PREAUTH come in\r\n")
    out = bring(home, there.source, code=REFUSED)
    assert "without TLS" in out and there.commands == []
    from_fake(home, there)
    assert len(inbox(home)[2]) == 3


def test_no_starttls(home, fake):
    there = fake(THREE, twist=twist_at(b"STARTTLS", b"TAG BAD what?\r\n"))
    out = bring(home, there.source, code=REFUSED)
    assert "--plain" in out and there.commands == [b"STARTTLS "]


def test_login_disabled(home, fake):
    there = fake(capabilities=b"IMAP4rev1 LOGINDISABLED")
    out = from_fake(home, there, code=REFUSED)
    assert "takes no passwords" in out
    assert not any(b"LOGIN" in command for command in there.commands)


@pytest.mark.parametrize("capabilities", [b"IMAP4rev1 AUTH=PLAIN",
                                          b"IMAP4rev1 AUTH=PLAIN SASL-IR"])
def test_sasl(home, fake, capabilities):
    there = fake(THREE, capabilities=capabilities)
    secret = b"AGJvYgBjb3JyZWN0IGhvcnNl"

    def ask(connection):
        connection.sendall(b"+ \r\n")
        answer = connection.recv(1000)
        there.commands.append(answer.strip())

    if b"SASL-IR" not in capabilities:
        there.twist = twist_at(b"AUTHENTICATE", ask)
        from_fake(home, there, code=REFUSED)
        assert there.commands[-1] == secret
    else:
        from_fake(home, there)
        assert b"AUTHENTICATE PLAIN " + secret in there.commands


@pytest.mark.parametrize("code", [
    b"[UIDVALIDITY 0]", b"[UIDVALIDITY 99999999999]", b"[UIDVALIDITY]", b""])
def test_no_uidvalidity(home, fake, code):
    """UIDs that mean nothing are not kept; but what came is known again."""
    there = fake(THREE, twist=twist_at(
        b"EXAMINE", b"* 3 EXISTS\r\n* OK " + code + b" x\r\nTAG OK\r\n"))
    for _ in range(2):
        out = from_fake(home, there)
        assert "UIDs kept" not in out
        assert [m[:1] + m[3:] for m in inbox(home)[2]] == list(
            enumerate(THREE.values(), 1))


def test_disorder(home, fake):
    """Messages that come in another order cannot have their UIDs, and that is
    said; others can be had with fresh ones."""
    there = fake(dict(reversed(THREE.items())))
    there.answer = lambda word, rest: Fake.answer(there, word, rest)
    out = from_fake(home, there, code=REFUSED)
    assert out.count("--fresh-uids gives it another") == 2
    assert [m[3] for m in inbox(home)[2]] == [b"nine\r\n"]
    from_fake(home, there, "--fresh-uids")
    assert sorted(m[3] for m in inbox(home)[2]) == sorted(THREE.values())


def test_unasked(home, fake):
    """A server may tell of flags at any time, and need not keep to an order of
    items."""
    extra = b"* 7 FETCH (FLAGS (\\Seen) UID 5)\r\n* 2 EXPUNGE\r\n* 9 RECENT\r\n"

    def twist(word, rest):
        if FETCH not in rest:
            return NotImplemented
        return extra + b"".join(
            b"* 1 FETCH (BODY[] {%d}\r\n%s INTERNALDATE %s UID %d MODSEQ (3) "
            b"FLAGS (a))\r\n%s" % (len(body), body, DATE.encode(), uid, extra)
            for uid, body in THREE.items()) + b"TAG OK\r\n"

    from_fake(home, fake(THREE, twist=twist))
    assert inbox(home)[2] == [
        (uid, frozenset(["a"]), MOMENT, body) for uid, body in THREE.items()]


def test_dropped(home, fake):
    """Cut off again and again, all comes in: once, under its UID."""
    messages = {uid: b"%d\r\n" % uid * 1000 for uid in range(1, 300)}
    there = fake(messages)

    def twist(word, rest):
        if FETCH not in rest or twist.percent is None:
            return NotImplemented
        data = there.answer(b"UID", rest)
        return lambda connection: connection.sendall(
            data[:len(data) * twist.percent // 100])

    there.twist = twist
    counts = []
    for percent in (40, 1, 60, 0, None):
        twist.percent = percent
        from_fake(home, there, code=OK if percent is None else REFUSED)
        counts.append(len(inbox(home)[2]))
    assert counts == sorted(counts) and 0 < counts[0] < 299, counts
    assert [(m[0], m[3]) for m in inbox(home)[2]] == list(messages.items())
    assert inbox(home)[1] == 300


def test_many_mailboxes(home, fake):
    """A list without end is refused, in bounded memory."""
    def endless(connection):
        number = 0
        while True:
            connection.sendall(b"".join(
                b'* LIST () "/" "x%d"\r\n' % (number + i)
                for i in range(1000)))
            number += 1000

    there = fake(THREE, twist=twist_at(b"LIST", endless))
    out = from_fake(home, there, code=REFUSED)
    assert "too many mailboxes" in out


def test_huge_message(home, fake):
    """A message larger than any may be is passed over, and held by nobody."""
    size = 200 * 1024 * 1024

    def huge(connection):
        connection.sendall(b"* 1 FETCH (UID 3 BODY[] {%d}\r\n" % size)
        for _ in range(size // 1048576):
            connection.sendall(b"x" * 1048576)
        connection.sendall(b")\r\n" + there.item(2, 5) + b"* BYE\r\n")

    there = fake({3: b"", 5: b"five\r\n"}, twist=twist_at(FETCH, huge))
    out = from_fake(home, there, code=REFUSED, through=MEASURE)
    assert "UID 3 is larger than a message may be" in out
    assert [m[3] for m in inbox(home)[2]] == [b"five\r\n"]
    assert int(re.search(r"^peak (\d+)$", out, re.M)[1]) < size / 1024 / 2
