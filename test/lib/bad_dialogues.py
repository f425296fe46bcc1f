# SPDX-License-Identifier: MIT
"""Dialogues of the table of bad inputs about framing, TLS and logging in; what
is done in mailboxes is in lib/bad_boxes.py.  What a row is about is said at its
test, and what is special about a dialogue here."""

import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import os
import socket
import ssl
import struct
import subprocess
import time

import pytest

from lib.bad import account, dialogue, others_are_served
from lib.bad_inputs import plain
from lib.client import Closed, Connection, quote, tls_context
from lib.server import PASSWORD

OWNER_S = 10    # for one login while strangers guess, on a busy machine


# -- A: framing ---------------------------------------------------------------

@dialogue("A9", size=[4096, 4097])
def long_literal(server, source, user, size):
    del user
    connection = server.connect("imap", source)
    connection.send(b"a LOGIN {%d+}\r\n" % size)
    if size == 4096:
        connection.send(b"\r\nb LOGOUT\r\n" * 341 + b"xxxx p\r\n")
        assert connection.read().name == "NO"
        connection.ok("NOOP")
    else:
        assert connection.read().name == "BYE"
        connection.expect_end()
    connection.close()
    others_are_served(server)


@dialogue("A20", inside=[False, True])
def client_that_does_not_read(server, source, user, inside):
    """Most of the flood stays with the client, until he reads."""
    connection = server.login(user, "imap", source) if inside \
        else server.connect("imap", source)
    connection.socket.setblocking(False)
    commands = b"a CAPABILITY\r\n" * 1000
    sent, full = 0, 0
    while full < 20:
        try:
            sent += connection.socket.send(commands[sent % 14:])
            full = 0
        except BlockingIOError:
            full += 1
            time.sleep(0.05)
        assert sent < 100 << 20
    others_are_served(server)
    connection.socket.setblocking(True)
    answers = 0
    while answers < sent // 14:
        connection.receive(time.monotonic() + 30)
        answers += connection.input.count(b"\na OK")
        del connection.input[:-4]
    connection.send((b"a CAPABILITY\r\n"[sent % 14:] if sent % 14 else b"")
                    + b"b NOOP\r\n")
    while b"\nb OK" not in connection.input:
        connection.receive(time.monotonic() + 30)
    connection.close()


# -- B: TLS -------------------------------------------------------------------

@dialogue("B2", listener=["imaps", "pop3s"], data=[
    b"a LOGIN u p\r\n", b"\xff" * 1000, b"\x16\x03\x01\xff\xff\x01",
    b"GET / HTTP/1.0\r\n\r\n", b"\x80\x2e\x01\x00\x02"])
def no_hello_at_once(server, source, user, listener, data):
    del user
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


@dialogue("B4")
def literal_goes_on_inside(server, source, user):
    """What a literal began does not go on inside TLS."""
    del user
    with contextlib.closing(server.connect("imap", source)) as connection:
        connection.send(b"a STARTTLS\r\nx LOGIN {5+}\r\n")
        assert connection.read().name == "OK"
        try:
            connection.start_tls()
        except (ssl.SSLError, OSError):
            return
        connection.ok("NOOP")


@dialogue("B8", strict=True, command=[
    'LOGIN "%s" "%s"', "LOGIN %s {13+}\r\n%s", 'LOGIN "%s" "%s" extra'])
def login_in_the_clear(server, source, user, command):
    lines = len(server.lines)
    connection = server.connect("imap", source)
    _, tagged = connection.command(command % (user, PASSWORD))
    assert (tagged.name, tagged.code_name) in (("NO", "PRIVACYREQUIRED"),
                                               ("BAD", None))
    for _ in range(2):
        connection.send(b'b LOGIN "%s" wrong\r\n' % user.encode())
        assert connection.read().code_name == "PRIVACYREQUIRED"
    assert connection.read().name == "BYE"      # they were counted
    connection.expect_end()
    connection.close()
    assert PASSWORD not in "".join(server.lines[lines:])
    others_are_served(server)


@dialogue("B9", strict=True, mechanism=[b"PLAIN", b"LOGIN"], initial=[
    b"AHVzZXIAcGFzc3dvcmQ=", b"!!!!", b"=", b"A" * 4000])
