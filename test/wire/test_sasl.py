# SPDX-License-Identifier: MIT
"""SASL exchanges with somebody who means no good, by IMAP and by POP3: each of
them is refused as every wrong password is, or is no exchange at all; nobody is
let in, and the connection goes on."""

import base64

import pytest

from lib.scram import Scram
from lib.server import PASSWORD

ALL = ["PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]
LONG = 4097     # octets of a message, one more than allowed


class Imap:
    """What ends an exchange, as a word: "in", "denied", "bad"."""

    def __init__(self, server, source):
        self.connection = server.connect("imaps", source)

    def begin(self, mechanism, initial=None):
        self.tag = self.connection.start("AUTHENTICATE " + mechanism + (
            "" if initial is None else " " + initial))

    def send(self, line):
        self.connection.send(line + b"\r\n")

    def read(self):
        """A challenge, or the end."""
        response = self.connection.read()
        if response.tag == "+":
            return base64.b64decode(response.raw[2:].strip())
        assert response.tag == self.tag, response
        if response.name == "NO":
            assert response.code_name == "AUTHENTICATIONFAILED"
        return {"OK": "in", "NO": "denied", "BAD": "bad"}[response.name]

    def goes_on(self, user):
        self.connection.ok('LOGIN %s "%s"' % (user, PASSWORD))


class Pop3:
    def __init__(self, server, source):
        self.connection = server.pop3(None, "pop3s", source)

    def begin(self, mechanism, initial=None):
        self.connection.start("AUTH " + mechanism + (
            "" if initial is None else " " + initial))

    def send(self, line):
        self.connection.send(line + b"\r\n")

    def read(self):
        raw = self.connection.line()
        if raw.startswith(b"+ "):
            return base64.b64decode(raw[2:].strip())
        if raw.startswith(b"+OK"):
            return "in"
        return "denied" if raw.startswith(b"-ERR [AUTH] ") else "bad"

    def goes_on(self, user):
        self.connection.login(user, PASSWORD)


@pytest.fixture
def user(usual_user):
    return usual_user


@pytest.fixture(params=[Imap, Pop3])
def client(request, server, source):
    made = request.param(server, source)
    yield made
    made.connection.close()


def encode(message):
    return base64.b64encode(message)


def run(client, mechanism, *messages):
    """Say one message after the other; how it ends."""
    client.begin(mechanism)
    for message in messages:
        answer = client.read()
        if isinstance(answer, str):
            return answer
        client.send(encode(message))
    return client.read()


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("mechanism", ALL)
def test_given_up(client, user, mechanism, step):
    """At each step: no failure of the address, and nothing is left of it."""
    first = {"PLAIN": [], "LOGIN": [user.encode()]}.get(
        mechanism, [b"n,,n=%s,r=abc" % user.encode()])
    client.begin(mechanism)
    for message in first[:step]:
        client.read()
        client.send(encode(message))
    assert isinstance(client.read(), bytes)
    client.send(b"*")
    assert client.read() == "bad"
    client.goes_on(user)


@pytest.mark.parametrize("message", [
    b"", b"\0", b"\0\0", b"\0\0x", b"a\0b", b"\0ann\0", b"\0ann\0x\0",
    b"\0ann\0x\0y", b"\0\xff\0x", b"\xc0\x80\0ann\0x", b"\0ann\0\xed\xa0\x80",
    b"\0" + b"n" * 256 + b"\0x", b"\0\xef\xbc\xa1nn\0x",
    b"\0" + b"a" * LONG + b"\0x"])
def test_plain(client, user, message):
    assert run(client, "PLAIN", message) in ("denied", "bad")
    client.goes_on(user)


@pytest.mark.parametrize("authzid", [
    b"root", b"\xff", b"%s ", b" %s", b"%s@else.example", b"%s,x", b"*"])
def test_as_somebody_else(client, user, authzid):
    """With the right password, which is of no use for that."""
    name = user.encode()
    authzid = authzid.replace(b"%s", name)
    assert run(client, "PLAIN", authzid + b"\0" + name + b"\0"
               + PASSWORD.encode()) == "denied"
    if authzid != b"\xff":
        scram = Scram("SCRAM-SHA-256", user, PASSWORD, "n,a=%s," %
                      authzid.decode().replace(",", "=2C"))
        assert exchange(client, scram) == "denied"
    client.goes_on(user)


@pytest.mark.parametrize("messages", [
    (b"",), (b"\0",), (b"\xff",), (b"a\0b",), (b"a" * LONG,), (b"%s", b""),
    (b"%s", b"x\0"), (b"%s", b"\xff"), (b"%s", b"x" * LONG),
    (b"%s", b"wrong"), (b"nobody", b"wrong")])
def test_login(client, user, messages):
    messages = [message.replace(b"%s", user.encode()) for message in messages]
    assert run(client, "LOGIN", *messages) in ("denied", "bad")
    client.goes_on(user)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
@pytest.mark.parametrize("line", [
    b"=", b"====", b"QQ", b"QQ=", b"QQ==QQ==", b"Q Q=", b"QQ==\0", b"QUJD*",
    b"**", b"* ", b"\xff", b"QR=="])
def test_no_base64(client, user, mechanism, line):
    client.begin(mechanism)
    client.read()
    client.send(line)
    assert client.read() in ("denied", "bad")
    client.goes_on(user)


# -- SCRAM ---------------------------------------------------------------------

def exchange(client, scram, spoil=lambda final: final):
    """Its end, after the server has been told that it is known."""
    client.begin("SCRAM-SHA-256")
    client.read()
    client.send(encode(scram.first()))
    challenge = client.read()
    if isinstance(challenge, str):
        return challenge
    client.send(encode(spoil(scram.final(challenge))))
    last = client.read()
    if isinstance(last, str):
        return last
    assert scram.knows(last)
    client.send(b"")
    return client.read()


def test_scram(client, user):
    assert exchange(client, Scram("SCRAM-SHA-256", user, PASSWORD)) == "in"


@pytest.mark.parametrize("message", [
    b"", b"n,,", b"n,,n=,r=x", b"n,,n=%s", b"n,,n=%s,r=", b"n,,r=x,n=%s",
    b"n,,m=x,n=%s,r=x", b"x,,n=%s,r=x", b"p=,,n=%s,r=x", b"n,,n=%s=,r=x",
    b"n,,n=%s=2,r=x", b"n,,n=a\0b,r=x", b"n,,n=\xff,r=x", b"n,,n=%s,r=x y\n",
    b"n,x=y,n=%s,r=x", b"n,,n=%s,r=" + b"x" * LONG])
def test_scram_first(client, user, message):
    message = message.replace(b"%s", user.encode())
    assert run(client, "SCRAM-SHA-256", message) in ("denied", "bad")
    client.goes_on(user)


@pytest.mark.parametrize("spoil", [
    lambda final: b"",
    lambda final: final.replace(b",p=", b",p=A"),
    lambda final: final[:final.index(b",p=")],
    lambda final: final[:final.index(b",p=") + 3],
    lambda final: final[:final.index(b",p=") + 3] + encode(bytes(32)),
    lambda final: final[:final.index(b",p=") + 3] + encode(bytes(33)),
    lambda final: final + b",p=AAAA",
    lambda final: final.replace(b",r=", b",r=x"),
    lambda final: final.replace(b"c=biws", b"c=eSws"),
    lambda final: final.replace(b"c=biws,", b""),
    lambda final: final + b"\0",
    lambda final: final + b" " * LONG,
])
def test_scram_final(client, user, spoil):
    """Else the right one."""
    scram = Scram("SCRAM-SHA-256", user, PASSWORD)
    assert exchange(client, scram, spoil) in ("denied", "bad")
    client.goes_on(user)


def test_scram_twice(server, client, user, source):
    """What proved the password on one connection proves nothing on another."""
    kept = []
    scram = Scram("SCRAM-SHA-256", user, PASSWORD)
    assert exchange(client, scram, lambda final: kept.append(final) or final
                    ) == "in"
    other = type(client)(server, source)
    again = Scram("SCRAM-SHA-256", user, PASSWORD)
    again.nonce, again.bare = scram.nonce, scram.bare
    assert exchange(other, again, lambda _: kept[0]) == "denied"
    other.goes_on(user)
    other.connection.close()


# -- who is there ----------------------------------------------------------------

def texts(client, exchanges):
    """All that the server says, but for what is random and made of it."""
    said = []
    before = len(client.connection.log)
    for mechanism, *messages in exchanges:
        assert run(client, mechanism, *messages) == "denied"
    for who, raw in client.connection.log[before:]:
        if who == "S":
            said.append(raw)
    return said


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_who_is_there_is_not_told(client, user, mechanism):
    def words(name):
        if mechanism == "PLAIN":
            return [b"\0" + name + b"\0wrong"]
        return [name, b"wrong"]

    known = texts(client, [(mechanism, *words(user.encode()))])
    unknown = texts(client, [(mechanism, *words(b"nobody"))])
    assert [raw.split(b" ", 1)[1] for raw in known] == \
        [raw.split(b" ", 1)[1] for raw in unknown]


def test_scram_does_not_tell_either(client, user):
    """Nobody has a salt, too, the same each time; and as many iterations."""
    seen = {}
    for name in (user, "nobody", user, "nobody"):
        client.begin("SCRAM-SHA-256")
        client.read()
        client.send(encode(b"n,,n=%s,r=abc" % name.encode()))
        fields = dict(part.split(b"=", 1)
                      for part in client.read().split(b","))
        client.send(encode(b"c=biws,r=" + fields[b"r"] + b",p="
                           + encode(bytes(32))))
        assert client.read() == "denied"
        salt = seen.setdefault(name, fields[b"s"])
        assert salt == fields[b"s"]
        assert fields[b"i"] == seen.setdefault("i", fields[b"i"])
    assert len(base64.b64decode(seen[user])) == \
        len(base64.b64decode(seen["nobody"]))
    assert seen[user] != seen["nobody"]


# -- passwords of applications ----------------------------------------------------

def test_application_password_is_no_way_to_others(server, client, user):
    """Another user's is wrong, and it is none of SCRAM's."""
    other = server.add_user()
    made = server.tool("password", "add", other, "phone")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.split()[-1]
    assert run(client, "PLAIN", b"\0%s\0%s" % (
        user.encode(), secret.encode())) == "denied"
    assert exchange(client, Scram("SCRAM-SHA-256", other, secret)) == "denied"
    assert run(client, "PLAIN", b"%s\0%s\0%s" % (
        user.encode(), other.encode(), secret.encode())) == "denied"
    assert run(client, "PLAIN", b"\0%s\0%s" % (
        other.encode(), secret.encode())) == "in"
