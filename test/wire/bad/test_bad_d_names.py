# SPDX-License-Identifier: MIT
"""Names of mailboxes that lead elsewhere, cannot be written, look like others or
are too many.  In the store a mailbox is a record and its name a value, so that
no name is ever a path; there is one storage layout."""

from lib.bad import check, names, play
from lib.bad_boxes import files, many_mailboxes, many_subscriptions
from lib.bad_rows import of, talks
from lib.client import quote
from lib.server import Server


@of("D1")
def test_d1_names_that_lead_elsewhere(server, source, user, item):
    before = files(server)
    check(server, item, source, user)
    assert files(server) == before


@talks("D1")
def test_d1_names_that_only_look_so(server, source, user, item):
    item.repeat(server, source, user)


@talks("D2")
def test_d2_account_whose_name_begins_like_another(server, source, user, item):
    item.repeat(server, source, user)


@of("D4")
def test_d4_octets_that_no_name_has(server, source, user, item):
    check(server, item, source, user)


@talks("D4")
def test_d4_names_that_need_quotes(server, source, user, item):
    item.repeat(server, source, user)


@of("D5")
def test_d5_ill_formed_utf7(server, source, user, item):
    """Neither a lone surrogate nor a second spelling of a name."""
    check(server, item, source, user)


@talks("D5")
def test_d5_well_formed_utf7(server, source, user, item):
    item.repeat(server, source, user)


@of("D6")
def test_d6_inbox_by_other_names(server, source, user, item):
    check(server, item, source, user)


@talks("D6")
def test_d6_inbox_is_one(server, source, user, item):
    item.repeat(server, source, user)


def test_d8_mailboxes_of_an_account(fresh_server, source):
    """Up to a limit."""
    tagged = many_mailboxes(fresh_server, source, fresh_server.add_user(),
                            1000)
    assert (tagged.name, tagged.code_name) == ("NO", "LIMIT")
    fresh_server.stop()


@talks("D9")
def test_d9_renames(server, source, user, item):
    item.repeat(server, source, user)


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


@talks("D12")
def test_d12_names_that_look_like_others(server, source, user, item):
    """Normal forms of one name are one; other names are clearly others."""
    item.repeat(server, source, user)


@talks("D13")
def test_d13_deleted_while_selected_elsewhere(server, source, user, item):
    item.repeat(server, source, user)


def test_d14_subscriptions_to_what_is_not_there(fresh_server, source):
    """Up to a limit."""
    refused = many_subscriptions(fresh_server, source, fresh_server.add_user(),
                                 20500)
    assert (refused.name, refused.code_name) == ("NO", "LIMIT")
    fresh_server.stop()
