# SPDX-License-Identifier: MIT
"""The PROXY protocol in front of a listener: who the client is comes from the
proxies that are listed, and from nobody else."""

import re
import socket
import ssl
import struct
import time

import pytest

from lib.client import Closed, Connection, tls_context
from lib.server import PASSWORD, Server

CONFIG = """\
hostname = "test.example"
data = "%s"
user = ""
plaintext_login = "loopback"
sandbox = false
listener = {
  imap = { protocol = "imap"; address = "127.0.0.1:0"; proxies = [ "127.0.0.1", "127.9.0.0/16" ]; };
  imaps = { protocol = "imap"; address = "127.0.0.1:0"; tls = "implicit"; proxies = [ "127.0.0.1" ]; };
  lmtp = { protocol = "lmtp"; address = "127.0.0.1:0"; tls = "none"; proxies = [ "127.0.0.1" ]; };
};
"""
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


@pytest.fixture(scope="module")
def proxied():
    made = Server()
    made.config.write_text(CONFIG % (made.folder / "data"))
    made.start()
    made.add_user("ann")
    yield made
    made.stop()
    made.remove()


def line(address):
    kind = b"TCP6" if ":" in address else b"TCP4"
    return b"PROXY %s %s %s 1024 143\r\n" % (
        kind, address.encode(), address.encode())


def binary(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    octets = 2 * socket.inet_pton(family, address) + struct.pack(">HH", 1, 2)
    kind = 0x21 if ":" in address else 0x11
    # and a TLV, which is passed over
    octets += b"\x04\0\1x"
    return SIGNATURE + struct.pack(">BBH", 0x21, kind, len(octets)) + octets


def connect(server, header, listener="imap", source="127.0.0.1"):
    connection = Connection(server.addresses[listener], source)
    connection.send(header)
    return connection


def wait_for_log(server, text, first=0):
    """A line of the log from the ${first} on; it may be read a little after
    what the client sees."""
    deadline = time.monotonic() + 30
    while text not in "".join(server.lines[first:]):
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.02)


@pytest.mark.parametrize("header", [line, binary])
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::7"])
def test_address(proxied, header, address):
    connection = connect(proxied, header(address))
    assert connection.read().name == "OK"
    # Not loopback any more, so that no password goes in clear.
    _, tagged = connection.command('LOGIN "ann" "%s"' % PASSWORD)
    assert tagged.code_name == "PRIVACYREQUIRED"
    connection.ok("STARTTLS")
    connection.start_tls()
    lines = len(proxied.lines)
    _, tagged = connection.command('LOGIN "ann" "wrong"')
    assert tagged.code_name == "AUTHENTICATIONFAILED"
    wait_for_log(proxied, "event=login-failed protocol=imap peer=%s "
                 % address, lines)
    connection.close()


@pytest.mark.parametrize("header", [line, binary])
def test_byte_by_byte_with_pipelined_commands(proxied, header):
    connection = Connection(proxied.addresses["imap"])
    for byte in header("192.0.2.2") + b"a CAPABILITY\r\n":
        connection.send(bytes([byte]))
        time.sleep(0.002)
    assert connection.read().name == "OK"
    assert connection.read_until("a")[1].name == "OK"
    connection.close()


@pytest.mark.parametrize("header", [line, binary])
def test_before_tls(proxied, header):
    connection = connect(proxied, header("192.0.2.3"), "imaps")
    connection.socket = tls_context().wrap_socket(connection.socket)
    assert connection.read().name == "OK"
    connection.login("ann", PASSWORD)
    connection.close()


def test_lmtp(proxied):
    with socket.create_connection(proxied.addresses["lmtp"], 30) as s:
        s.sendall(line("192.0.2.4") + b"QUIT\r\n")
        assert s.makefile("rb").read().startswith(b"220 ")


