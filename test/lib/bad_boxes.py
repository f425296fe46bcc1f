# SPDX-License-Identifier: MIT
"""Dialogues of the table of bad inputs about names of mailboxes, POP3 and LMTP.
What a row is about is said at its test, and what is special about a dialogue
here.  Those about great numbers take a smaller one by default."""

import contextlib
import os

from lib.bad import (Line, account, dialogue, empty, enter, names,
                     others_are_served, session)
from lib.bad_inputs import inputs
from lib.client import quote
from lib.lmtp import MESSAGE, Lmtp, deliver, inbox, inbox_count
from lib.server import PASSWORD

SMALL = b"Subject: x\r\n\r\nx\r\n"


# -- D: names of mailboxes ----------------------------------------------------

def files(server):
    return sorted(path.name for path in server.folder.iterdir())


@dialogue("D1", name=["~root/x", "~/x", "%2e%2e/x", "C:\\x"])
def name_that_only_looks_so(server, source, user, name):
    """Nothing expands them: they are names like others, or no names."""
    before = files(server)
    with session(server, source, user) as connection:
        _, tagged = connection.command("CREATE " + quote(name))
        if tagged.name == "OK":
            assert name in names(connection)
        else:
            assert tagged.code_name == "CANNOT"
    assert files(server) == before


