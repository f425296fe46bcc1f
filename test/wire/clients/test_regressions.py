# SPDX-License-Identifier: MIT
"""What another server had to mend in the course of years, each for a client that
broke on it, and that applies here: a short dialogue for each."""


def test_idle_and_more_in_one_go(selected):
    selected.send("1 IDLE\r\nDONE\r\n2 NOOP\r\n")
    selected.expect("+ ...", "1 OK ...", "2 OK ...")


def test_message_moved_in_is_fetched_by_star(client, other, mail):
    client.ask("1 SELECT Archive")
    other.append("Drafts", mail)
    other.ok("SELECT Drafts")
    other.ok("MOVE 1 Archive")
    client.send("2 NOOP\r\n")
    assert "* 1 EXISTS" in client.until("2")
    client.run("3 UID FETCH 1:* UID", "* 1 FETCH (UID 1)", "3 OK ...")


def test_literal_that_is_too_big_and_does_not_wait(client):
    octets = 2 * 1024 * 1024
    client.send("1 STATUS {%d+}\r\n" % octets)
    client.send(b"x NOOP\r\n" * (octets // 8))
    client.send("\r\n2 NOOP\r\n")
    client.expect("1 BAD [TOOBIG] ...", "2 OK ...")


def test_binary(client, other):
    other.append("INBOX", b"Content-Transfer-Encoding: base64\r\n\r\nAAE=\r\n")
    client.ask("1 SELECT INBOX")
    client.run("2 FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])",
               "* 1 FETCH (BINARY.SIZE[1] 2 BINARY[1] ~{2}\r\n\0\1)",
               "2 OK ...")


def test_emoji_in_names(client):
    client.run('1 CREATE "&2D3eAA-"', "1 OK ...")
    client.run('2 LIST "" "&2D3eAA-"',
               '* LIST (\\HasNoChildren) "/" "&2D3eAA-"', "2 OK ...")


def test_status_behind_its_list(client):
    got = client.ask('1 LIST "" "%" RETURN (STATUS (MESSAGES))')[:-1]
    for at in range(0, len(got), 2):
        assert got[at].startswith("* LIST ")
        name = got[at].split('"/" ')[1]
        assert got[at + 1] == "* STATUS %s (MESSAGES 0)" % name


def test_search_by_number_and_date(client, other, mail):
    other.append("INBOX", mail)
    other.append("INBOX", mail, date="01-Jan-2001 10:00:00 +0000")
    client.ask("1 SELECT INBOX")
    client.ask("2 STORE 1 +FLAGS.SILENT (\\Deleted)")
    client.ask("3 EXPUNGE")
    client.run("4 SEARCH 1", "* SEARCH 1", "4 OK ...")
    client.run("5 UID SEARCH 1", "* SEARCH 2", "5 OK ...")
    client.run("6 UID SEARCH BEFORE 2-Jan-2001", "* SEARCH 3", "6 OK ...")


def test_one_item_without_parentheses(selected):
    selected.run("1 FETCH 1 UID", "* 1 FETCH (UID 1)", "1 OK ...")


def test_enable(client):
    client.run("1 ENABLE QRESYNC", "* ENABLED CONDSTORE QRESYNC", "1 OK ...")
    client.run("2 ENABLE QRESYNC", "* ENABLED", "2 OK ...")


def test_qresync_with_few_parameters(client):
    client.ask("1 ENABLE QRESYNC")
    client.ask("2 SELECT INBOX (QRESYNC (1 1))")
    client.run("3 SELECT INBOX (QRESYNC)", "3 BAD ...")
    client.run("4 SELECT INBOX (QRESYNC ())", "4 BAD ...")
    client.run("5 NOOP", "5 OK ...")


def test_nobody_in_from(client, other):
    other.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    client.ask("1 SELECT INBOX")
    client.run("2 FETCH 1 ENVELOPE",
               '* 1 FETCH (ENVELOPE (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL))',
               "2 OK ...")


def test_no_status_in_noop(selected):
    selected.run("1 NOOP", "1 OK ...")


def test_ampersand_in_names(client):
    client.run('1 CREATE "R&-D"', "1 OK ...")
    client.run('2 STATUS "R&-D" (MESSAGES)', '* STATUS "R&-D" (MESSAGES 0)',
               "2 OK ...")


def test_empty_lines(selected):
    selected.run("\r\n\r\n1 NOOP", "1 OK ...")


def test_message_that_is_no_text(client, other):
    other.append("INBOX", b"Subject: \xff\xfe\r\nFrom: \x80 <a@b>\r\n\r\n\x80\r\n")
    client.ask("1 SELECT INBOX")
    client.send("2 FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[])\r\n")
    raw = client.connection.read().raw
    assert raw.endswith(b"\x80\r\n)\r\n")
    client.expect("2 OK ...")


def test_inbox_in_any_case(client):
    client.run("1 CREATE inbox", "1 NO ...")
    client.run("2 CREATE InBox/below", "2 OK ...")
    client.run('3 LIST "" "*below"',
               '* LIST (\\HasNoChildren) "/" "INBOX/below"', "3 OK ...")
    client.run("4 RENAME Sent iNBOX", "4 NO [ALREADYEXISTS] ...")


def test_flags_are_kept_by_copy(selected):
    selected.ask("1 STORE 1 +FLAGS.SILENT (\\Answered key)")
    selected.run("2 COPY 1 Archive", "2 OK [COPYUID ... 1 1] ...")
    selected.run("3 COPY 1 Archive", "3 OK [COPYUID ... 1 2] ...")
    selected.ask("4 SELECT Archive")
    selected.run("5 FETCH 1:2 FLAGS",
                 "* 1 FETCH (FLAGS (\\Answered...key))",
                 "* 2 FETCH (FLAGS (\\Answered...key))", "5 OK ...")


def test_long_quoted_string(client):
    client.run('1 LIST "" "%s"' % ("x" * 5000), "1 ...")
    client.ask("2 SELECT INBOX")
    client.run('3 SEARCH TEXT "%s"' % ("x" * 5000), "* SEARCH", "3 OK ...")


def test_quit_is_answered(server, user):
    pop3 = server.pop3(user)
    assert pop3.command("QUIT").ok
