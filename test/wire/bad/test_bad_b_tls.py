# SPDX-License-Identifier: MIT
"""Bad input around TLS: commands in front of a handshake and behind the command
that asks for it, handshakes that are none, certificates without a name, and
headers of the PROXY protocol."""

import socket
import ssl
import struct
import subprocess

import pytest

from lib.bad import check, others_are_served
from lib.bad_inputs import inputs
from lib.certificates import Authority
from lib.client import Connection, tls_context
from lib.server import PASSWORD, Server
from lib.shared import shared_server


def of(row):
    return pytest.mark.parametrize("item", inputs(row), ids=repr)


@pytest.fixture
def strict():
    """A server that takes no password in the clear."""
    return shared_server("never")


@of("B1")
def test_b1_commands_behind_starttls(server, source, user, item):
    """They are dropped: what is inside TLS has answers of its own only."""
    check(server, item, source, user)


@of("B2")
def test_b2_commands_instead_of_a_hello(server, source, user, item):
    """They are no handshake, so that the connection ends."""
    check(server, item, source, user)


@pytest.mark.parametrize("listener", ["imaps", "pop3s"])
@pytest.mark.parametrize("data", [
    b"a LOGIN u p\r\n", b"\xff" * 1000, b"\x16\x03\x01\xff\xff\x01",
    b"GET / HTTP/1.0\r\n\r\n", b"\x80\x2e\x01\x00\x02"])
def test_b2_no_hello_at_once(server, source, listener, data):
    with socket.create_connection(server.addresses[listener], 30,
                                  source_address=(source, 0)) as stranger:
        stranger.sendall(data)
        stranger.shutdown(socket.SHUT_WR)
        got = b""
        try:
            while more := stranger.recv(1000):
                got += more
        except ConnectionResetError:
            pass
        # At most an alert.
        assert len(got) <= 7 and b"OK" not in got
    others_are_served(server)


@of("B4")
def test_b4_unfinished_command(server, source, user, item):
    """STARTTLS within a literal or an exchange is not that command."""
    check(server, item, source, user)


def test_b4_nothing_is_left_of_it(server, source):
    """What a literal began does not go on inside TLS."""
    connection = server.connect("imap", source)
    connection.send(b"a STARTTLS\r\nx LOGIN {5+}\r\n")
    assert connection.read().name == "OK"
    try:
        connection.start_tls()
    except (ssl.SSLError, OSError):
        return
    connection.ok("NOOP")
    connection.close()


@of("B5")
def test_b5_commands_behind_stls(server, source, user, item):
    check(server, item, source, user)


@of("B6")
def test_b6_commands_behind_lmtp_starttls(server, source, user, item):
    """Neither they nor what was said before count inside."""
    check(server, item, source, user)


@pytest.mark.parametrize("command", [
    'LOGIN "%s" "%s"', "LOGIN %s {13+}\r\n%s", 'LOGIN "%s" "%s" extra'])
def test_b8_login_in_the_clear(strict, source, command):
    """Refused whatever the password is, which is not in the log."""
    user = strict.add_user()
    lines = len(strict.lines)
    connection = strict.connect("imap", source)
    _, tagged = connection.command(command % (user, PASSWORD))
    assert (tagged.name, tagged.code_name) in (("NO", "PRIVACYREQUIRED"),
                                               ("BAD", None))
    for _ in range(2):
        connection.send(b'b LOGIN "%s" wrong\r\n' % user.encode())
        assert connection.read().code_name == "PRIVACYREQUIRED"
    assert connection.read().name == "BYE"      # they were counted
    connection.expect_end()
    assert PASSWORD not in "".join(strict.lines[lines:])
    others_are_served(strict)


@pytest.mark.parametrize("initial", [
    b"AHVzZXIAcGFzc3dvcmQ=", b"!!!!", b"=", b"A" * 4000])
@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN"])
def test_b9_initial_response_in_the_clear(strict, source, mechanism, initial):
    """Refused before it is looked at: be it base64 or not, the answer is the
    same."""
    lines = len(strict.lines)
    connection = strict.connect("imap", source)
    connection.send(b"a AUTHENTICATE %s %s\r\n" % (mechanism, initial))
    tagged = connection.read()
    assert (tagged.name, tagged.code_name) == ("NO", "PRIVACYREQUIRED")
    connection.ok("NOOP")
    assert initial.decode() not in "".join(strict.lines[lines:]) \
        or initial == b"="
    connection.close()


