# SPDX-License-Identifier: MIT
"""OAUTHBEARER (RFC 7628) and XOAUTH2: tokens that are checked here, against a
file of public keys, within the sandbox."""

import base64
import json
import os
import time

import pytest

from lib.certificates import openssl
from lib.client import Closed
from lib.server import Server

ISSUER = "https://issuer.example"


def encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Issuer:
    """Has a key, signs tokens with it."""

    def __init__(self, folder):
        self.folder = folder
        self.private = folder / "issuer.key"
        self.keys = folder / "keys.json"
        self.new_key()

    def new_key(self):
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.private)
        public = openssl("pkey", "-in", self.private, "-pubout", "-outform",
                         "DER")[-32:]
        new = self.folder / "keys.new"
        new.write_text(json.dumps({"keys": [
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
            {"kty": "OKP", "crv": "Ed25519", "kid": "one",
             "x": encode(public)}]}))
        os.replace(new, self.keys)

    def token(self, header=None, signature=None, **claims):
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "mail", "exp": now + 600,
                  "email": "ann@ours.example"} | claims
        text = ".".join(encode(json.dumps(part).encode()) for part in (
            {"alg": "EdDSA", "kid": "one"} | (header or {}),
            {k: v for k, v in claims.items() if v is not None}))
        if signature is None:
            data = self.folder / "data"
            data.write_text(text)
            signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey",
                                self.private, "-in", data)
        return text + "." + encode(signature)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def token_server(issuer):
    made = Server(sandbox="true", more=(
        'domains = [ "ours.example" ]\noauth = { keys = "%s"; issuer = "%s"; '
        'audience = "mail"; };' % (issuer.keys, ISSUER)))
    made.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    made.start()
    made.add_user("ann")
    made.add_user("bob")
    yield made
    made.stop()
    made.remove()


def bearer(token, user=""):
    name = "a=%s" % user if user else ""
    return base64.b64encode(
        ("n,%s,\1host=h\1port=143\1auth=Bearer %s\1\1"
         % (name, token)).encode()).decode()


def xoauth2(token, user="ann"):
    return base64.b64encode(
        ("user=%s\1auth=Bearer %s\1\1" % (user, token)).encode()).decode()


@pytest.mark.parametrize("mechanism,message", [
    ("OAUTHBEARER", bearer), ("XOAUTH2", xoauth2)])
@pytest.mark.parametrize("user", ["ann", "Ann", "ann@ours.example"])
def test_login(token_server, issuer, source, mechanism, message, user):
    connection = token_server.connect("imaps", source)
    assert ("AUTH=" + mechanism).encode() in connection.greeting.raw
    connection.ok("AUTHENTICATE %s %s"
                  % (mechanism, message(issuer.token(), user)))
    connection.ok("SELECT INBOX")
    connection.close()


def test_without_initial_response(token_server, issuer, source):
    connection = token_server.connect("imaps", source)
    connection.send(b"a AUTHENTICATE OAUTHBEARER\r\n")
    assert connection.read().tag == "+"
    connection.send(bearer(issuer.token()).encode() + b"\r\n")
    assert connection.read_until("a")[1].name == "OK"
    connection.close()


def refused(server, source, mechanism, message, answer):
    """The dialogue of RFC 7628 section 3.2.3: the challenge says why, the
    client answers it, then it has failed."""
    connection = server.connect("imaps", source)
    connection.send(("a AUTHENTICATE %s %s\r\n"
                     % (mechanism, message)).encode())
    challenge = connection.read()
    assert challenge.tag == "+"
    said = json.loads(base64.b64decode(challenge.text))
    connection.send(answer + b"\r\n")
    _, tagged = connection.read_until("a")
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    connection.ok("NOOP")
    connection.close()
    return said


BAD = {
    "none": {"header": {"alg": "none"}, "signature": b""},
    "none-signed": {"header": {"alg": "none"}},
    "hmac": {"header": {"alg": "HS256", "kid": "secret"}},
    "path": {"header": {"kid": "../../k"}},
    "other-key": {"header": {"kid": "two"}},
    "audience": {"aud": "web"},
    "issuer": {"iss": ISSUER + ".evil.example"},
    "expired": {"exp": 1},
    "no-end": {"exp": None},
    "not-yet": {"nbf": 4102444800},
    "no-user": {"email": None},
    "unknown": {"email": "nobody@ours.example"},
    "not-ours": {"email": "ann@elsewhere.example"},
    "catch": {"email": "@ours.example"},
    "list": {"email": ["ann"]},
    "nul": {"email": "ann\0x"},
    "zero": {"signature": bytes(64)},
    "short": {"signature": b"x"},
}