@dialogue("D2")
def name_that_begins_like_another(server, source, user):
    """What one has, the other has not, and no name of a mailbox leads over."""
    longer = user + "in"
    done = server.tool("user", "add", longer, text=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    with session(server, source, longer) as other, \
            session(server, source, user) as connection:
        other.ok("CREATE secret")
        other.append("secret", SMALL)
        for name in ("secret", "../%s/secret", "/%s/secret", "in/secret",
                     "%s/secret", "~%s/secret", "#user/%s/secret",
                     "user/%s/secret", "user.%s.secret", "in"):
            name = name.replace("%s", longer)
            for command in ("SELECT %s", "STATUS %s (MESSAGES)", "DELETE %s"):
                _, tagged = connection.command(command % quote(name))
                assert tagged.name == "NO", name
        assert "secret" not in names(connection)
        assert other.ok("STATUS secret (MESSAGES)")[0].data[1]["MESSAGES"] == 1
    done = server.tool("user", "del", longer)
    assert done.returncode == 0, done.stderr


@dialogue("D4", name=[
    'a"b', "a\\b", "a{5}b", "a(b)", "a]b", " a ", "a  b", "NIL", "~a", "#a",
    "a'b", "a;b", "\\", '"', "{5}", "$", "a=b", "-rf"])
def name_that_needs_quotes(server, source, user, name):
    """It comes back as it went."""
    with session(server, source, user) as connection:
        connection.ok("CREATE " + quote(name))
        assert name in names(connection)
        connection.ok("SELECT " + quote(name))
        connection.ok("UNSELECT")
        response, = connection.ok("STATUS %s (MESSAGES)" % quote(name))
        assert response.data[0] == name
        connection.ok("DELETE " + quote(name))
        assert name not in names(connection)


@dialogue("D5", name=["&2D3eCg-", "a&-b", "&-", "&AOQ-", "&U,BTFw-"])
def well_formed_utf7(server, source, user, name):
    with session(server, source, user) as connection:
        connection.ok("CREATE " + quote(name))
        assert any(r.raw.endswith(b'"/" "%s"\r\n' % name.encode())
                   for r in connection.ok('LIST "" "*"'))


@dialogue("D6")
def inbox_is_one(server, source, user):
    with session(server, source, user) as connection:
        connection.append("iNbOx", SMALL)
        for name in ("INBOX", "inbox", "InBoX"):
            response, = connection.ok("STATUS %s (MESSAGES)" % name)
            assert response.data[1]["MESSAGES"] == 1
        connection.ok("CREATE InBoX/x")
        found = names(connection)
        assert "INBOX/x" in found
        assert [name.upper() for name in found].count("INBOX") == 1


@dialogue("D8")
def many_mailboxes(server, source, user, trees=5):
    """The answer to the first CREATE that is refused, or to the last one.  All
    that were made are listed, each once."""
    # One command makes a mailbox and the superiors it lacks.
    levels = "/".join("l%d" % n for n in range(28))
    with session(server, source, user) as connection:
        first = len(names(connection))
        made = 0
        for number in range(trees):
            _, tagged = connection.command("CREATE m%d/%s" % (number, levels))
            if tagged.name != "OK":
                break
            made += 29
        found = names(connection)
        assert len(found) == len(set(found)) == first + made
        # With what is deleted there is room again.
        connection.ok("DELETE m0/" + levels)
        connection.ok("CREATE again")
    return tagged


@dialogue("D9")
def renames(server, source, user):
    """What RFC 9051 section 6.3.6 says, and subtrees stay whole."""
    def messages(name):
        status, = connection.ok("STATUS %s (MESSAGES)" % name)
        return status.data[1]["MESSAGES"]

    with session(server, source, user) as connection:
        for name in ("a/b/c", "x", "y"):
            connection.ok("CREATE " + name)
        connection.append("a/b", SMALL)
        for old, new in (("a", "a/b"), ("a", "a/b/c/d"), ("a", "a"),
                         ("x", "y"), ("x", "INBOX"), ("x", "inbox"),
                         ("missing", "z"), ("a/b", "x"), ("x", "../z"),
                         ("x", "")):
            _, tagged = connection.command(
                "RENAME %s %s" % (quote(old), quote(new)))
            assert tagged.name == "NO", (old, new)
        assert {"a", "a/b", "a/b/c", "x", "y"} <= set(names(connection))
        connection.ok("RENAME a q")
        assert {"q", "q/b", "q/b/c"} <= set(names(connection))
        assert not {"a", "a/b", "a/b/c"} & set(names(connection))
        assert messages("q/b") == 1
        connection.append("INBOX", SMALL)
        connection.ok("RENAME INBOX old")
        assert messages("old") == 1 and messages("INBOX") == 0


@dialogue("D12", pair=[
    ("a\u0308", "\u00e4"), ("\u1100\u1161", "\uac00"), ("\u212b", "\u00c5")])
def normal_forms(server, source, user, pair):
    one, other = pair
    with session(server, source, user) as connection:
        connection.ok("ENABLE IMAP4rev2 UTF8=ACCEPT")
        connection.ok("CREATE " + quote(one))
        _, tagged = connection.command("CREATE " + quote(other))
        assert (tagged.name, tagged.code_name) == ("NO", "ALREADYEXISTS")
        connection.ok("SELECT " + quote(other))
        assert names(connection).count(other) == 1


@dialogue("D12", name=["\u200d", "a\u200bb", "a\u202eb", "\ufeffa", "\ufb01",
                       "a\u00adb"])
def name_that_looks_like_another(server, source, user, name):
    """It is refused, or is a name of its own that comes back as it went."""
    with session(server, source, user) as connection:
        connection.ok("ENABLE IMAP4rev2 UTF8=ACCEPT")
        before = names(connection)
        _, tagged = connection.command("CREATE " + quote(name))
        if tagged.name == "OK":
            assert sorted(names(connection)) == sorted([*before, name])
        else:
            assert tagged.name == "NO"
            assert names(connection) == before


@dialogue("D13")
def deleted_while_selected_elsewhere(server, source, user):
    with session(server, source, user) as connection, \
            session(server, source, user) as other:
        connection.ok("CREATE gone")
        connection.append("gone", SMALL)
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


@dialogue("D14")
def many_subscriptions(server, source, user, count=500):
    """To mailboxes that are not there: the first refusal, or None."""
    batch = 500
    refused = None
    with session(server, source, user) as connection:
        for first in range(0, count, batch):
            connection.send(b"".join(
                b"s SUBSCRIBE missing%d\r\n" % n
                for n in range(first, first + batch)))
            for _ in range(batch):
                tagged = connection.read()
                if tagged.name != "OK" and refused is None:
                    refused = tagged
        connection.ok("UNSUBSCRIBE missing0")
        connection.ok("SUBSCRIBE another")
    return refused


# -- G: POP3 ------------------------------------------------------------------

@dialogue("G2", body=[
    b".\r\n", b"..\r\n", b".", b".x\r\n.\r\n", b"x\r\n.", b"x\r\n.\r",
    b"\r\n.\r\n\r\n", b"", b"no line end"])
def dots(server, source, user, body):
    message = b"Subject: dots\r\n\r\n" + body
    with session(server, source, user) as imap:
        imap.append("INBOX", message)
        with contextlib.closing(server.pop3(user, source=source)) as pop:
            for command in ("RETR 1", "TOP 1 100"):
                got = pop.many(command)
                # A line that lacks its end gets one, as the protocol has it.
                assert got.replace(b"\r\n", b"\n").rstrip(b"\n") \
                    == message.replace(b"\r\n", b"\n").replace(
                        b"\r", b"\n").rstrip(b"\n")
                pop.ok("NOOP")
            pop.quit()
        empty(imap, "INBOX")


@dialogue("G4", command=["AUTH", "AUTH "])
def auth_alone(server, source, user, command):
    del user
    pop = server.pop3(source=source)
    assert b"SCRAM-SHA-256\r\n" in pop.many(command)
    pop.ok("CAPA")
    pop.rest()
    pop.close()
    others_are_served(server)


@dialogue("G4", password=[" a  b ", "a b", " "])
def password_with_spaces(server, source, user, password):
    del user
    with account(server, password) as name:
        pop = server.pop3(source=source)
        pop.ok("USER " + name)
        pop.err("PASS " + password.strip() + "x")
        pop.ok("USER " + name)
        pop.ok("PASS " + password)
        pop.quit()


def numbered(number):
    return b"From: a@example.org\r\nSubject: %d\r\n\r\n.body %d\r\n" % (
        number, number)


@contextlib.contextmanager
def five_messages(server, source, user):
    """An IMAP session with them in INBOX, selected; none is left."""
    with session(server, source, user) as imap:
        for number in range(1, 6):
            imap.append("INBOX", numbered(number))
        imap.ok("SELECT INBOX")
        yield imap
        empty(imap, "INBOX")


@dialogue("G5")
def expunged_elsewhere(server, source, user):
    with five_messages(server, source, user) as imap, \
            contextlib.closing(server.pop3(user, source=source)) as pop:
        stat, uids = pop.ok("STAT"), pop.uids()
        imap.ok("STORE 1,3:5 +FLAGS.SILENT (\\Deleted)")
        imap.ok("EXPUNGE")
        assert pop.ok("STAT") == stat and pop.uids() == uids
        for number in range(1, 6):
            assert pop.many("RETR %d" % number) == numbered(number)
            assert pop.many("TOP %d 1" % number) == numbered(number)
        pop.quit()


@dialogue("G5")
def two_pop3_sessions(server, source, user):
    """Each has its own marks; what one removes the other still reads."""
    with five_messages(server, source, user) as imap:
        one = server.pop3(user, source=source)
        two = server.pop3(user, source=source)
        one.ok("DELE 1")
        one.ok("DELE 2")
        assert two.many("RETR 1") == numbered(1)
        two.ok("DELE 2")
        two.ok("DELE 3")
        one.quit()
        assert two.many("RETR 1") == numbered(1)
        two.quit()
        three = server.pop3(user, source=source)
        assert three.many("RETR 1") == numbered(4) and len(three.uids()) == 2
        three.quit()
        told = [(r.name, r.number) for r in imap.ok("NOOP")]
        assert [name for name in told if name[0] != "FETCH"] \
            == [("EXPUNGE", 1)] * 3


@dialogue("G6", bytewise=[False, True])
def all_at_once(server, source, user, bytewise):
    """In one segment, or each octet by itself."""
    with session(server, source, user) as imap:
        imap.append("INBOX", SMALL)
    pop = server.pop3(source=source)
    pop.bytewise = bytewise
    pop.send(("USER %s\r\nPASS %s\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n"
              % (user, PASSWORD)).encode())
    assert pop.status().ok and pop.status().ok
    assert pop.status().text == "1 %d" % len(SMALL)
    assert pop.status().ok and pop.rest() == SMALL
    assert pop.status().ok and pop.status().ok
    pop.expect_end()
    pop.close()


@dialogue("G8")
def many_messages(server, source, user, count=200):
    """Lists are made as they are read: a client that does not read holds
    nobody up, and one that does gets all."""
    mbox = server.folder / ("mbox-" + user)
    with open(mbox, "wb") as file:
        for number in range(count):
            file.write(b"From a@example.net Mon Mar  2 10:00:00 2026\n"
                       b"Subject: %d-%s\n\nx\n\n" % (
                           number, os.urandom(8).hex().encode()))
    done = server.tool("import", "mbox", user, str(mbox))
    assert done.returncode == 0, done.stdout + done.stderr
    mbox.unlink()
    pop = server.pop3(user, source=source)
    for _ in range(20):
        pop.send(b"UIDL\r\nLIST\r\n")
    others_are_served(server)
    for _ in range(20):
        assert pop.status().ok
        assert pop.rest().count(b"\r\n") == count
        assert pop.status().ok
        assert pop.rest().count(b"\r\n") == count
    pop.quit()


# -- H: LMTP ------------------------------------------------------------------

@dialogue("H4")
def many_recipients(server, source, user, count=20, limit=20):
    """So many are taken, further ones are not now; the message has a reply for
    each that was."""
    with contextlib.closing(Lmtp(server)) as lmtp:
        lmtp.hello()
        lmtp.want(250, "MAIL FROM:<>")
        lmtp.send(*["RCPT TO:<%s+%d>" % (user, number)
                    for number in range(count)])
        codes = [lmtp.reply()[0] for _ in range(count)]
        assert codes == [250] * limit + [452] * (count - limit)
        lmtp.want(354, "DATA")
        lmtp.socket.sendall(MESSAGE + b".\r\n")
        for number in range(limit):
            code, lines = lmtp.reply()
            assert code == 250 and "<%s+%d>" % (user, number) in lines[0]
        lmtp.want(250, "NOOP")
    assert inbox_count(server, user, source) == limit


@dialogue("H8")
def hang_up_before_the_reply(server, source, user):
    """The message is whole: it is there once, or once more when the client
    sends it again, but never in part."""
    for _ in range(5):
        with Line(server, "lmtp", source) as line:
            enter(line, inputs("H1")[0], user)
            line.send(b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n"
                      % user.encode())
            line.answer(3)
            line.send(MESSAGE + b".\r\n")
    with contextlib.closing(Lmtp(server)) as lmtp:
        lmtp.hello()
        assert deliver(lmtp, [user]) == [250]
    got = inbox(server, user, source)
    assert 1 <= len(got) <= 6
    assert all(message.endswith(MESSAGE) for message in got)


@dialogue("H13")
def one_message_for_many(server, source, user, recipients=None, size=1 << 20):
    """Of that size.  By default the recipients are one account's, which has it
    as often."""
    own = ["%s+%d" % (user, n) for n in range(20)]
    line = b"x" * 76 + b"\r\n"
    message = b"Subject: big\r\n\r\n" + line * (size // len(line))
    with contextlib.closing(Lmtp(server)) as lmtp:
        lmtp.hello()
        codes = deliver(lmtp, recipients or own, message)
        assert set(codes) == {250}
    if not recipients:
        with session(server, source, user) as connection:
            response, = connection.ok("STATUS INBOX (MESSAGES SIZE)")
            assert response.data[1]["MESSAGES"] == len(own)
            assert response.data[1]["SIZE"] > len(own) * len(message)
    return message
