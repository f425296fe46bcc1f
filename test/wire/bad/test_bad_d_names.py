# SPDX-License-Identifier: MIT
"""Names of mailboxes that lead elsewhere, cannot be written, look like others or
are too many.  In the store a mailbox is a record and its name a value, so that
no name is ever a path; there is one storage layout."""

import pytest

from lib.bad import check, others_are_served, play
from lib.bad_inputs import inputs
from lib.client import quote
from lib.server import Server


def of(row):
    return pytest.mark.parametrize("item", inputs(row), ids=repr)


@pytest.fixture
def connection(server, source, user):
    made = server.login(user, "imap", source)
    yield made
    made.ok("NOOP")
    made.close()
    others_are_served(server)


def names(connection, pattern="*"):
    return [r.data[2] for r in connection.ok('LIST "" %s' % quote(pattern))
            if r.name == "LIST"]


def files(server):
    return sorted(path.name for path in server.folder.iterdir())


@of("D1")
def test_d1_names_that_lead_elsewhere(server, source, user, item):
    before = files(server)
    check(server, item, source, user)
    assert files(server) == before


@pytest.mark.parametrize("name", ["~root/x", "~/x", "%2e%2e/x", "C:\\x"])
def test_d1_names_that_only_look_so(server, connection, name):
    """Nothing expands them: they are names like others, or no names."""
    before = files(server)
    _, tagged = connection.command("CREATE " + quote(name))
    if tagged.name == "OK":
        assert name in names(connection)
    else:
        assert tagged.code_name == "CANNOT"
    assert files(server) == before


def test_d2_account_whose_name_begins_like_another(server, source):
    """What one has, the other has not, and no name of a mailbox leads over."""
    server.add_user("adm")
    server.add_user("admin")
    other = server.login("admin", "imap", source)
    other.ok("CREATE secret")
    other.append("secret", b"Subject: x\r\n\r\nx\r\n")
    connection = server.login("adm", "imap", source)
    for name in ("secret", "../admin/secret", "/admin/secret", "in/secret",
                 "admin/secret", "~admin/secret", "#user/admin/secret",
                 "user/admin/secret", "user.admin.secret", "in"):
        for command in ("SELECT %s", "STATUS %s (MESSAGES)", "DELETE %s"):
            _, tagged = connection.command(command % quote(name))
            assert tagged.name == "NO", name
    assert "secret" not in names(connection)
    assert other.ok("STATUS secret (MESSAGES)")[0].data[1]["MESSAGES"] == 1
    connection.close()
    other.close()


@of("D4")
def test_d4_octets_that_no_name_has(server, source, user, item):
    check(server, item, source, user)


@pytest.mark.parametrize("name", [
    'a"b', "a\\b", "a{5}b", "a(b)", "a]b", " a ", "a  b", "NIL", "~a", "#a",
    "a'b", "a;b", "\\", '"', "{5}", "$", "a=b", "-rf"])
def test_d4_names_that_need_quotes(connection, name):
    """They come back as they went."""
    connection.ok("CREATE " + quote(name))
    assert name in names(connection)
    connection.ok("SELECT " + quote(name))
    connection.ok("UNSELECT")
    response, = connection.ok("STATUS %s (MESSAGES)" % quote(name))
    assert response.data[0] == name
    connection.ok("DELETE " + quote(name))
    assert name not in names(connection)


@of("D5")
def test_d5_ill_formed_utf7(server, source, user, item):
    """Neither a lone surrogate nor a second spelling of a name."""
    check(server, item, source, user)


@pytest.mark.parametrize("name", ["&2D3eCg-", "a&-b", "&-", "&AOQ-", "&U,BTFw-"])
def test_d5_well_formed_utf7(connection, name):
    connection.ok("CREATE " + quote(name))
    assert any(r.raw.endswith(b'"/" "%s"\r\n' % name.encode())
               for r in connection.ok('LIST "" "*"'))


@of("D6")
def test_d6_inbox_by_other_names(server, source, user, item):
    check(server, item, source, user)


def test_d6_inbox_is_one(connection):
    connection.append("iNbOx", b"Subject: x\r\n\r\nx\r\n")
    for name in ("INBOX", "inbox", "InBoX"):
        response, = connection.ok("STATUS %s (MESSAGES)" % name)
        assert response.data[1]["MESSAGES"] == 1
    connection.ok("CREATE InBoX/x")
    assert "INBOX/x" in names(connection)
    assert [name.upper() for name in names(connection)].count("INBOX") == 1


def test_d8_mailboxes_of_an_account(fresh_server):
    """Up to a limit, which a setting may lower; all that are there are listed,
    each once."""
    connection = fresh_server.login(fresh_server.add_user())
    first = len(names(connection))
    made = 0
    number = 0
    while True:
        # One command makes a mailbox and the superiors it lacks.
        levels = "/".join("l%d" % n for n in range(28))
        _, tagged = connection.command("CREATE m%d/%s" % (number, levels))
        if tagged.name != "OK":
            break
        made += 29
        number += 1
        assert made < 30000
    assert (tagged.name, tagged.code_name) == ("NO", "LIMIT")
    found = names(connection)
    assert len(found) == len(set(found)) == first + made
    # With what is deleted there is room again.
    connection.ok("DELETE m0/" + levels)
    connection.ok("CREATE again")
    connection.close()
    fresh_server.stop()