def test_b10_what_was_learnt_before(strict, source):
    """Capabilities are other ones inside, and nothing said before counts."""
    user = strict.add_user()
    connection = strict.connect("imap", source)
    before = connection.ok("CAPABILITY")[0].data
    connection.ok('ID ("name" "in-the-clear")')
    connection.ok("STARTTLS")
    connection.start_tls()
    inside = connection.ok("CAPABILITY")[0].data
    assert "LOGINDISABLED" in before and "STARTTLS" in before
    assert not {"LOGINDISABLED", "STARTTLS"} & set(inside)
    assert "AUTH=PLAIN" in inside and "AUTH=PLAIN" not in before
    lines = len(strict.lines)
    connection.login(user, PASSWORD)
    connection.ok("NOOP")
    assert "in-the-clear" not in "".join(strict.lines[lines:])
    connection.close()


# -- handshakes -----------------------------------------------------------------

def hello(name):
    """A ClientHello of TLS 1.2 with the server name ${name}."""
    entry = b"\0" + struct.pack(">H", len(name)) + name
    extension = struct.pack(">HHH", 0, len(entry) + 2, len(entry)) + entry
    groups = struct.pack(">HHHH", 10, 4, 2, 23)
    signatures = struct.pack(">HHHHH", 13, 6, 4, 0x0403, 0x0804)
    extensions = extension + groups + signatures
    ciphers = struct.pack(">HHH", 0xc02b, 0xc02f, 0xc030)
    body = b"\x03\x03" + bytes(32) + b"\0" + \
        struct.pack(">H", len(ciphers)) + ciphers + b"\x01\0" + \
        struct.pack(">H", len(extensions)) + extensions
    message = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


@pytest.mark.parametrize("name", [
    b"x" * 255, b"x" * 256, b"x" * 5000, b"a\0b", b"../../etc/passwd", b"",
    b"\xff\xfe", b"a/b", b".", b"%n%s", b"test.example\0.evil.example"])
def test_b12_server_names(server, source, name):
    """Whatever stands there, the default certificate is shown or the handshake
    ends with an alert."""
    with socket.create_connection(server.addresses["imaps"], 30,
                                  source_address=(source, 0)) as stranger:
        stranger.sendall(hello(name))
        first = stranger.recv(1000)
        assert first[:1] in (b"\x16", b"\x15")
        if name == b"x" * 255:
            assert first[:1] == b"\x16"
    others_are_served(server)


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A server that asks for client certificates."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    made = Server(more='tls = { client_ca = "%s"; client_name = "common_name"; };'
                  % authority.file).start()
    made.add_user("ann")
    yield made, authority
    made.stop()
    made.remove()


@pytest.mark.parametrize("subject", ["/O=Nobody", "/", "/O=ann"])
def test_b13_certificate_without_a_name(certified, source, subject):
    """A good certificate that names nobody opens no door."""
    server, authority = certified
    file = authority.sign("named" + subject.strip("/="), subject)
    context = tls_context()
    context.load_cert_chain(file)
    connection = Connection(server.addresses["imap"], source)
    connection.read()
    connection.ok("STARTTLS")
    connection.socket = context.wrap_socket(connection.socket)
    for message in ("=", "YW5u"):
        connection.send(b"a AUTHENTICATE EXTERNAL %s\r\n" % message.encode())
        assert connection.read().name == "NO"
    connection.ok("NOOP")
    connection.close()
    others_are_served(server)


@pytest.mark.parametrize("version", ["SSLv3", "TLSv1", "TLSv1_1"])
def test_b14_old_versions(server, source, version):
    """RFC 8996."""
    context = tls_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = getattr(ssl.TLSVersion, version)
    connection = Connection(server.addresses["imaps"], source)
    with pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(connection.socket)
    others_are_served(server)


def s_client(server, *words, text):
    """What the openssl program says."""
    host, port = server.addresses["imaps"]
    return subprocess.run(
        ["openssl", "s_client", "-connect", "%s:%d" % (host, port), *words],
        input=text, capture_output=True, timeout=60, check=False)


def test_b14_renegotiation(server):
    """Refused by TLS 1.2; TLS 1.3 has none.  The greeting must not come into
    the handshake that is begun."""
    with subprocess.Popen(
            ["openssl", "s_client", "-connect",
             "%s:%d" % server.addresses["imaps"], "-tls1_2"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) as client:
        line = client.stdout.readline()
        while b" ready" not in line:
            assert line, "no greeting"
            line = client.stdout.readline()
        said, _ = client.communicate(b"R\n", 60)
    assert b"no renegotiation" in said or b"handshake failure" in said \
        or b"unexpected message" in said, said
    others_are_served(server)


def test_b14_no_early_data(server):
    """No ticket allows it."""
    done = s_client(server, "-tls1_3", text=b"a LOGOUT\r\n")
    out = done.stdout.decode("utf-8", "replace")
    assert "Max Early Data: 0" in out or "Early data was not sent" in out
    assert "Max Early Data: 4" not in out and "Max Early Data: 1" not in out
