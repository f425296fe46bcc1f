# SPDX-License-Identifier: MIT
"""SCRAM as a client (RFC 5802 section 3), which may be told to be dishonest."""

import base64
import hashlib
import hmac
import os

HASHES = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}


def saslname(name):
    return name.replace("=", "=3D").replace(",", "=2C")


class Scram:
    """One exchange: ${header} is the gs2-header; ${binding} are the octets that
    stand for the channel."""

    def __init__(self, mechanism, user, password, header="n,,", binding=b""):
        self.hash = HASHES[mechanism.removesuffix("-PLUS")]
        self.password = password.encode()
        self.header = header
        self.binding = binding
        self.nonce = base64.b64encode(os.urandom(12)).decode()
        self.bare = "n=%s,r=%s" % (saslname(user), self.nonce)

    def digest(self, key, data):
        return hmac.new(key, data, self.hash).digest()

    def first(self):
        return (self.header + self.bare).encode()

    def final(self, challenge):
        """The answer to the server's first message, which has to be right."""
        fields = dict(part.split("=", 1)
                      for part in challenge.decode().split(","))
        assert list(fields) == ["r", "s", "i"], challenge
        assert fields["r"].startswith(self.nonce)
        assert len(fields["r"]) >= len(self.nonce) + 16
        assert int(fields["i"]) >= 4096
        salted = hashlib.pbkdf2_hmac(
            self.hash, self.password, base64.b64decode(fields["s"]),
            int(fields["i"]))
        key = self.digest(salted, b"Client Key")
        last = b"c=%s,r=%s" % (
            base64.b64encode(self.header.encode() + self.binding),
            fields["r"].encode())
        message = b",".join((self.bare.encode(), challenge, last))
        signature = self.digest(hashlib.new(self.hash, key).digest(), message)
        self.signature = self.digest(
            self.digest(salted, b"Server Key"), message)
        proof = bytes(a ^ b for a, b in zip(key, signature))
        return last + b",p=" + base64.b64encode(proof)

    def knows(self, last):
        """Does the server's last message prove that it knows us?"""
        return last == b"v=" + base64.b64encode(self.signature)


def authenticate(connection, mechanism, *words):
    """The exchange by IMAP; what ends it: the tagged response."""
    scram = Scram(mechanism, *words)
    tag = connection.start("AUTHENTICATE " + mechanism)
    steps = iter([lambda _: scram.first(), scram.final,
                  lambda last: b"" if scram.knows(last) else b"*"])
    while True:
        response = connection.read()
        if response.tag != "+":
            break
        challenge = base64.b64decode(response.raw[2:].strip())
        answer = next(steps)(challenge)
        connection.send((b"*" if answer == b"*" else base64.b64encode(answer))
                        + b"\r\n")
    # What is untagged comes before it.
    while response.tag != tag:
        response = connection.read()
    return response
