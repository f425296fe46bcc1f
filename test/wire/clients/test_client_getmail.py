# SPDX-License-Identifier: MIT
"""getmail6 reads LIST with a pattern of its own, in which the delimiter is a
character in quotes; a message that it asks for has its data."""

import re

LINE = re.compile(r'\* LIST \(([^)]*)\) "(.)" "?(.*?)"?\Z')


def test_list(client):
    got = client.ask('AAAA1 LIST "" "*"')
    assert len(got) > 5
    for line in got[:-1]:
        match = LINE.match(line)
        assert match and match.group(2) == "/", line


def test_message(selected, mail):
    selected.ask('AAAA1 SELECT "INBOX"')
    selected.run("AAAA2 UID FETCH 1 (RFC822)",
                 "* 1 FETCH (UID 1 RFC822 {%d}\r\n%s...)"
                 % (len(mail), mail.decode()), "AAAA2 OK ...")