def initial_response_in_the_clear(server, source, user, mechanism, initial):
    del user
    lines = len(server.lines)
    connection = server.connect("imap", source)
    connection.send(b"a AUTHENTICATE %s %s\r\n" % (mechanism, initial))
    tagged = connection.read()
    assert (tagged.name, tagged.code_name) == ("NO", "PRIVACYREQUIRED")
    connection.ok("NOOP")
    assert initial.decode() not in "".join(server.lines[lines:]) \
        or initial == b"="
    connection.close()


@dialogue("B10", strict=True)
def what_was_learnt_before(server, source, user):
    connection = server.connect("imap", source)
    before = connection.ok("CAPABILITY")[0].data
    program = "in-the-clear-" + source
    connection.ok('ID ("name" "%s")' % program)
    connection.ok("STARTTLS")
    connection.start_tls()
    inside = connection.ok("CAPABILITY")[0].data
    assert "LOGINDISABLED" in before and "STARTTLS" in before
    assert not {"LOGINDISABLED", "STARTTLS"} & set(inside)
    assert "AUTH=PLAIN" in inside and "AUTH=PLAIN" not in before
    lines = len(server.lines)
    connection.login(user, PASSWORD)
    connection.ok("NOOP")
    assert program not in "".join(server.lines[lines:])
    connection.close()


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


@dialogue("B12", name=[
    b"x" * 255, b"x" * 256, b"x" * 5000, b"a\0b", b"../../etc/passwd", b"",
    b"\xff\xfe", b"a/b", b".", b"%n%s", b"test.example\0.evil.example"])
def server_name(server, source, user, name):
    del user
    with socket.create_connection(server.addresses["imaps"], 30,
                                  source_address=(source, 0)) as stranger:
        stranger.sendall(hello(name))
        first = stranger.recv(1000)
        assert first[:1] in (b"\x16", b"\x15")
        if name == b"x" * 255:
            assert first[:1] == b"\x16"
    others_are_served(server)


NAMELESS = ["/O=Nobody", "/", "/O=ann"]


def trusting(authority):
    """Configuration of a server that asks for certificates of clients."""
    return 'tls = { client_ca = "%s"; client_name = "common_name"; };\n' \
        % authority.file


@dialogue("B13", subject=NAMELESS)
def certificate_without_a_name(server, source, user, subject):
    """${server} is trusting() its attribute "authority"."""
    del user
    context = tls_context()
    context.load_cert_chain(server.authority.signed(subject))
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


@dialogue("B14", version=["SSLv3", "TLSv1", "TLSv1_1"])
def old_version(server, source, user, version):
    """RFC 8996."""
    del user
    context = tls_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = getattr(ssl.TLSVersion, version)
    connection = Connection(server.addresses["imaps"], source)
    with pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(connection.socket)
    connection.close()
    others_are_served(server)


def s_client(server, *words):
    """The openssl program, whose connection stands."""
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect",
         "%s:%d" % server.addresses["imaps"], *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    said = client.stdout.readline()
    while b" ready" not in said[-2000:]:
        line = client.stdout.readline()
        assert line, "no greeting"
        said += line
    return client, said


@dialogue("B14")
def renegotiation(server, source, user):
    """Refused by TLS 1.2; TLS 1.3 has none.  The greeting must not come into
    the handshake that is begun."""
    del source, user
    client, _ = s_client(server, "-tls1_2")
    with client:
        said, _ = client.communicate(b"R\n", 60)
    assert b"no renegotiation" in said or b"handshake failure" in said \
        or b"unexpected message" in said, said
    others_are_served(server)


@dialogue("B14")
def early_data(server, source, user):
    """No ticket allows it."""
    del source, user
    client, said = s_client(server, "-tls1_3")
    with client:
        more, _ = client.communicate(b"a LOGOUT\r\n", 60)
    said = (said + more).decode("utf-8", "replace")
    assert "Max Early Data: 0" in said or "Early data was not sent" in said
    assert "Max Early Data: 4" not in said and "Max Early Data: 1" not in said


# Listeners behind proxies, in the configuration of a server.
PROXIED = """
  proxied = { protocol = "imap"; address = "127.0.0.1:0"; tls = "starttls";
    proxies = [ "127.0.0.1", "127.9.0.0/16" ]; };
  proxieds = { protocol = "imap"; address = "127.0.0.1:0"; tls = "implicit";
    proxies = [ "127.0.0.1" ]; };
  proxiedl = { protocol = "lmtp"; address = "127.0.0.1:0"; tls = "none";
    proxies = [ "127.0.0.1" ]; };
"""
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def proxy_line(address):
    kind = b"TCP6" if ":" in address else b"TCP4"
    return b"PROXY %s %s %s 1024 143\r\n" % (
        kind, address.encode(), address.encode())


