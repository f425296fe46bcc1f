# SPDX-License-Identifier: MIT
"""Outlook for Mac, of which little is known: ID, NAMESPACE, special uses and
UIDPLUS work as they are announced."""


def test_announced_and_there(client, mail):
    names = client.ask("a1 CAPABILITY")[0].split()
    assert {"ID", "NAMESPACE", "SPECIAL-USE", "UIDPLUS"} <= set(names)
    client.run('a2 ID ("name" "Outlook")', "* ID (...)", "a2 OK ...")
    client.run("a3 NAMESPACE", '* NAMESPACE (("" "/")) NIL NIL', "a3 OK ...")
    client.send('a4 APPEND "Drafts" (\\Draft) {%d}\r\n' % len(mail))
    client.expect("+ ...")
    client.send(mail + b"\r\n")
    client.expect("a4 OK [APPENDUID ... 1] ...")
