# SPDX-License-Identifier: MIT
"""Outlook Express believes that a message is gone when EXISTS or RECENT comes
between a FETCH and its data: news is told behind all that was asked for."""


def test_news_behind_the_data(selected, other, mail):
    other.append("INBOX", mail)
    got = selected.ask("a1 FETCH 1 (UID BODY[])")
    assert got[0].startswith("* 1 FETCH (UID 1 BODY[] {")
    assert got.index("* 2 EXISTS") > 0
