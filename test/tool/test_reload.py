# SPDX-License-Identifier: MIT
"""A reload: what each setting changes, for whom, and that nobody's connection
is dropped for it."""

import os
import re
import socket
import threading

import pytest

from lib.client import Closed, Connection, Silent
from lib.lmtp import Lmtp
from lib.server import PASSWORD, Server

OK, REFUSED = 0, 1
EVENT_S = 30.0
ADDRESS = "127.0.0.1:0"
LISTENERS = {
    "imap": 'protocol = "imap"; address = "%s"; tls = "starttls";' % ADDRESS,
    "imaps": 'protocol = "imap"; address = "%s"; tls = "implicit";' % ADDRESS,
    "pop3": 'protocol = "pop3"; address = "%s"; tls = "starttls";' % ADDRESS,
    "lmtp": 'protocol = "lmtp"; address = "%s"; tls = "none";' % ADDRESS,
}
MESSAGE = b"Subject: x\r\n\r\nx\r\n"


def write_config(server, listeners=None, **settings):
    """${settings} as libconfig writes their values."""
    settings = {"hostname": '"test.example"', "user": '""',
                "data": '"%s"' % (server.folder / "data"),
                "plaintext_login": '"loopback"', "sandbox": "false"} | settings
    lines = ["%s = %s;" % pair for pair in settings.items()]
    listeners = LISTENERS if listeners is None else listeners
    lines.append("listener = {")
    lines += ["  %s = { %s };" % pair for pair in listeners.items()]
    lines.append("};\n")
    server.config.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def server():
    made = Server()
    write_config(made)
    made.start()
    made.add_user("ann")
    yield made
    made.stop()
    made.remove()


def reload(server, listeners=None, code=OK, **settings):
    """What the tool says of it."""
    write_config(server, listeners, **settings)
    done = server.tool("reload")
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def await_line(server, pattern):
    """The log is read by another thread."""
    pause = threading.Event()
    for _ in range(int(EVENT_S / 0.01)):
        for line in server.lines:
            if re.search(pattern, line):
                return line
        pause.wait(0.01)
    raise AssertionError(server.log())


def login(server, user, password=PASSWORD, listener="imap"):
    """The answer to LOGIN on a connection of its own."""
    connection = server.connect(listener)
    answer = connection.command('LOGIN "%s" "%s"' % (user, password))[1]
    connection.close()
    return answer


def capabilities(server, listener="imap"):
    connection = server.connect(listener)
    data = connection.ok("CAPABILITY")[0].data
    connection.close()
    return set(data)


def is_open(address):
    try:
        socket.create_connection(address).close()
    except ConnectionRefusedError:
        return False
    return True


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


# -- users ---------------------------------------------------------------------

def test_a_file_of_users(server, tmp_path):
    (tmp_path / "one").write_text("bob:{PLAIN}first\n")
    (tmp_path / "two").write_text("bob:{PLAIN}second\ncarl:{PLAIN}third\n")
    assert login(server, "bob", "first").name == "NO"
    reload(server, passwd_file='"%s"' % (tmp_path / "one"))
    held = server.connect()
    held.login("bob", "first")
    reload(server, passwd_file='"%s"' % (tmp_path / "two"))
    assert login(server, "bob", "first").name == "NO"
    assert login(server, "bob", "second").name == "OK"
    # Who has no account gets it when mail comes, on an old connection or not.
    lmtp = Lmtp(server)
    lmtp.hello()
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(250, "RCPT TO:<carl>")
    reload(server)
    held.ok("NOOP")
    assert login(server, "bob", "second").name == "NO"
    assert login(server, "ann").name == "OK"
    held.close()
    lmtp.close()


def test_domains(server):
    assert login(server, "ann@ours.example").name == "NO"
    reload(server, domains='[ "ours.example" ]')
    assert login(server, "ann@ours.example").name == "OK"
    lmtp = Lmtp(server)
    lmtp.hello()
    lmtp.want(250, "MAIL FROM:<>")
    lmtp.want(550, "RCPT TO:<ann@other.example>")
    reload(server, domains='[ "other.example" ]')
    lmtp.want(250, "RCPT TO:<ann@other.example>")
    assert login(server, "ann@ours.example").name == "NO"
    lmtp.close()