def proxy_binary(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    octets = 2 * socket.inet_pton(family, address) + struct.pack(">HH", 1, 2)
    kind = 0x21 if ":" in address else 0x11
    # and a TLV, which is passed over
    octets += b"\x04\0\1x"
    return SIGNATURE + struct.pack(">BBH", 0x21, kind, len(octets)) + octets


def refused_header(server, header, listener="proxied", source="127.0.0.1",
                   end=False):
    """Nothing is said to who sends it."""
    connection = Connection(server.addresses[listener], source)
    connection.send(header)
    if end:
        connection.socket.shutdown(socket.SHUT_WR)
    with pytest.raises((Closed, OSError, ssl.SSLError)):
        connection.read()
    connection.close()


@dialogue("B16", listener=["proxied", "proxieds"], header=[
    b"a CAPABILITY\r\n", b"PROXY TCP4 1.2.3.4\r\n", b"PROXY " + b"1" * 300,
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 99999\r\n",
    SIGNATURE + b"\x21\x11\xff\xff", SIGNATURE + b"\x21\x11\0\x04abcd",
    SIGNATURE + b"\x31\x11\0\x0c" + b"x" * 12,
    b"\x16\x03\x01\x02\x00\x01"])
def malformed_header(server, source, user, listener, header):
    del source, user
    refused_header(server, header, listener)


@dialogue("B16", header=[
    b"", b"PROXY TCP4 192", proxy_binary("192.0.2.1")[:20]])
def truncated_header(server, source, user, header):
    del source, user
    refused_header(server, header, end=True)


@dialogue("B16")
def header_of_a_stranger(server, source, user):
    del user
    refused_header(server, proxy_line("127.0.0.1"), source=source)


# -- C: logging in ------------------------------------------------------------

@dialogue("C4")
def for_somebody_else(server, source, user):
    with account(server) as other, \
            contextlib.closing(server.connect("imap", source)) as connection:
        answers = set()
        for authzid in (other, "nobody-here", "x" * 200, "../" + user,
                        user + "x"):
            connection.send(b"a AUTHENTICATE PLAIN %s\r\n" % plain(
                user.encode(), PASSWORD.encode(), authzid.encode()))
            answers.add(connection.read().raw)
        connection.send(b"a AUTHENTICATE PLAIN %s\r\n" % plain(
            user.encode(), b"wrong"))
        answers.add(connection.read().raw)
        assert len(answers) == 1
        assert b"NO [AUTHENTICATIONFAILED]" in answers.pop()
        connection.ok("NOOP")


@dialogue("C5", change=[str.upper, str.title, str.lower])
def case_of_a_name(server, source, user, change):
    connection = server.connect("imap", source)
    connection.login(change(user), PASSWORD)
    connection.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    other = server.login(user, "imap", source)
    assert other.ok("STATUS INBOX (MESSAGES)")[0].data[1]["MESSAGES"] == 1
    connection.close()
    other.close()


def scram(connection, user, nonce):
    """The server's first message: {letter: value}."""
    connection.send(b"a AUTHENTICATE SCRAM-SHA-256 %s\r\n" % base64.b64encode(
        b"n,,n=%s,r=%s" % (user.encode(), nonce)))
    challenge = base64.b64decode(connection.read().text)
    return dict(part.split(b"=", 1) for part in challenge.split(b","))


def proof(first, user, nonce, password):
    """The client's last message (RFC 5802 section 3)."""
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(
        first[b"s"]), int(first[b"i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    bare = b"n=%s,r=%s" % (user.encode(), nonce)
    server_first = b"r=%s,s=%s,i=%s" % (first[b"r"], first[b"s"], first[b"i"])
    final = b"c=biws,r=" + first[b"r"]
    signature = hmac.digest(
        hashlib.sha256(key).digest(),
        b",".join((bare, server_first, final)), "sha256")
    mixed = bytes(a ^ b for a, b in zip(key, signature))
    return final + b",p=" + base64.b64encode(mixed)


@dialogue("C8")
def nonce_used_again(server, source, user):
    nonce = b"fyko+d2lbbFgONRv9qkxdawL"
    connection = server.connect("imap", source)
    first = scram(connection, user, nonce)
    last = base64.b64encode(proof(first, user, nonce, PASSWORD.encode()))
    connection.send(last + b"\r\n")
    assert connection.read().tag == "+"
    connection.send(b"\r\n")
    assert connection.read_until("a")[1].name == "OK"
    connection.close()
    seen = {first[b"r"]}
    for _ in range(5):
        connection = server.connect("imap", source)
        again = scram(connection, user, nonce)
        assert again[b"r"].startswith(nonce) and again[b"r"] not in seen
        assert again[b"s"] == first[b"s"]
        seen.add(again[b"r"])
        connection.send(last + b"\r\n")
        assert connection.read_until("a")[1].name == "NO"
        connection.ok("NOOP")
        connection.close()


# Users whose hashes cost a guess little: a file of them.
CHEAP_USERS = "ann:{PLAIN}right\nbob:{PLAIN}right\n"


def attempt(server, source, user, password):
    """The tagged answer and how long it took."""
    connection = server.connect("imap", source)
    begin = time.monotonic()
    _, tagged = connection.command('LOGIN "%s" "%s"' % (user, password))
    took = time.monotonic() - begin
    connection.close()
    return tagged, took


def owner_gets_in(server, source, user):
    tagged, took = attempt(server, source, user, "right")
    assert tagged.name == "OK" and took < OWNER_S


@dialogue("C12")
def many_addresses_on_one_user(server, source, user, strangers=10, at_once=10):
    """The addresses are those behind ${source}; the owner has one beside."""
    del user
    first = int.from_bytes(socket.inet_aton(source), "big")

    def guess(number):
        return attempt(server, socket.inet_ntoa((first + number).to_bytes(
            4, "big")), "ann", "guess%d" % number)

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        guesses = [pool.submit(guess, number) for number in range(strangers)]
        next(concurrent.futures.as_completed(guesses))
        while not all(done.done() for done in guesses):
            owner_gets_in(server, "127.0.0.8", "ann")
            time.sleep(0.5)
    for done in guesses:
        tagged, took = done.result()
        assert (tagged.name, tagged.code_name) \
            == ("NO", "AUTHENTICATIONFAILED")
        assert took > 0.2
    owner_gets_in(server, "127.0.0.9", "ann")


@dialogue("C12")
def many_users_from_one_address(server, source, user, users=4):
    """The codes of the answers."""
    del user

    def guess(number):
        return attempt(server, source, "nobody%d" % number, "guess")[0]

    with concurrent.futures.ThreadPoolExecutor(users) as pool:
        guesses = [pool.submit(guess, number) for number in range(users)]
        next(concurrent.futures.as_completed(guesses))
        owner_gets_in(server, "127.0.0.8", "bob")
    codes = [done.result().code_name for done in guesses]
    assert set(codes) <= {"AUTHENTICATIONFAILED", "UNAVAILABLE"}
    return codes


@dialogue("C13")
def unknown_user_or_wrong_password(server, source, user):
    unknown = "nobody" + os.urandom(4).hex()
    answers = {user: [], unknown: []}
    for name, got in answers.items():
        for command in (b'a LOGIN "%s" "wrong"\r\n' % name.encode(),
                        b"a AUTHENTICATE PLAIN %s\r\n" % plain(
                            name.encode(), b"wrong")):
            connection = server.connect("imap", source)
            connection.send(command)
            got.append(connection.read().raw)
            connection.close()
        connection = server.connect("imap", source)
        nonce = b"abcdefghijklmnop"
        first = scram(connection, name, nonce)
        got.append((len(first[b"r"]), len(first[b"s"]), first[b"i"]))
        connection.send(base64.b64encode(
            proof(first, name, nonce, b"wrong")) + b"\r\n")
        got.append(connection.read().raw)
        salt = first[b"s"]
        connection.ok("NOOP")
        assert scram(connection, name, nonce)[b"s"] == salt
        connection.close()
    assert answers[user] == answers[unknown]
    others_are_served(server)


@dialogue("C16", password=['a"b', "a\\b", "a{3}b", "gr\u00fcn", " spaces ",
                           "x" * 1000])
def password_of_any_kind(server, source, user, password):
    del user
    with account(server, password) as name:
        first = server.connect("imaps", source)
        first.ok("LOGIN %s " % name, password.encode())
        second = server.connect("imaps", source)
        second.ok('LOGIN %s %s' % (name, quote(password)))
        first.close()
        second.close()
