# SPDX-License-Identifier: MIT
"""Bytes in are bytes out: every test message goes in by APPEND and by LMTP and
comes out as it was, whole, in parts and in ranges.

Besides the messages in test/data, those of a folder that AVOCET_CORPUS names
(or ../shared/corpus when it is there)."""

import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = pathlib.Path(os.environ.get("AVOCET_CORPUS",
                                     ROOT.parent / "shared" / "corpus"))
SKIPPED = re.compile(r"LICEN[CS]E|COPYING|NOTICE|README|MANIFEST|"
                     r"\.(json|xml|md|out|tsv)$|_decoded|\.expect")


def files():
    folders = [ROOT / "test" / "data"]
    if CORPUS.is_dir():
        folders.append(CORPUS)
    return [path for folder in folders for path in sorted(folder.rglob("*"))
            if path.is_file() and not SKIPPED.search(str(path))]


def with_crlf(data):
    return re.sub(rb"(?<!\r)\n", b"\r\n", data)


def literal(response):
    """The octets of the last item of a FETCH response."""
    match = re.search(rb"\{(\d+)\}\r\n", response.raw)
    if match is None:
        assert response.raw.endswith(b' "")\r\n'), response
        return b""
    return response.raw[match.end():match.end() + int(match[1])]


def fetch(session, number, item):
    answers = [response for response
               in session.ok(f"FETCH {number} ({item})")
               if response.name == "FETCH"]
    assert len(answers) == 1, answers
    return literal(answers[0])


def check_stored(session, number, data):
    """BODY[], its header and text, and a range."""
    assert fetch(session, number, "BODY.PEEK[]") == data
    header = fetch(session, number, "BODY.PEEK[HEADER]")
    text = fetch(session, number, "BODY.PEEK[TEXT]")
    assert header + text == data
    at = len(data) // 3
    assert fetch(session, number, f"BODY.PEEK[]<{at}.1000>") \
        == data[at:at + 1000]
    sizes = session.ok(f"FETCH {number} (RFC822.SIZE ENVELOPE BODY "
                       "BODYSTRUCTURE)")
    assert b"RFC822.SIZE %d " % len(data) in sizes[0].raw


@pytest.fixture(scope="module")
def messages():
    """Distinct, not empty, with the line ends of the wire."""
    texts = {}
    for path in files():
        data = with_crlf(path.read_bytes())
        if data:
            texts.setdefault(data, path)
    return list(texts.items())


def test_append(server, user, messages):
    session = server.login(user)
    session.ok("SELECT INBOX")
    for number, (data, path) in enumerate(messages, 1):
        # NUL is for literal8 (RFC 3516 section 4.4).
        prefix = b"~" if b"\0" in data else b""
        session.send(b"a APPEND INBOX " + prefix
                     + b"{%d+}\r\n" % len(data) + data + b"\r\n")
        _, tagged = session.read_until("a")
        assert tagged.name == "OK", (path, tagged)
        try:
            check_stored(session, number, data)
        except AssertionError as error:
            raise AssertionError(f"{path}: {error}") from error
    session.close()


def test_lmtp(server, user, messages):
    session = server.login(user)
    session.ok("SELECT INBOX")
    with server.lmtp() as lmtp:
        lmtp.ehlo("client.example")
        for number, (data, path) in enumerate(messages, 1):
            chunked = b"\0" in data or not data.endswith(b"\r\n") \
                or number % 3 == 0
            send = send_chunk if chunked else send_data
            assert send(lmtp, user, data) == 250, path
            session.ok("NOOP")
            prefix = (b"Return-Path: <s@example.net>\r\nDelivered-To: <%s>\r\n"
                      % user.encode())
            try:
                check_stored(session, number, prefix + data)
            except AssertionError as error:
                raise AssertionError(f"{path}: {error}") from error
    session.close()


def begin(lmtp, user):
    assert lmtp.docmd("MAIL FROM:<s@example.net> BODY=8BITMIME")[0] == 250
    assert lmtp.docmd(f"RCPT TO:<{user}>")[0] == 250


def send_data(lmtp, user, data):
    begin(lmtp, user)
    assert lmtp.docmd("DATA")[0] == 354
    lmtp.sock.sendall(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
    return lmtp.getreply()[0]


def send_chunk(lmtp, user, data):
    """BDAT (RFC 3030), in two chunks."""
    begin(lmtp, user)
    half = len(data) // 2
    lmtp.sock.sendall(b"BDAT %d\r\n" % half + data[:half])
    assert lmtp.getreply()[0] == 250
    lmtp.sock.sendall(b"BDAT %d LAST\r\n" % (len(data) - half) + data[half:])
    return lmtp.getreply()[0]
