# SPDX-License-Identifier: MIT
"""All of an account, as IMAP shows it: to compare what went in with what is
there.  Names of mailboxes are as on the wire, in modified UTF-7."""

import calendar
import imaplib
import re

from lib.server import PASSWORD

MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"


def good(result):
    assert result[0] == "OK", result
    return result[1]


def connect(server, user):
    client = imaplib.IMAP4(*server.addresses["imap"])
    good(client.login(f'"{user}"', PASSWORD))
    return client


def internal_date(head):
    match = re.search(rb'INTERNALDATE "([ \d]\d)-(\w{3})-(\d{4}) '
                      rb'(\d\d):(\d\d):(\d\d) \+0000"', head)
    assert match, head
    return calendar.timegm((int(match[3]), MONTHS.index(match[2]) // 3 + 1,
                            int(match[1]), int(match[4]), int(match[5]),
                            int(match[6])))


def read_message(client, uid):
    """(UID, flags, date, octets)"""
    data = good(client.uid("FETCH", uid,
                           "(UID FLAGS INTERNALDATE BODY.PEEK[])"))
    head, body = data[0] if isinstance(data[0], tuple) else (data[0], b"")
    tail = data[1] if len(data) > 1 and isinstance(data[1], bytes) else b""
    flags = {flag.decode() for flag in imaplib.ParseFlags(head + tail)}
    return (int(uid), frozenset(flags - {"\\Recent"}),
            internal_date(head + tail), body)


def number(line, what):
    return int(re.search(rb"%s (\d+)" % what, line)[1])


def names(lines):
    return sorted(re.search(rb'"/" "?(.*?)"?$', line)[1].decode()
                  for line in lines if line is not None)


def everything(server, user):
    """{mailbox: (UIDVALIDITY, UIDNEXT, messages)}, and what is subscribed."""
    client = connect(server, user)
    found = {}
    for name in names(good(client.list())):
        line = good(client.status(f'"{name}"', "(UIDVALIDITY UIDNEXT)"))[0]
        good(client.select(f'"{name}"', readonly=True))
        uids = good(client.uid("SEARCH", "ALL"))[0].split()
        found[name] = (number(line, b"UIDVALIDITY"), number(line, b"UIDNEXT"),
                       [read_message(client, uid) for uid in uids])
    subscribed = names(good(client.lsub()))
    client.logout()
    return found, subscribed
