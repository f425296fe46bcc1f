# SPDX-License-Identifier: MIT
"""COMPRESS=DEFLATE (RFC 4978): whatever way a client flushes and its octets are
cut; what is pipelined; bombs, garbage, slow readers, and what an idle session
costs."""

import contextlib
import os
import random
import time
import zlib

import pytest

from lib.client import Closed, Deflated

FLUSHES = {"partial": zlib.Z_PARTIAL_FLUSH, "sync": zlib.Z_SYNC_FLUSH,
           "full": zlib.Z_FULL_FLUSH}
MESSAGE = b"Subject: compressed\r\n\r\n" + b"text of it\r\n" * 100
NOISE = random.Random(4978).randbytes(200000).hex().encode()


@contextlib.contextmanager
def compressed(server, user, *how, listener="imap", source="127.0.0.1"):
    connection = server.login(user, listener, source)
    connection.ok("COMPRESS DEFLATE")
    connection.start_compression(*how)
    yield connection
    connection.close()


@pytest.mark.parametrize("listener", ["imap", "imaps"])
@pytest.mark.parametrize("cut", [1, 2, 3, 100, 65536])
@pytest.mark.parametrize("flush", FLUSHES)
def test_e33_flushes_and_cuts(server, source, user, flush, cut, listener):
    """Each command is understood as soon as its flush is there."""
    with compressed(server, user, FLUSHES[flush], cut, listener=listener,
                    source=source) as connection:
        connection.ok("NOOP")
        connection.append("INBOX", MESSAGE)
        connection.ok("SELECT INBOX")
        response, = connection.ok("FETCH 1 BODY.PEEK[]")
        assert MESSAGE in response.raw
        for number in range(20):
            connection.ok("STORE 1 FLAGS (k%d)" % number)
        tag = connection.start("IDLE")
        assert connection.read().tag == "+"
        connection.send(b"DONE\r\nz NOOP\r\n")
        assert connection.read_until(tag)[1].name == "OK"
        assert connection.read_until("z")[1].name == "OK"


def test_pipelined_behind_the_command(server, source, user):
    """What comes in one packet with COMPRESS is compressed already."""
    connection = server.login(user, "imap", source)
    client = Deflated(connection.socket)
    packed = client.out.compress(b"b NOOP\r\nc NOOP\r\n") + \
        client.out.flush(zlib.Z_SYNC_FLUSH)
    connection.send(b"a COMPRESS DEFLATE\r\n" + packed)
    line = b""
    while not line.endswith(b"\r\n"):
        line += connection.socket.recv(1)
    assert line.startswith(b"a OK ")
    connection.socket = client
    assert connection.read_until("b")[1].name == "OK"
    assert connection.read_until("c")[1].name == "OK"
    connection.ok("LOGOUT")
    connection.close()


def test_client_that_ends_its_stream(server, source, user):
    """Z_FINISH behind LOGOUT is as good as a flush."""
    with compressed(server, user, zlib.Z_FINISH,
                    source=source) as connection:
        connection.send(b"a LOGOUT\r\n")
        assert connection.read_until("a")[1].name == "OK"
        connection.expect_end()


@pytest.mark.parametrize("listener", ["imap", "imaps"])
def test_slow_reader(server, source, user, listener):
    """Much that packs and much that does not, to one who reads late."""
    messages = [MESSAGE * 500, b"Subject: noise\r\n\r\n" + NOISE,
                b"Subject: bits\r\n\r\n" + os.urandom(300000).replace(
                    b"\0", b"\1")]
    with compressed(server, user, listener=listener,
                    source=source) as connection:
        for message in messages:
            connection.append("INBOX", message)
        connection.ok("SELECT INBOX")
        for _ in range(5):
            connection.send(b"f FETCH 1:* BODY.PEEK[]\r\n")
        connection.send(b"g NOOP\r\n")
        with server.login(user, "imap", source).socket:
            pass    # others are served
        time.sleep(0.5)
        for _ in range(5):
            untagged, tagged = connection.read_until("f")
            assert tagged.name == "OK"
            for response, message in zip(untagged, messages, strict=True):
                assert response.raw.endswith(
                    b"{%d}\r\n" % len(message) + message + b")\r\n")
        assert connection.read_until("g")[1].name == "OK"


