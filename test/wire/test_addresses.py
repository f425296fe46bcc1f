# SPDX-License-Identifier: MIT
"""Aliases, catch-alls and domains: who gets mail for an address, and who may
log in under one."""

import pytest

from lib.lmtp import MESSAGE, Lmtp, deliver, inbox_count
from lib.server import PASSWORD, Server


@pytest.fixture(scope="module")
def domain_server():
    """Knows which domains are its own."""
    made = Server(more='domains = [ "ours.example", "b\u00fc.example" ]').start()
    for name in ("ann", "bob"):
        made.add_user(name)
    for address, account in (
            ("info@ours.example", "ann"), ("info@ours.example", "bob"),
            ("ann.smith", "ann"), ("@all.example", "bob")):
        done = made.tool("alias", "add", address, account)
        assert done.returncode == 0, done.stderr
    yield made
    made.stop()
    made.remove()


@pytest.fixture
def lmtp(domain_server):
    made = Lmtp(domain_server)
    made.hello()
    yield made
    made.close()


@pytest.mark.parametrize("address,getters", [
    ("ann", ("ann",)), ("ann@ours.example", ("ann",)),
    ("ann@OURS.example", ("ann",)), ("ann.smith@ours.example", ("ann",)),
    ("info@ours.example", ("ann", "bob")),
    ("INFO+x@ours.example", ("ann", "bob")),
    ("anybody@all.example", ("bob",)), ("ann@all.example", ("bob",))])
def test_who_gets_it(domain_server, lmtp, source, address, getters):
    """One reply for each recipient, however many accounts it leads to."""
    before = {user: inbox_count(domain_server, user, source)
              for user in ("ann", "bob")}
    assert deliver(lmtp, [address]) == [250]
    lmtp.want(250, "NOOP")
    for user, number in before.items():
        assert inbox_count(domain_server, user, source) \
            == number + (user in getters), user


@pytest.mark.parametrize("address", [
    "ann@elsewhere.example", "info", "info@elsewhere.example", "nobody",
    "anybody@sub.all.example", "ann@ours.example.", '"ann@ours.example"',
    '"ann@ours.example"@elsewhere.example', '""', '""@ours.example',
    '""@all.example', '"@all.example"', '"../ann"', '"a/../ann"', '"%{user}"',
    "%n%s%x", '"*)(uid=*"', "$(id)", "'OR'1'='1", '"ann "', '" ann"',
    '"\\2a"', "-rf", "+ann", "+", "x" * 300, "ann@" + "x" * 300])
def test_nobody_gets_it(lmtp, address):
    """CVE-2020-10967, CVE-2019-10691 and others of their kind."""
    lmtp.want(250, "MAIL FROM:<>")
    assert 500 <= lmtp.command("RCPT TO:<%s>" % address)[0] < 600
    lmtp.want(250, "RSET")
    assert deliver(lmtp, ["ann"]) == [250]


@pytest.mark.parametrize("name", [
    "ann", "ANN", "ann@ours.example", "Ann@Ours.Example", "ann.smith",
    "ann.smith@ours.example"])
def test_login_with_an_address(domain_server, source, name):
    connection = domain_server.connect("imap", source)
    connection.login(name, PASSWORD)
    connection.ok("SELECT INBOX")
    connection.close()


@pytest.mark.parametrize("name", [
    "ann@elsewhere.example", "info@ours.example", "@all.example",
    "anybody@all.example", "@ours.example", "ann@", "ann@ours.example@x",
    "ann+x@ours.example", "../ann", "a/../ann"])
def test_no_login_with_it(domain_server, source, name):
    connection = domain_server.connect("imap", source)
    _, tagged = connection.command('LOGIN "%s" "%s"' % (name, PASSWORD))
    assert (tagged.name, tagged.code_name) == ("NO", "AUTHENTICATIONFAILED")
    connection.close()


def test_alias_of_one_recipient_who_is_gone(domain_server, source):
    """An account is deleted between RCPT and the message's end: the others
    still get it, and the reply is theirs."""
    domain_server.add_user("going")
    for name in ("going", "ann"):
        assert domain_server.tool(
            "alias", "add", "pair", name).returncode == 0
    before = inbox_count(domain_server, "ann", source)
    lmtp = Lmtp(domain_server)
    lmtp.hello()
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(250, "RCPT TO:<pair>")
    lmtp.want(250, "RCPT TO:<going>")
    assert domain_server.tool("user", "del", "going").returncode == 0
    lmtp.want(354, "DATA")
    lmtp.socket.sendall(MESSAGE + b".\r\n")
    assert [lmtp.reply()[0] for _ in range(2)] == [250, 550]
    assert inbox_count(domain_server, "ann", source) == before + 1
    lmtp.close()
