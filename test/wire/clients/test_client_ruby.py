# SPDX-License-Identifier: MIT
"""Ruby's net/imap raises on a space too many between addresses, on one at the
end of a line, and on "+" without one."""

TEXT = (b"From: a@example.org\r\nTo: b@example.org, c@example.org, "
        b"d@example.org\r\n\r\nx\r\n")


def test_spaces(client, other):
    other.append("INBOX", TEXT)
    client.ask("RUBY0001 SELECT INBOX")
    client.run("RUBY0002 FETCH 1 (ENVELOPE)",
               '* 1 FETCH (ENVELOPE (... ((NIL NIL "b" "example.org")(NIL NIL '
               '"c" "example.org")(NIL NIL "d" "example.org")) NIL NIL NIL '
               "NIL))", "RUBY0002 OK ...")
    client.send("RUBY0003 IDLE\r\n")
    assert client.connection.read().raw[:2] == b"+ "
    client.run("DONE", "RUBY0003 OK ...")
    client.run("RUBY0004 SEARCH SUBJECT none", "* SEARCH", "RUBY0004 OK ...")
