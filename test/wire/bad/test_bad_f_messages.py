# SPDX-License-Identifier: MIT
"""Messages that are made to hurt who reads them: nested, long, malformed, forged
(lib/bad_messages.py)."""

from lib.bad_boxes import files
from lib.bad_rows import talks


@talks("F1")
def test_f1_nested_parts(server, source, user, item):
    """Below the depth that is looked into all is one part."""
    item.repeat(server, source, user)


@talks("F2")
def test_f2_many_parts(server, source, user, item):
    item.repeat(server, source, user)


@talks("F4")
def test_f4_nested_messages(server, source, user, item):
    item.repeat(server, source, user)


@talks("F5")
def test_f5_long_headers(server, source, user, item):
    item.repeat(server, source, user)


@talks("F6")
def test_f6_addresses(server, source, user, item):
    item.repeat(server, source, user)


@talks("F8")
def test_f8_encoded_words(server, source, user, item):
    item.repeat(server, source, user)


@talks("F9")
def test_f9_headers_that_are_none(server, source, user, item):
    item.repeat(server, source, user)


@talks("F10")
def test_f10_line_ends(server, source, user, item):
    item.repeat(server, source, user)


@talks("F12")
def test_f12_transfer_encodings(server, source, user, item):
    item.repeat(server, source, user)


@talks("F13")
def test_f13_dates(server, source, user, item):
    item.repeat(server, source, user)


@talks("F14")
def test_f14_message_ids(server, source, user, item):
    item.repeat(server, source, user)


@talks("F16")
def test_f16_file_names(server, source, user, item):
    """They are data."""
    before = files(server)
    item.repeat(server, source, user)
    assert files(server) == before


@talks("F17")
def test_f17_forged_metadata(server, source, user, item):
    item.repeat(server, source, user)


@talks("F18")
def test_f18_what_is_big_when_unpacked(server, source, user, item):
    item.repeat(server, source, user)


@talks("F20")
def test_f20_the_same_message_again(server, source, user, item):
    item.repeat(server, source, user)