@pytest.mark.parametrize("case", BAD)
def test_c9_bad_token(token_server, issuer, source, case):
    """CVE-2021-29157 and its neighbours."""
    said = refused(token_server, source, "OAUTHBEARER",
                   bearer(issuer.token(**BAD[case])), b"AQ==")
    assert said["status"] == "invalid_token"


def test_bad_token_with_xoauth2(token_server, issuer, source):
    said = refused(token_server, source, "XOAUTH2",
                   xoauth2(issuer.token(aud="web")), b"")
    assert said["status"] == "401"


def test_as_somebody_else(token_server, issuer, source):
    refused(token_server, source, "OAUTHBEARER",
            bearer(issuer.token(), "bob"), b"AQ==")


@pytest.mark.parametrize("message", [
    "AQ==", base64.b64encode(b"n,,\1auth=Bearer \1\1").decode(),
    base64.b64encode(b"p=tls-exporter,,\1auth=Bearer x\1\1").decode()])
def test_malformed_message(token_server, source, message):
    refused(token_server, source, "OAUTHBEARER", message, b"AQ==")


def test_client_gives_up(token_server, issuer, source):
    connection = token_server.connect("imaps", source)
    connection.send(("a AUTHENTICATE OAUTHBEARER %s\r\n"
                     % bearer(issuer.token(aud="x"))).encode())
    assert connection.read().tag == "+"
    connection.send(b"*\r\n")
    assert connection.read_until("a")[1].name == "BAD"
    connection.ok("AUTHENTICATE OAUTHBEARER " + bearer(issuer.token()))
    connection.close()


def test_c9_huge_token(token_server, source):
    connection = token_server.connect("imaps", source)
    with pytest.raises((Closed, OSError)):
        connection.send(("a AUTHENTICATE OAUTHBEARER %s\r\n"
                         % bearer("x" * 100000)).encode())
        while connection.read().name in ("BAD", "NO", "BYE"):
            pass
    connection.close()
    other = token_server.connect("imaps", source)
    other.ok("NOOP")
    other.close()


def test_not_in_clear(issuer, source):
    server = Server(plaintext="never", more=(
        'oauth = { keys = "%s"; issuer = "i"; audience = "mail"; };'
        % issuer.keys)).start()
    connection = server.connect("imap", source)
    assert b"BEARER" not in connection.greeting.raw
    _, tagged = connection.command("AUTHENTICATE OAUTHBEARER eA==")
    assert (tagged.name, tagged.code_name) == ("NO", "PRIVACYREQUIRED")
    connection.close()
    server.stop()
    server.remove()


def test_not_offered(server, source):
    connection = server.connect("imaps", source)
    assert b"BEARER" not in connection.greeting.raw
    _, tagged = connection.command("AUTHENTICATE OAUTHBEARER eA==")
    assert (tagged.name, tagged.code_name) == ("NO", "CANNOT")
    connection.close()


def test_keys_change(token_server, issuer, source):
    old = issuer.token()
    issuer.new_key()
    message = bearer(issuer.token())
    deadline = time.monotonic() + 30
    while True:
        connection = token_server.connect("imaps", source)
        connection.send(("a AUTHENTICATE OAUTHBEARER %s\r\n"
                         % message).encode())
        answer = connection.read()
        connection.close()
        if answer.tag == "a":
            break
        assert time.monotonic() < deadline
        time.sleep(0.2)
    refused(token_server, source, "OAUTHBEARER", bearer(old), b"AQ==")


def test_refused_settings(tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text('{"keys":[]}')
    server = Server(more='oauth = { keys = "%s"; };' % keys)
    done = server.tool("config", "check")
    assert done.returncode == 2
    for name in ("issuer", "audience"):
        assert "oauth.%s: must be given" % name in done.stdout + done.stderr
    server.remove()
    server = Server(more='oauth = { keys = "%s"; issuer = "i"; '
                         'audience = "a"; };' % keys)
    with pytest.raises(RuntimeError, match="no public key in it"):
        server.start()
    server.remove()