def test_it_saves_octets(server, source, user):
    with compressed(server, user, source=source) as connection:
        for _ in range(100):
            connection.append("INBOX", MESSAGE)
        connection.ok("SELECT INBOX")
        before = connection.socket.received
        responses = connection.ok("FETCH 1:* (UID FLAGS ENVELOPE "
                                  "BODYSTRUCTURE INTERNALDATE)")
        plain = sum(len(response.raw) for response in responses)
        assert connection.socket.received - before < plain / 8


# -- attacks ----------------------------------------------------------------

def bomb(size):
    """${size} octets without a line end, packed."""
    out = zlib.compressobj(9, wbits=-15)
    packed = out.compress(b"x" * size) + out.flush(zlib.Z_SYNC_FLUSH)
    assert len(packed) < size / 900
    return packed


def resident_kb(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file
                        if line.startswith("VmRSS")))


def processor_s(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(int(f) for f in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def test_e33_bomb(server, source, user):
    """A command that never ends costs what the limit of a line costs."""
    with compressed(server, user, source=source) as connection:
        before = resident_kb(server)
        began = processor_s(server)
        try:
            for _ in range(10):
                connection.socket.below.sendall(bomb(100 * 1024 * 1024))
        except (BrokenPipeError, ConnectionResetError):
            pass
        response = None
        with contextlib.suppress(Closed):
            response = connection.read()
            while response.name not in ("BYE", "BAD"):
                response = connection.read()
        assert processor_s(server) - began < 10
        assert resident_kb(server) - before < 30000
    assert server.alive()


def test_e33_bomb_in_a_refused_literal(server, source, user):
    """It is dropped as it comes, and meanwhile others are served."""
    size = 60 * 1024 * 1024
    with compressed(server, user, source=source) as connection, \
            contextlib.closing(server.login(user, "imap", source)) as other:
        before = resident_kb(server)
        packed = connection.socket.out.compress(
            b"a APPEND none {%d+}\r\n" % size + b"x" * size +
            b"\r\nb NOOP\r\n")
        packed += connection.socket.out.flush(zlib.Z_SYNC_FLUSH)
        assert len(packed) < 100000
        connection.socket.below.sendall(packed)
        other.ok("NOOP")
        assert connection.read_until("a")[1].name == "NO"
        assert connection.read_until("b")[1].name == "OK"
        assert resident_kb(server) - before < 30000


def test_e33_bomb_of_nothing(server, source, user):
    """Blocks that hold nothing, for ever."""
    with compressed(server, user, source=source) as connection:
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for _ in range(1000):
                connection.socket.below.sendall(b"\0\0\0\xff\xff" * 10000)


@pytest.mark.parametrize("garbage", [
    b"a NOOP\r\n", b"\x07", b"\xff" * 1000, b"\x78\x9c\x01\x02\x03\x04", NOISE],
    ids=["clear", "type", "ones", "zlib", "noise"])
def test_garbage(server, source, user, garbage):
    """BYE, and the end."""
    with compressed(server, user, source=source) as connection:
        connection.socket.below.sendall(garbage)
        assert connection.read().name == "BYE"
        connection.expect_end()


def test_garbage_in_a_literal(server, source, user):
    with compressed(server, user, source=source) as connection:
        connection.send(b"a APPEND INBOX {100}\r\n")
        assert connection.read().tag == "+"
        connection.socket.below.sendall(b"\x07garbage")
        with pytest.raises((Closed, AssertionError)):
            connection.read_until("a")
    with compressed(server, user, source=source) as connection:
        untagged = connection.ok("STATUS INBOX (MESSAGES)")
        assert b"MESSAGES 0" in untagged[0].raw


# -- rest -------------------------------------------------------------------

def test_goes_on_after_a_rest(server, source):
    """The state was freed between these commands, which are alike, so that the
    client refers back."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(compressed(
            server, server.add_user(), flush, source=source))
                       for flush in FLUSHES.values()]
        for connection in connections:
            connection.append("INBOX", MESSAGE)
            connection.ok("SELECT INBOX")
            for _ in range(10):
                connection.ok("FETCH 1 (FLAGS BODY.PEEK[])")
        time.sleep(2.5)
        for connection in connections:
            connection.append("INBOX", MESSAGE)
            for _ in range(10):
                response, = connection.ok("FETCH 1 (FLAGS BODY.PEEK[])")
                assert MESSAGE in response.raw
