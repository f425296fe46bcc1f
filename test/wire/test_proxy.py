# SPDX-License-Identifier: MIT
"""The PROXY protocol in front of a listener: who the client is comes from the
proxies that are listed, and from nobody else."""

import re
import socket
import time

import pytest

from lib.bad_dialogues import (PROXIED, SIGNATURE, header_of_a_stranger,
                               malformed_header, proxy_binary, proxy_line,
                               refused_header)
from lib.bad_rows import talks
from lib.client import Closed, Connection, tls_context
from lib.server import PASSWORD, Server


@pytest.fixture(scope="module")
def proxied():
    made = Server(listeners=PROXIED).start()
    made.add_user("ann")
    yield made
    made.stop()
    made.remove()


def connect(server, header, listener="proxied", source="127.0.0.1"):
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


@pytest.mark.parametrize("header", [proxy_line, proxy_binary])
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


@pytest.mark.parametrize("header", [proxy_line, proxy_binary])
def test_byte_by_byte_with_pipelined_commands(proxied, header):
    connection = Connection(proxied.addresses["proxied"])
    for byte in header("192.0.2.2") + b"a CAPABILITY\r\n":
        connection.send(bytes([byte]))
        time.sleep(0.002)
    assert connection.read().name == "OK"
    assert connection.read_until("a")[1].name == "OK"
    connection.close()


@pytest.mark.parametrize("header", [proxy_line, proxy_binary])
def test_before_tls(proxied, header):
    connection = connect(proxied, header("192.0.2.3"), "proxieds")
    connection.socket = tls_context().wrap_socket(connection.socket)
    assert connection.read().name == "OK"
    connection.login("ann", PASSWORD)
    connection.close()


def test_lmtp(proxied):
    with socket.create_connection(proxied.addresses["proxiedl"], 30) as s:
        s.sendall(proxy_line("192.0.2.4") + b"QUIT\r\n")
        assert s.makefile("rb").read().startswith(b"220 ")


@pytest.mark.parametrize("header", [
    b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\0\0\0"])
def test_of_the_proxy_itself(proxied, header):
    """A health check: the peer is the proxy."""
    connection = connect(proxied, header)
    assert connection.read().name == "OK"
    connection.login("ann", PASSWORD)
    connection.close()


@talks("B16")
def test_b16_malformed(proxied, source, item):
    """Or truncated, or of somebody who is not listed."""
    lines = len(proxied.lines)
    item.repeat(proxied, source, None)
    if item.run is malformed_header:
        wait_for_log(proxied, "event=proxy-refused", lines)
    elif item.run is header_of_a_stranger:
        wait_for_log(proxied, "event=proxy-refused peer=%s" % source)


def test_b16_next_to_a_listed_network(proxied):
    refused_header(proxied, proxy_line("127.0.0.1"), source="127.8.255.255")
    wait_for_log(proxied, "event=proxy-refused peer=127.8.255.255")


def test_a_listed_network(proxied):
    connection = connect(proxied, proxy_line("192.0.2.5"), source="127.9.3.4")
    assert connection.read().name == "OK"
    connection.close()


def test_without_proxies_it_is_no_header(server, source):
    connection = server.connect("imap", source)
    _, tagged = connection.command('LOGIN "nobody" "x"')
    assert tagged.name == "NO"
    connection.close()
    connection = Connection(server.addresses["imap"], source)
    connection.send(proxy_line("192.0.2.66") + b"a LOGIN nobody x\r\n")
    assert connection.read().name == "OK"
    assert connection.read().name == "BAD"
    assert connection.read_until("a")[1].name == "NO"
    assert "192.0.2.66" not in server.log()
    connection.close()


def test_limit_of_one_address():
    """Counted by who the proxy says it is; this machine is not counted."""
    server = Server(more="address_connections = 3;", listeners=PROXIED).start()
    held = []
    for address in ["192.0.2.1"] * 3 + ["2001:db8::%d" % n for n in (1, 2, 3)]:
        held.append(connect(server, proxy_line(address)))
        assert held[-1].read().name == "OK"
    refused_header(server, proxy_line("192.0.2.1"))
    refused_header(server, proxy_binary("2001:db8::9"))
    for _ in range(5):
        held.append(connect(server, b"PROXY UNKNOWN\r\n"))
        assert held[-1].read().name == "OK"
    held.append(connect(server, proxy_line("2001:db8:0:1::1")))
    assert held[-1].read().name == "OK"
    held.pop(0).close()
    deadline = time.monotonic() + 30
    while True:
        another = connect(server, proxy_line("192.0.2.1"))
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
    server = Server(listeners=PROXIED).start()
    connection = connect(server, b"PROXY TCP4")
    time.sleep(0.2)
    begin = time.monotonic()
    server.stop()
    assert time.monotonic() - begin < 8
    connection.close()
    server.remove()


def test_refused_settings():
    server = Server(listeners=PROXIED.replace("127.9.0.0/16", "127.9.0.0/33"))
    done = server.tool("config", "check")
    assert done.returncode == 2
    assert re.search(r"avocet.conf:\d+: listener.proxied.proxies: must be",
                     done.stdout + done.stderr), done.stdout + done.stderr
    server.remove()