def test_mechanisms(server, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text('{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", '
                    '"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}')
    held = server.connect()
    assert "AUTH=SCRAM-SHA-1" in capabilities(server)
    assert "AUTH=OAUTHBEARER" not in capabilities(server)
    oauth = '{ keys = "%s"; issuer = "https://i.example"; audience = "mail"; }' \
        % keys
    reload(server, mechanisms_off='[ "SCRAM-SHA-1" ]', oauth=oauth)
    assert "AUTH=SCRAM-SHA-1" not in capabilities(server)
    assert "AUTH=OAUTHBEARER" in capabilities(server)
    # Who is there keeps what was announced to him.
    assert "AUTH=SCRAM-SHA-1" in held.ok("CAPABILITY")[0].data
    held.login("ann", PASSWORD)
    held.close()
    # Keys that are none: nothing changes, not even what is right.
    keys.write_text("nonsense")
    said = reload(server, mechanisms_off='[ "PLAIN" ]', oauth=oauth,
                  code=REFUSED)
    assert "users or tokens" in said
    assert "AUTH=PLAIN" in capabilities(server)
    assert "AUTH=SCRAM-SHA-1" not in capabilities(server)


def test_who_guesses_is_still_known(server):
    """A reload is no way to be forgotten."""
    stranger = server.connect("imap", "127.0.0.77")
    for _ in range(2):
        assert stranger.command('LOGIN "ann" "wrong"')[1].name == "NO"
    stranger.close()
    reload(server, password_memory='"0s"')
    stranger = server.connect("imap", "127.0.0.77")
    stranger.start('LOGIN "ann" "wrong"')
    stranger.start("NOOP")
    # The third failure is told after a second; nobody else waits for that.
    assert login(server, "ann").name == "OK"
    assert stranger.read().name == "NO"
    stranger.close()


# -- limits --------------------------------------------------------------------

def test_message_size(server):
    session = server.login("ann")
    big = MESSAGE + 100000 * b"x"
    session.append("INBOX", big)
    reload(server, message_size_max='"64K"')
    session.send(b"x APPEND INBOX {%d}\r\n" % len(big))
    assert session.read().code_name == "TOOBIG"
    fresh = server.login("ann")
    assert "APPENDLIMIT=65536" in fresh.ok("CAPABILITY")[0].data
    reload(server)
    session.append("INBOX", big)
    session.close()
    fresh.close()


def test_connections_of_an_account(server):
    sessions = [server.login("ann"), server.login("ann")]
    reload(server, account_connections="1")
    assert login(server, "ann").code_name == "LIMIT"
    for session in sessions:
        session.ok("NOOP")
    reload(server, account_connections="3")
    sessions.append(server.login("ann"))
    assert login(server, "ann").code_name == "LIMIT"
    for session in sessions:
        session.close()


def test_a_listener(server):
    """Its own settings: how many, over what, through whom."""
    session = server.login("ann")

    def with_imap(more):
        return LISTENERS | {"imap": LISTENERS["imap"] + more}

    reload(server, with_imap(' proxies = [ "127.0.0.1" ];'),
           address_connections="1")
    before = server.addresses["imap"]
    first = Connection(before, "127.0.0.1")
    first.send(b"PROXY TCP4 192.0.2.7 192.0.2.7 1024 143\r\n")
    assert first.read().name == "OK"
    second = Connection(before, "127.0.0.1")
    second.send(b"PROXY TCP4 192.0.2.7 192.0.2.7 1025 143\r\n")
    with pytest.raises((Closed, ConnectionResetError)):
        second.read()
    await_line(server, "event=proxy-refused peer=192.0.2.7 ")
    first.close()
    reload(server, with_imap(" connections = 3;"))
    third, fourth = server.login("ann"), server.login("ann")
    waiting = Connection(before, "127.0.0.1")
    with pytest.raises(Silent):
        waiting.read(1)
    session.ok("NOOP")
    reload(server, with_imap(" connections = 4;"))
    assert waiting.read().name == "OK"
    # Another protocol on the same socket.
    other = LISTENERS["pop3"].replace("pop3", "imap")
    reload(server, LISTENERS | {"pop3": other})
    server.login("ann", "pop3").close()
    for each in (session, second, third, fourth, waiting):
        each.close()


# -- listeners -----------------------------------------------------------------

def test_listeners_come_and_go(server):
    idle = server.login("ann", "imaps")
    idle.ok("SELECT INBOX")
    idle.start("IDLE")
    assert idle.read().tag == "+"
    drop = server.pop3("ann")
    strangers = [server.connect("imaps"), server.connect()]
    gone = server.addresses["imaps"]
    kept = server.addresses["imap"]
    listeners = {"imap": LISTENERS["imap"], "lmtp": LISTENERS["lmtp"],
                 "more": LISTENERS["imaps"]}
    reload(server, listeners)
    await_line(server, "event=listener-closed name=imaps")
    await_line(server, "event=listener-closed name=pop3 ")
    await_line(server, "event=listening name=more ")
    assert not is_open(gone)
    assert server.addresses["imap"] == kept
    # Who came by them, logged in or not, stays.
    server.deliver("ann", MESSAGE)
    while idle.read().name != "EXISTS":
        pass
    assert drop.sizes() == {}
    for stranger in strangers:
        stranger.login("ann", PASSWORD)
    fresh = Connection(server.addresses["more"], "127.0.0.1", tls=True)
    assert fresh.read().name == "OK"
    fresh.login("ann", PASSWORD)
    # And once more, under the old name.
    reload(server)
    server.login("ann", "imaps").close()
    for each in [idle, drop, fresh] + strangers:
        each.close()


def test_a_handshake_across_a_reload(server):
    """TLS is under way while its listener goes."""
    connection = Connection(server.addresses["imaps"], "127.0.0.1")
    server.login("ann", "imaps").close()    # so that one has been accepted
    listeners = dict(LISTENERS)
    del listeners["imaps"]
    reload(server, listeners)
    connection.start_tls()
    assert connection.read().name == "OK"
    connection.login("ann", PASSWORD)
    connection.close()


def test_tls_where_there_was_none():
    server = Server()
    plain = {name: re.sub('tls = "[a-z]*"', 'tls = "none"', text)
             for name, text in LISTENERS.items()}
    write_config(server, plain)
    server.start()
    server.add_user("ann")
    session = server.login("ann")
    assert "STARTTLS" not in capabilities(server)
    reload(server)
    server.login("ann", "imaps").close()
    assert "STARTTLS" in capabilities(server)
    session.ok("NOOP")
    reload(server, plain)
    assert "STARTTLS" not in capabilities(server)
    session.close()
    server.stop()
    server.remove()


def test_the_same_address_under_another_name():
    server = Server()
    port = free_port()
    fixed = LISTENERS["imap"].replace(ADDRESS, "127.0.0.1:%d" % port)
    write_config(server, LISTENERS | {"imap": fixed})
    server.start()
    server.add_user("ann")
    session = server.login("ann")
    listeners = dict(LISTENERS)
    del listeners["imap"]
    reload(server, listeners | {"renamed": fixed}, hostname='"new.example"')
    fresh = Connection(("127.0.0.1", port), "127.0.0.1")
    assert "new.example" in fresh.read().text
    session.ok("NOOP")
    # One socket is not for two.
    said = reload(server, LISTENERS | {"imap": fixed, "twin": fixed},
                  code=REFUSED)
    assert "twin" in said and "in use" in said
    fresh.login("ann", PASSWORD)
    fresh.close()
    session.close()
    server.stop()
    server.remove()


def test_an_address_that_cannot_be_had(server):
    """All of it is refused then, and nothing stays open."""
    taken = socket.create_server(("127.0.0.1", 0))
    port = free_port()
    listeners = LISTENERS | {
        "free": LISTENERS["imap"].replace(ADDRESS, "127.0.0.1:%d" % port),
        "taken": LISTENERS["imap"].replace(
            ADDRESS, "127.0.0.1:%d" % taken.getsockname()[1])}
    said = reload(server, listeners, code=REFUSED,
                  capabilities_off='[ "IDLE" ]')
    assert "taken" in said and "in use" in said
    assert not is_open(("127.0.0.1", port))
    session = server.login("ann")
    assert "IDLE" in session.ok("CAPABILITY")[0].data
    taken.close()
    assert reload(server, listeners) == ""
    assert is_open(("127.0.0.1", port))
    session.ok("NOOP")
    session.close()


def test_a_port_that_is_roots():
    """The server is not root any more: it says what to do."""
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start",
              encoding="ascii") as file:
        first_free = int(file.read())
    if os.geteuid() != 0 or first_free <= 1:
        pytest.skip("needs root, and ports that only root may bind")
    server = Server()
    server.folder.chmod(0o755)
    write_config(server, user='"nobody"')
    # No leaks can be looked for by another user.
    server.environment = {"ASAN_OPTIONS": "detect_leaks=0"}
    server.start()
    server.add_user("ann")
    session = server.login("ann")
    low = LISTENERS["imap"].replace(ADDRESS, "127.0.0.99:1")
    said = reload(server, LISTENERS | {"low": low}, user='"nobody"',
                  code=REFUSED)
    assert "low" in said and "restart" in said
    session.ok("NOOP")
    session.close()
    server.stop()
    server.remove()


# -- at any moment -------------------------------------------------------------

def test_clients_while_listeners_change(server):
    """Each listener that stays lets everybody in; sessions see no difference."""
    stop = threading.Event()
    failures = []

    def come_and_go(listener):
        while not stop.is_set():
            try:
                if listener == "pop3":
                    server.pop3("ann").quit()
                    continue
                session = server.login("ann", listener)
                session.ok("SELECT INBOX")
                session.ok("LOGOUT")
                session.close()
            except (AssertionError, Closed, OSError) as failure:
                failures.append((listener, failure))
                return

    crowd = [threading.Thread(target=come_and_go, args=[listener])
             for listener in ("imap", "imaps", "pop3")]
    for thread in crowd:
        thread.start()
    for number in range(12):
        listeners = dict(LISTENERS)
        if number % 3:
            listeners["more"] = LISTENERS["imap"]
        if number % 2:
            del listeners["lmtp"]
            listeners["imap"] += " connections = %d;" % (10 + number)
        reload(server, listeners, domains='[ "d%d.example" ]' % number,
               message_size_max='"%dM"' % (1 + number),
               account_rate=str(10000 + number), account_connections="50")
    stop.set()
    for thread in crowd:
        thread.join()
    assert failures == []
