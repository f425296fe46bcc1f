# SPDX-License-Identifier: MIT
"""SCRAM (RFC 5802, 7677), and bound to the server's certificate with
"tls-server-end-point" (RFC 5929 section 4)."""

import base64
import hashlib
import re
import ssl

import pytest

from lib.certificates import openssl
from lib.client import tls_context
from lib.scram import authenticate
from lib.server import PASSWORD, Server

END_POINT = "p=tls-server-end-point,,"
PLUS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]


@pytest.fixture
def user(usual_user):
    return usual_user


@pytest.fixture
def tls(server, source):
    connection = server.connect("imaps", source)
    yield connection
    connection.close()


def end_point(connection, digest="sha256"):
    certificate = connection.socket.getpeercert(binary_form=True)
    return hashlib.new(digest, certificate).digest()


def offered(connection):
    raw = connection.ok("CAPABILITY")[0].raw.decode()
    return re.findall(r"AUTH=(\S+)", raw)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-1"])
@pytest.mark.parametrize("listener", ["imap", "imaps"])
def test_login(server, user, source, listener, mechanism):
    connection = server.connect(listener, source)
    assert authenticate(connection, mechanism, user, PASSWORD).name == "OK"
    connection.ok("SELECT INBOX")
    connection.close()


@pytest.mark.parametrize("mechanism", PLUS)
def test_bound(tls, user, mechanism):
    assert authenticate(tls, mechanism, user, PASSWORD, END_POINT,
                        end_point(tls)).name == "OK"
    tls.ok("SELECT INBOX")


@pytest.mark.parametrize("header, binding", [
    (END_POINT, b"another certificate's"),
    (END_POINT, b""),
    ("p=tls-unique,,", b"x"),
    ("p=tls-exporter,,", bytes(32)),
    ("p=TLS-server-end-point,,", b"x"),
    ("n,,", b""),
])
def test_bound_elsewhere(server, tls, user, header, binding):
    """Somebody is between client and server, or one of them errs."""
    tagged = authenticate(tls, PLUS[0], user, PASSWORD, header, binding)
    assert tagged.name == "NO" and tagged.code_name == "AUTHENTICATIONFAILED"


def test_binding_taken_from_the_offer(server, tls, user, source):
    """A client that can bind says so; if it was told that we cannot, somebody
    has told it so, and not we."""
    tagged = authenticate(tls, "SCRAM-SHA-256", user, PASSWORD, "y,,")
    assert tagged.name == "NO"
    assert "reason=downgrade" in server.log()
    plain = server.connect("imap", source)
    assert authenticate(plain, "SCRAM-SHA-256", user, PASSWORD,
                        "y,,").name == "OK"
    plain.close()


def test_names_with_escapes(server, source):
    name = server.add_user("x,y=z", usual=True)
    for header in ("n,,", "n,a=x=2Cy=3Dz,"):
        connection = server.connect("imap", source)
        assert authenticate(connection, "SCRAM-SHA-256", name, PASSWORD,
                            header).name == "OK"
        connection.close()


@pytest.mark.parametrize("name, password", [
    ("nobody", PASSWORD), (None, "wrong")])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", PLUS[0]])
def test_refused(server, tls, user, name, password, mechanism):
    binding = (END_POINT, end_point(tls)) if "PLUS" in mechanism else ()
    tagged = authenticate(tls, mechanism, name or user, password, *binding)
    assert tagged.name == "NO" and tagged.code_name == "AUTHENTICATIONFAILED"


# -- certificates of all kinds ------------------------------------------------

class Certificate:
    def __init__(self, folder):
        self.file = folder / "cert.pem"
        self.key = folder / "key.pem"

    def make(self, key="rsa:2048", digest="sha256"):
        openssl("req", "-x509", "-newkey", key, "-nodes", "-days", "2",
                "-" + digest, "-subj", "/CN=test.example",
                *(["-pkeyopt", "ec_paramgen_curve:P-256"]
                  if key == "ec" else []),
                "-keyout", self.key, "-out", self.file)
        return self


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


def serve(certificate):
    server = Server(more='tls = { certificate = "%s"; key = "%s"; };' % (
        certificate.file, certificate.key)).start()
    server.add_user("ann", usual=True)
    return server


@pytest.mark.parametrize("key, digest, want", [
    ("rsa:2048", "sha256", "sha256"), ("rsa:2048", "sha512", "sha512"),
    ("ec", "sha384", "sha384"), ("ec", "sha224", "sha224"),
    ("rsa:2048", "sha1", "sha256"), ("rsa:2048", "md5", "sha256")])
def test_digest_of_the_certificate(certificate, key, digest, want):
    """RFC 5929 section 4.1: that of its signature, but none that is broken."""
    server = serve(certificate.make(key, digest))
    connection = server.connect("imaps")
    assert authenticate(connection, PLUS[0], "ann", PASSWORD, END_POINT,
                        end_point(connection, want)).name == "OK"
    connection.close()
    server.stop()
    server.remove()


