# SPDX-License-Identifier: MIT
"""AUTHENTICATE EXTERNAL with a certificate of the client (RFC 4422 appendix
A): whom it names, and what lets nobody in."""

import base64
import ssl

import pytest

from lib.certificates import Authority
from lib.client import tls_context
from lib.server import Server


class World:
    def __init__(self, folder, name):
        self.trusted = Authority(folder)
        self.strange = Authority(folder, "strangers")
        self.server = Server(
            more='tls = { client_ca = "%s"; client_name = "%s"; };'
            % (self.trusted.file, name)).start()
        self.server.add_user("ann@ours.example")
        self.server.add_user("bob")

    def connect(self, certificate, version=None):
        """A connection under TLS that shows the certificate, if any."""
        context = tls_context()
        if certificate is not None:
            context.load_cert_chain(certificate)
        if version is not None:
            context.maximum_version = version
        connection = self.server.connect("imap")
        connection.ok("STARTTLS")
        connection.socket = context.wrap_socket(connection.socket)
        return connection


@pytest.fixture(scope="module", params=["email", "common_name"])
def world(request, tmp_path_factory):
    made = World(tmp_path_factory.mktemp("certificates"), request.param)
    made.name = request.param
    yield made
    made.server.stop()
    made.server.remove()


def offered(connection):
    untagged = connection.ok("CAPABILITY")
    return b"AUTH=EXTERNAL" in untagged[0].raw


def good(world):
    if world.name == "email":
        return world.trusted.sign(
            "good", "/CN=bob", "subjectAltName=email:ann@ours.example")
    return world.trusted.sign(
        "good", "/CN=ann@ours.example", "subjectAltName=email:bob")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("identity", ["=", "ann@ours.example"])
def test_login(world, version, identity):
    connection = world.connect(good(world), version)
    assert offered(connection)
    text = identity if identity == "=" \
        else base64.b64encode(identity.encode()).decode()
    connection.ok("AUTHENTICATE EXTERNAL " + text)
    connection.ok("SELECT INBOX")
    connection.close()


def test_without_initial_response(world):
    connection = world.connect(good(world))
    connection.send(b"a AUTHENTICATE EXTERNAL\r\n")
    assert connection.read().tag == "+"
    connection.send(b"\r\n")
    assert connection.read_until("a")[1].name == "OK"
    connection.close()


def test_as_somebody_else(world):
    connection = world.connect(good(world))
    _, tagged = connection.command(
        "AUTHENTICATE EXTERNAL " + base64.b64encode(b"bob").decode())
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    connection.close()


# A subject and extensions for each way to name users; none names one user.
NAMELESS = {
    "no-name": ("/O=nobody", ""),
    "several": ("/CN=ann@ours.example/CN=bob",
                "subjectAltName=email:ann@ours.example,email:bob@x.example"),
    "not-for-clients": ("/CN=ann@ours.example",
                        "subjectAltName=email:ann@ours.example\n"
                        "extendedKeyUsage=serverAuth"),
}


@pytest.mark.parametrize("case", [*NAMELESS, "strange", "expired", "none"])
def test_nobody(world, case):
    """CVE-2019-3814: valid, but without the field; and what is not trusted.
    The connection is served as one without a certificate."""
    name, mail = "/CN=ann@ours.example", "subjectAltName=email:ann@ours.example"
    if case == "strange":
        certificate = world.strange.sign(case, name, mail)
    elif case == "expired":
        certificate = world.trusted.sign(case, name, mail, "-1")
    elif case == "none":
        certificate = None
    else:
        certificate = world.trusted.sign(case, *NAMELESS[case])
    connection = world.connect(certificate)
    assert not offered(connection)
    _, tagged = connection.command("AUTHENTICATE EXTERNAL =")
    assert (tagged.name, tagged.code_name) == ("NO", "CANNOT")
    connection.login("bob", "correct horse")
    connection.close()


def test_unknown_user(world):
    certificate = world.trusted.sign(
        "unknown", "/CN=nobody", "subjectAltName=email:nobody")
    connection = world.connect(certificate)
    _, tagged = connection.command("AUTHENTICATE EXTERNAL =")
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    connection.close()


def test_before_tls(world):
    connection = world.server.connect("imap")
    assert not offered(connection)
    _, tagged = connection.command("AUTHENTICATE EXTERNAL =")
    assert tagged.name == "NO"
    connection.close()


def test_bad_file(tmp_path):
    path = tmp_path / "empty.pem"
    path.write_text("")
    server = Server(more='tls = { client_ca = "%s"; };' % path)
    with pytest.raises(RuntimeError, match="no certificates in it"):
        server.start()
    server.remove()


def test_reload_changes_whom_a_certificate_names(tmp_path):
    """tls.client_ca and tls.client_name take effect with a reload."""
    made = World(tmp_path, "email")
    certificate = made.trusted.sign(
        "both", "/CN=bob", "subjectAltName=email:ann@ours.example")
    text = made.server.config.read_text(encoding="utf-8")

    def who_logs_in(configuration):
        made.server.config.write_text(configuration, encoding="utf-8")
        done = made.server.tool("reload")
        assert (done.returncode, done.stdout) == (0, ""), done
        connection = made.connect(certificate)
        name = None
        if offered(connection):
            connection.ok("AUTHENTICATE EXTERNAL =")
            name = made.server.tool("who").stdout.split("\t")[1]
        connection.close()
        return name

    ask = 'client_name = "email";'
    assert who_logs_in(text) == "ann@ours.example"
    assert who_logs_in(text.replace(ask, 'client_name = "common_name";')) \
        == "bob"
    none = "\n".join(line for line in text.splitlines()
                     if "client_ca" not in line)
    assert who_logs_in(none) is None
    assert who_logs_in(text) == "ann@ours.example"
    made.server.stop()
    made.server.remove()
