# SPDX-License-Identifier: MIT
"""eM Client opens each folder with two parameters in one list; what is not read
of it must not run as the next command."""


def test_two_parameters(client, mail):
    del mail
    client.run("1 ENABLE QRESYNC", "* ENABLED CONDSTORE QRESYNC", "1 OK ...")
    got = client.ask('2 SELECT "INBOX" (CONDSTORE)')
    validity = [line.split("UIDVALIDITY ")[1].split("]")[0]
                for line in got if "[UIDVALIDITY " in line][0]
    client.send('3 SELECT INBOX (CONDSTORE QRESYNC (%s 1 1:1 (1 1)))\r\n'
                "4 NOOP\r\n" % validity)
    got = client.until("4")
    tagged = [line for line in got if line[0] != "*"]
    assert [line.split()[:2] for line in tagged] == [["3", "OK"], ["4", "OK"]]
    assert "* 1 EXISTS" in got
    client.run("5 SELECT INBOX (CONDSTORE QRESYNC (0 0)", "5 BAD ...")
    client.run("6 NOOP", "6 OK ...")