def test_d9_renames(connection):
    """What RFC 9051 section 6.3.6 says, and subtrees stay whole."""
    for name in ("a/b/c", "x", "y"):
        connection.ok("CREATE " + name)
    connection.append("a/b", b"Subject: x\r\n\r\nx\r\n")
    for old, new in (("a", "a/b"), ("a", "a/b/c/d"), ("a", "a"), ("x", "y"),
                     ("x", "INBOX"), ("x", "inbox"), ("missing", "z"),
                     ("a/b", "x"), ("x", "../z"), ("x", "")):
        _, tagged = connection.command(
            "RENAME %s %s" % (quote(old), quote(new)))
        assert tagged.name == "NO", (old, new)
    assert {"a", "a/b", "a/b/c", "x", "y"} <= set(names(connection))
    connection.ok("RENAME a q")
    assert {"q", "q/b", "q/b/c"} <= set(names(connection))
    assert not {"a", "a/b", "a/b/c"} & set(names(connection))
    assert connection.ok("STATUS q/b (MESSAGES)")[0].data[1]["MESSAGES"] == 1
    connection.append("INBOX", b"Subject: y\r\n\r\ny\r\n")
    connection.ok("RENAME INBOX old")
    assert connection.ok("STATUS old (MESSAGES)")[0].data[1]["MESSAGES"] == 1
    assert connection.ok("STATUS INBOX (MESSAGES)")[0].data[1]["MESSAGES"] == 0


def test_d9_renames_survive_a_kill():
    """A subtree is under one name or under the other."""
    server = Server().start()
    try:
        user = server.add_user()
        for round_number in range(5):
            connection = server.login(user)
            tree = "t%d" % round_number
            for number in range(20):
                connection.ok("CREATE %s/b/c%d" % (tree, number))
            # The last rename's answer is not waited for.
            connection.send(b"a RENAME %s new-%s\r\n" % (
                tree.encode(), tree.encode()))
            server.kill()
            server.start()
            connection.close()
            connection = server.login(user)
            old = names(connection, tree + "*")
            new = names(connection, "new-" + tree + "*")
            assert sorted((len(old), len(new))) == [0, 22]
            connection.close()
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


@of("D10")
def test_d10_patterns_with_many_wildcards(server, source, user, item):
    """Over names that nearly match: no more than a walk over both."""
    connection = server.login(user, "imap", source)
    for letter in "abcdefgh":
        connection.ok("CREATE %s" % quote((letter + "a") * 150))
    connection.close()
    line = play(server, item, source, user)
    assert line.lines[-1].startswith(b"zz OK")
    assert line.lines[-2].startswith((b"a OK", b"a NO", b"a BAD"))


@pytest.mark.parametrize("one,other", [
    ("a\u0308", "\u00e4"), ("\u1100\u1161", "\uac00"), ("\u212b", "\u00c5")])
def test_d12_normal_forms_are_one_name(connection, one, other):
    connection.ok("ENABLE IMAP4rev2 UTF8=ACCEPT")
    connection.ok("CREATE " + quote(one))
    _, tagged = connection.command("CREATE " + quote(other))
    assert (tagged.name, tagged.code_name) == ("NO", "ALREADYEXISTS")
    connection.ok("SELECT " + quote(other))
    assert names(connection).count(other) == 1


@pytest.mark.parametrize("name", ["\u200d", "a\u200bb", "a\u202eb", "\ufeffa",
                                  "\ufb01", "a\u00adb"])
def test_d12_names_that_look_like_others(connection, name):
    """They are refused, or are names of their own that come back as they
    went."""
    connection.ok("ENABLE IMAP4rev2 UTF8=ACCEPT")
    before = names(connection)
    _, tagged = connection.command("CREATE " + quote(name))
    if tagged.name == "OK":
        assert sorted(names(connection)) == sorted([*before, name])
    else:
        assert tagged.name == "NO"
        assert names(connection) == before


def test_d13_deleted_while_selected_elsewhere(server, source, user,
                                              connection):
    connection.ok("CREATE gone")
    connection.append("gone", b"Subject: x\r\n\r\nx\r\n")
    other = server.login(user, "imap", source)
    other.ok("SELECT gone")
    connection.ok("DELETE gone")
    for command in ("FETCH 1 (FLAGS ENVELOPE BODY[])", "STORE 1 FLAGS ()",
                    "SEARCH TEXT x", "COPY 1 INBOX", "EXPUNGE",
                    "UID FETCH 1:* FLAGS"):
        _, tagged = other.command(command)
        assert tagged.name in ("NO", "BAD", "OK"), command
    other.ok("NOOP")
    assert "gone" not in names(other)
    other.ok("SELECT INBOX")
    other.close()


def test_d14_subscriptions_to_what_is_not_there(fresh_server):
    connection = fresh_server.login(fresh_server.add_user())
    limit = 20000
    batch = 500
    number = 0
    refused = None
    while refused is None and number <= limit + batch:
        connection.send(b"".join(
            b"s SUBSCRIBE missing%d\r\n" % n
            for n in range(number, number + batch)))
        for _ in range(batch):
            tagged = connection.read()
            if tagged.name != "OK" and refused is None:
                refused = tagged
        number += batch
    assert (refused.name, refused.code_name) == ("NO", "LIMIT")
    connection.ok("UNSUBSCRIBE missing0")
    connection.ok("SUBSCRIBE another")
    connection.close()
    fresh_server.stop()
