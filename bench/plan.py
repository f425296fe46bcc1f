# SPDX-License-Identifier: MIT
#
# What the benchmark measures and what is aimed at, as data.

import collections

from server import DOMAIN, PASSWORD, USER

BIG = 100_000
MILLION = 1_000_000
SIZE = 2200
OTHERS = ("dovecot-maildir", "dovecot-mdbox", "cyrus")
ALL = ("avocet", *OTHERS)
IDLING = ("avocet", "dovecot-maildir", "dovecot-mdbox", "dovecot-hibernate",
          "cyrus")
# One process a connection: as many as there is memory for.  Hibernated ones
# all become processes when all are told.
PROCESS_EACH = {**{name: 1000 for name in OTHERS}, "dovecot-hibernate": 2000}

# A step is one run of avocet-bench, in blocks: a block begins with a store
# made anew (`empty`: accounts only, `big`: with the mailbox `big` of BIG
# messages) and a server just started.  Steps of one name are chosen with
# --only.  `rounds` is how often at most, since some take long and vary little;
# a block's are by server.  `fewer` says what is less for whom: a server's
# count in place of `what`.
Step = collections.namedtuple(
    "Step", "name keys rounds what fewer", defaults=({}, 99, None, {}))
Block = collections.namedtuple("Block", "store servers steps rounds",
                               defaults=({},))


# Deliveries that something is aimed at; the others are measured once.
AIMED = (("lmtp", 4096, 1), ("lmtp", 4096, 64), ("append", 4096, 64),
         ("append", 65536, 64))


def deliver(via, size, connections):
    return Step("deliver", {"via": via, "size": size, "seconds": 2,
                            "connections": connections, "users": connections},
                99 if (via, size, connections) in AIMED else 1)


def mixed(connections, users, rounds=1):
    return Step("mixed", {"connections": connections, "users": users,
                          "size": SIZE, "seconds": 3}, rounds)


def login(tls, connections=8):
    return Step("login", {"tls": tls, "connections": connections,
                          "users": connections, "seconds": 2})


def idle(tls):
    return Step("idle", {"tls": tls, "connections": 10_000}, 1,
                "connections", PROCESS_EACH)


BLOCKS = (
    Block("empty", ALL, (
        Step("rest"),
        # A file a message, each of them synced, takes longer.
        Step("load", {"mailbox": "loaded", "messages": 20_000, "size": SIZE},
             99, "messages", {"cyrus": 1000, "dovecot-maildir": 4000}))),
    Block("big", ALL, tuple(
        Step(name, {"mailbox": "big", "messages": BIG, "size": SIZE})
        for name in ("open", "fetch", "status", "store", "copy")),
        # To copy and remove a hundred thousand files takes minutes.
        {"dovecot-maildir": 1, "cyrus": 1}),
    Block("empty", ALL, tuple(
        deliver(via, size, connections)
        for via in ("lmtp", "append") for size in (4096, 65536)
        for connections in (1, 8, 64))),
    Block("empty", ALL, (
        mixed(40, 10, 99), mixed(1, 1), mixed(10, 10), mixed(100, 10),
        mixed(1000, 20))),
    Block("empty", ALL, (login("none"), login("full"))),
    Block("one login process", ALL, (login("resumed", 1),)),
    Block("empty", IDLING, (idle("none"),)),
    Block("empty", IDLING, (idle("full"),)),
)

# What avocet-bench does not do: the size of the big store, and a store of a
# million messages, which is loaded once and only where that takes minutes.
DISK, START = "disk", "start"
MILLION_SERVERS = ("avocet", "dovecot-mdbox")
MILLION_OPEN = Step("open", {"mailbox": "big", "messages": MILLION,
                             "size": 1024})
# What is lost and found again when the server is killed.
UNSETTLED = Step("load", {"mailbox": "unsettled", "messages": 10_000,
                          "size": SIZE})

UNABLE = {
    ("cyrus", "login.resumed"): "cyrus resumes no TLS session: its processes "
                                "share no keys",
    **{(name, START): f"{name} is not loaded with a million messages: "
       "that alone would take many minutes"
       for name in OTHERS if name not in MILLION_SERVERS},
}

# A row of the table.  `aim` is what Avocet's value divided by the best other's
# shall be at most (`cost`) or at least (`speed`); `limit` what the value itself
# shall be at most.
Row = collections.namedtuple("Row", "measure kind aim limit",
                             defaults=("cost", None, None))


def rate(name, speed=None, cost=None):
    return (Row(f"{name}.per_s", "speed", speed), Row(f"{name}.p50_us"),
            Row(f"{name}.p99_us"), Row(f"{name}.cpu_us", "cost", cost))


ROWS = (
    Row("rest.pss_kb", limit=15_000),
    Row("multiappend.per_s", "speed", 3),
    Row("multiappend.cpu_us"),
    Row("disk.mb", aim=1),
    Row("select.cold.ms", aim=1),
    Row("select.warm.ms", aim=1),
    Row("fetch.flags.ms", aim=1 / 4),
    Row("fetch.envelope_first.ms", aim=1 / 5),
    Row("fetch.envelope.ms", aim=1 / 5),
    Row("fetch.bodystructure.ms", aim=1 / 4),
    Row("fetch.headers_first.ms"),
    Row("fetch.headers.ms", aim=1 / 4),
    Row("fetch.bodies.ms", aim=1 / 2),
    Row("fetch.bodies_tls.ms", aim=1 / 2),
    Row("status.ms", aim=1),
    Row("store.one.ms"),
    Row("store.all.ms", aim=1 / 3),
    Row("copy.ms", aim=1 / 2),
    Row("move.ms", aim=1 / 4),
    Row("expunge.ms", aim=1 / 3),
    *rate("lmtp.4k.1", speed=3),
    *rate("lmtp.4k.8"),
    *rate("lmtp.4k.64", speed=10, cost=1 / 15),
    *rate("lmtp.64k.1"),
    *rate("lmtp.64k.8"),
    *rate("lmtp.64k.64"),
    *rate("append.4k.1"),
    *rate("append.4k.8"),
    *rate("append.4k.64", speed=5, cost=1 / 8),
    *rate("append.64k.1"),
    *rate("append.64k.8"),
    *rate("append.64k.64", speed=3),
    *rate("mixed.1"),
    *rate("mixed.10"),
    *rate("mixed.40", speed=5, cost=1 / 10),
    *rate("mixed.100"),
    *rate("mixed.1000"),
    *rate("login.none", cost=1 / 10),
    *rate("login.full"),
    *rate("login.resumed"),
    Row("idle.none.bytes", limit=2048),
    Row("idle.none.told_ms", limit=100),
    Row("idle.full.bytes", limit=16384),
    Row("idle.full.told_ms", limit=100),
    Row("start.ms"),
    Row("start.killed.ms"),
    Row("million.select.cold.ms", limit=50),
    Row("million.select.warm.ms", limit=1),
)

ACCOUNT = {"user": USER, "password": PASSWORD, "domain": DOMAIN}