@pytest.mark.parametrize("header", [
    b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\0\0\0"])
def test_of_the_proxy_itself(proxied, header):
    """A health check: the peer is the proxy."""
    connection = connect(proxied, header)
    assert connection.read().name == "OK"
    connection.login("ann", PASSWORD)
    connection.close()


def closed(connection):
    with pytest.raises((Closed, OSError, ssl.SSLError)):
        connection.read()
    connection.close()


@pytest.mark.parametrize("header", [
    b"a CAPABILITY\r\n", b"PROXY TCP4 1.2.3.4\r\n", b"PROXY " + b"1" * 300,
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 99999\r\n",
    SIGNATURE + b"\x21\x11\xff\xff", SIGNATURE + b"\x21\x11\0\x04abcd",
    SIGNATURE + b"\x31\x11\0\x0c" + b"x" * 12,
    b"\x16\x03\x01\x02\x00\x01"])
@pytest.mark.parametrize("listener", ["imap", "imaps"])
def test_b16_malformed(proxied, header, listener):
    lines = len(proxied.lines)
    closed(connect(proxied, header, listener))
    wait_for_log(proxied, "event=proxy-refused", lines)


@pytest.mark.parametrize("header", [
    b"", b"PROXY TCP4 192", binary("192.0.2.1")[:20]])
def test_b16_truncated(proxied, header):
    connection = connect(proxied, header)
    connection.socket.shutdown(socket.SHUT_WR)
    closed(connection)


@pytest.mark.parametrize("source", ["127.0.0.2", "127.8.255.255"])
def test_b16_not_from_strangers(proxied, source):
    """Nobody who is not listed says who he is."""
    closed(connect(proxied, line("127.0.0.1"), source=source))
    wait_for_log(proxied, "event=proxy-refused peer=%s" % source)


def test_a_listed_network(proxied):
    connection = connect(proxied, line("192.0.2.5"), source="127.9.3.4")
    assert connection.read().name == "OK"
    connection.close()


def test_without_proxies_it_is_no_header(server, source):
    connection = server.connect("imap", source)
    _, tagged = connection.command('LOGIN "nobody" "x"')
    assert tagged.name == "NO"
    connection.close()
    connection = Connection(server.addresses["imap"], source)
    connection.send(line("192.0.2.66") + b"a LOGIN nobody x\r\n")
    assert connection.read().name == "OK"
    assert connection.read().name == "BAD"
    assert connection.read_until("a")[1].name == "NO"
    assert "192.0.2.66" not in server.log()
    connection.close()


def test_limit_of_one_address():
    """Counted by who the proxy says it is; this machine is not counted."""
    server = Server()
    server.config.write_text(
        CONFIG % (server.folder / "data") + "address_connections = 3;\n")
    server.start()
    held = []
    for address in ["192.0.2.1"] * 3 + ["2001:db8::%d" % n for n in (1, 2, 3)]:
        held.append(connect(server, line(address)))
        assert held[-1].read().name == "OK"
    closed(connect(server, line("192.0.2.1")))
    closed(connect(server, binary("2001:db8::9")))
    for _ in range(5):
        held.append(connect(server, b"PROXY UNKNOWN\r\n"))
        assert held[-1].read().name == "OK"
    held.append(connect(server, line("2001:db8:0:1::1")))
    assert held[-1].read().name == "OK"
    held.pop(0).close()
    deadline = time.monotonic() + 30
    while True:
        another = connect(server, line("192.0.2.1"))
        try:
            assert another.read().name == "OK"
            break
        except (Closed, OSError):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    for connection in [*held, another]:
        connection.close()
    server.stop()
    server.remove()


def test_silent_one_does_not_hold_up_a_stop():
    server = Server()
    server.config.write_text(CONFIG % (server.folder / "data"))
    server.start()
    connection = connect(server, b"PROXY TCP4")
    time.sleep(0.2)
    begin = time.monotonic()
    server.stop()
    assert time.monotonic() - begin < 8
    connection.close()
    server.remove()


def test_refused_settings():
    server = Server()
    server.config.write_text((CONFIG % (server.folder / "data")).replace(
        "127.9.0.0/16", "127.9.0.0/33"))
    done = server.tool("config", "check")
    assert done.returncode == 2
    assert re.search(r"avocet.conf:7: listener.imap.proxies: must be",
                     done.stdout + done.stderr), done.stdout + done.stderr
    server.remove()
