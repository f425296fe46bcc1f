# SPDX-License-Identifier: MIT
#
# What the benchmark measures and what is aimed at, as data.

import collections

BIG = 100_000
MILLION = 1_000_000
SIZE = 2200
OTHERS = ("dovecot-maildir", "dovecot-mdbox", "cyrus")
ALL = ("avocet", *OTHERS)
IDLING = ("avocet", "dovecot-maildir", "dovecot-mdbox", "dovecot-hibernate",
          "cyrus")
# One process a connection: as many as there is memory and time for.
FEWER_IDLE = {
    "dovecot-maildir": {"connections": 1000},
    "dovecot-mdbox": {"connections": 1000},
    "dovecot-hibernate": {"connections": 1000, "deliveries": 0},
    "cyrus": {"connections": 1000, "deliveries": 0},
}

# A step is one run of avocet-bench, in blocks: a block begins with a store
# made anew (`empty`: accounts only, `big`: with the mailbox `big` of BIG
# messages) and a server just started.  Steps of one name are chosen with
# --only.  `rounds` is how often at most, since some take long and vary little;
# a block's are by server.  `instead` are other keys for some servers.
Step = collections.namedtuple(
    "Step", "name keys rounds instead", defaults=({}, 99, {}))
Block = collections.namedtuple("Block", "store servers steps rounds",
                               defaults=({},))


def deliver(via, size, connections):
    return Step("deliver", {"via": via, "size": size, "seconds": 2,
                            "connections": connections, "users": connections})


def mixed(connections, users, rounds=1):
    return Step("mixed", {"connections": connections, "users": users,
                          "size": SIZE, "seconds": 3}, rounds)


def login(tls, rounds=1):
    return Step("login", {"tls": tls, "connections": 8, "users": 8,
                          "seconds": 2}, rounds)


def idle(tls):
    return Step("idle", {"tls": tls, "connections": 10_000, "deliveries": 5},
                1, FEWER_IDLE)


BLOCKS = (
    Block("empty", ALL, (
        Step("rest"),
        # A file a message, each of them synced, takes longer.
        Step("load", {"mailbox": "loaded", "messages": 20_000, "size": SIZE},
             99, {"cyrus": {"messages": 1000},
                  "dovecot-maildir": {"messages": 1000}}))),
    Block("big", ALL, tuple(
        Step(name, {"mailbox": "big", "messages": BIG, "size": SIZE})
        for name in ("open", "fetch", "status", "store", "copy")),
        # To copy and remove a hundred thousand files takes minutes.
        {"dovecot-maildir": 1, "cyrus": 1}),
    Block("empty", ALL, (
        deliver("lmtp", 4096, 1), deliver("lmtp", 4096, 64),
        deliver("append", 4096, 1), deliver("append", 4096, 64),
        deliver("append", 65536, 64))),
    Block("empty", ALL, (mixed(40, 10, 99), mixed(1, 1), mixed(1000, 10))),
    Block("empty", ALL, (login("none", 99), login("full"))),
    Block("one login process", ALL, (login("resumed"),)),
    Block("empty", ALL, (Step("huge", {"size": 50_000_000}, 1),)),
    Block("empty", IDLING, (idle("none"),)),
    Block("empty", IDLING, (idle("full"),)),
)

# What avocet-bench does not do: the size of the big store, what is synced
# before an OK, and a store of a million messages, which takes minutes to load,
# so that only the server that something is aimed at has one.
DISK, SYNCS, START = "disk", "syncs", "start"
MILLION_SERVERS = ("avocet",)
MILLION_OPEN = Step("open", {"mailbox": "big", "messages": MILLION,
                             "size": 1024})
# What is lost and found again when the server is killed.
UNSETTLED = Step("load", {"mailbox": "unsettled", "messages": 10_000,
                          "size": SIZE})

# Of so many logins in hundred a server must resume the TLS session, or it is
# not measured how fast it does that.
RESUMED, RESUMED_MIN = "login.resumed.share_percent", 90

# A row of the table.  `aim` is what Avocet's value divided by the best other's
# shall be at most (`cost`) or at least (`speed`); `limit` what the value itself
# shall be at most.
Row = collections.namedtuple("Row", "measure kind aim limit",
                             defaults=("cost", None, None))


def rate(name, speed=None, cost=None):
    return (Row(f"{name}.per_s", "speed", speed), Row(f"{name}.p50_us"),
            Row(f"{name}.p99_us"), Row(f"{name}.cpu_us", "cost", cost),
            Row(f"{name}.client_us"))


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
    *rate("lmtp.4k.64", speed=10, cost=1 / 15),
    *rate("append.4k.1"),
    *rate("append.4k.64", speed=5, cost=1 / 8),
    *rate("append.64k.64", speed=3),
    *rate("mixed.1"),
    *rate("mixed.40", speed=5, cost=1 / 10),
    *rate("mixed.1000"),
    *rate("login.none", cost=1 / 10),
    *rate("login.full"),
    Row(RESUMED, "speed"),
    *rate("login.resumed"),
    Row("huge.append.ms"),
    Row("huge.append.extra_kb", limit=8192),
    Row("huge.lmtp.ms"),
    Row("huge.lmtp.extra_kb", limit=8192),
    Row("huge.fetch.ms"),
    Row("huge.fetch.extra_kb", limit=8192),
    Row("idle.none.bytes", limit=2048),
    Row("idle.none.told_ms", limit=100),
    Row("idle.none.told_cpu_ms"),
    Row("idle.none.told_client_ms"),
    Row("idle.full.bytes", limit=16384),
    Row("idle.full.told_ms", limit=100),
    Row("idle.full.told_cpu_ms"),
    Row("idle.full.told_client_ms"),
    Row("start.ms"),
    Row("start.killed.ms"),
    Row("million.select.cold.ms", limit=50),
    Row("million.select.warm.ms", limit=1),
)

# What is to know of each run.
NOTES = (
    "Each server has a store of its own on the same disk, made anew for each "
    "block of steps, syncs to it as it does by default, and runs alone.",
    "Clients and server share the machine's cores.",
    "Passwords: Avocet has its own hash (yescrypt, and SCRAM's keys) and "
    "remembers for a while that a password was right; Dovecot has "
    "SHA512-CRYPT, which it computes at each login (of its login.*.cpu_us some "
    "2,000); Cyrus compares clear text.",
    "Of a thousand idle sessions Cyrus tells some of a delivery only a minute "
    "later, and Dovecot, when they hibernate, some never: of these the memory "
    "alone is measured.",
)
