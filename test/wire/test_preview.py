# SPDX-License-Identifier: MIT
"""PREVIEW (RFC 8970) of messages that are large, broken, or many."""

import pathlib

import pytest

from lib.server import ROOT

HEAD = b"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"


@pytest.fixture
def connection(server, source, user):
    made = server.login(user, "imap", source)
    yield made
    made.close()


def preview(connection, message, item="PREVIEW"):
    connection.append("INBOX", message)
    connection.ok("SELECT INBOX")
    response, = connection.ok("FETCH * (%s)" % item)
    return response.data["PREVIEW"]


def test_at_most_200_characters(connection):
    text = "日本語のメール".encode() * 100
    got = preview(connection, HEAD + text)
    assert got.decode() == ("日本語のメール" * 100)[:200]


@pytest.mark.parametrize("item,wanted", [
    ("PREVIEW", b"text"), ("PREVIEW (LAZY)", None)])
def test_lazy_of_a_large_message(connection, item, wanted):
    message = b"Subject: x\r\n\r\ntext\r\n" + b"> more\r\n" * 50000
    assert preview(connection, message, item) == wanted


@pytest.mark.parametrize("text", [
    b"<" * 3000000, b"<!--" + b"-" * 3000000, b"&" * 3000000,
    b"<style>" * 400000, b" \r\n" * 1000000, b"<a b='" + b"x" * 3000000,
    b"\xff" * 1000000], ids=["tags", "comment", "entities", "styles", "blank",
                             "attribute", "octets"])
def test_what_never_ends(connection, text):
    assert len(preview(connection, HEAD + text).decode()) <= 200


def test_parts_without_end(connection):
    """Not all of very many empty parts are looked into."""
    message = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + \
        b"--a\r\n\r\n\r\n" * 5000 + b"--a\r\n\r\ntext\r\n--a--\r\n"
    assert preview(connection, message) == b""


def test_real_messages(connection):
    """Each of the collection has one, and is read by it alone."""
    files = sorted(pathlib.Path(ROOT / "test" / "data").rglob("*.eml"))
    count = 0
    for file in files[::3]:
        message = file.read_bytes().replace(b"\r\n", b"\n").replace(
            b"\n", b"\r\n")
        if b"\0" not in message and message:
            connection.append("INBOX", message)
            count += 1
    connection.ok("SELECT INBOX")
    responses = connection.ok("FETCH 1:* (PREVIEW)")
    assert len(responses) == count
    texts = [response.data["PREVIEW"] for response in responses]
    assert sum(len(text) > 20 for text in texts) > count / 2
    assert not any(b"\n" in text or b"<p>" in text for text in texts)