def test_certificate_without_digest(certificate):
    """Ed25519 names none: what is left is the other binding."""
    server = serve(certificate.make("ed25519"))
    connection = server.connect("imaps")
    assert PLUS[0] in offered(connection)
    for digest in ("sha256", "sha512"):
        assert authenticate(connection, PLUS[0], "ann", PASSWORD, END_POINT,
                            end_point(connection, digest)).name == "NO"
    assert authenticate(connection, "SCRAM-SHA-256", "ann",
                        PASSWORD).name == "OK"
    connection.close()
    server.stop()
    server.remove()


def test_certificate_that_changes(certificate):
    """A connection is bound to the certificate that it began with."""
    server = serve(certificate.make())
    before = server.connect("imaps")
    other = server.connect("imaps")
    certificate.make("ec", "sha384")
    assert server.tool("reload").returncode == 0
    after = server.connect("imaps")
    assert end_point(before) != end_point(after)
    assert authenticate(other, PLUS[0], "ann", PASSWORD, END_POINT,
                        end_point(after, "sha384")).name == "NO"
    assert authenticate(before, PLUS[0], "ann", PASSWORD, END_POINT,
                        end_point(before)).name == "OK"
    assert authenticate(after, PLUS[0], "ann", PASSWORD, END_POINT,
                        end_point(after, "sha384")).name == "OK"
    for connection in (before, other, after):
        connection.close()
    server.stop()
    server.remove()


@pytest.mark.parametrize("version", [
    ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_resumed_connection(server, user, version):
    """No certificate is sent then; it is still that of the session."""
    context = tls_context()
    context.maximum_version = version
    session = None
    for resumed in (False, True):
        connection = server.connect("imap")
        connection.ok("STARTTLS")
        connection.socket = context.wrap_socket(connection.socket,
                                                session=session)
        connection.ok("NOOP")       # tickets come with it
        session = connection.socket.session
        assert connection.socket.session_reused == resumed
        assert authenticate(connection, PLUS[0], user, PASSWORD, END_POINT,
                            end_point(connection)).name == "OK"
        connection.close()


# -- TLS 1.2 without the extended master secret (RFC 7627) ---------------------

NO_EXTENDED_MASTER_SECRET = 1   # SSL_OP_NO_EXTENDED_MASTER_SECRET


def connect_without_secret(server, source):
    context = tls_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= NO_EXTENDED_MASTER_SECRET
    connection = server.connect("imap", source)
    connection.ok("STARTTLS")
    connection.socket = context.wrap_socket(connection.socket)
    assert connection.socket.version() == "TLSv1.2"
    return connection


def answer_to_first(connection, header):
    """What the server says to the client's first message: "+" when it accepts
    the binding that this names."""
    connection.start("AUTHENTICATE SCRAM-SHA-256-PLUS")
    assert connection.read().tag == "+"
    connection.send(base64.b64encode(
        (header + "n=nobody,r=fyko+d2lbbFgONRv9qkxdawL").encode()) + b"\r\n")
    response = connection.read()
    if response.tag == "+":
        connection.send(b"*\r\n")
    return response


def test_no_exporter_without_the_secret(server, user, source):
    """What is exported then does not stand for the connection (RFC 9266 section
    2): the certificate still does."""
    connection = connect_without_secret(server, source)
    assert [name for name in offered(connection) if "PLUS" in name] == PLUS
    tagged = answer_to_first(connection, "p=tls-exporter,,")
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    assert "reason=binding" in server.log()
    assert answer_to_first(connection, END_POINT).tag == "+"
    assert connection.read().name == "BAD"
    assert authenticate(connection, PLUS[0], user, PASSWORD, END_POINT,
                        end_point(connection)).name == "OK"
    connection.close()


@pytest.mark.parametrize("version", [
    ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_exporter_with_the_secret(server, source, version):
    context = tls_context()
    context.maximum_version = version
    connection = server.connect("imap", source)
    connection.ok("STARTTLS")
    connection.socket = context.wrap_socket(connection.socket)
    assert answer_to_first(connection, "p=tls-exporter,,").tag == "+"
    connection.close()


def test_nothing_to_bind_to(certificate, source):
    """Neither that nor a certificate with a digest: nothing is offered, and a
    client that says so is no victim of anybody."""
    server = serve(certificate.make("ed25519"))
    connection = connect_without_secret(server, source)
    assert offered(connection)[:1] == ["SCRAM-SHA-256"]
    for mechanism in PLUS:
        connection.start("AUTHENTICATE " + mechanism)
        assert connection.read().name == "NO"
    assert authenticate(connection, "SCRAM-SHA-256", "ann", PASSWORD,
                        "y,,").name == "OK"
    connection.close()
    server.stop()
    server.remove()
