# SPDX-License-Identifier: MIT
"""offlineimap: SELECTs where others EXAMINE, asks for the delimiter with its
reference, falls back on a list of everything, and dies of a missing APPENDUID
where UIDPLUS is announced, and of UID 0."""


def test_folders(client):
    client.run('1 LIST "" ""', '* LIST (\\Noselect) "/" ""', "1 OK ...")
    got = client.ask('2 LIST "" "*"')
    assert len(got) > 5
    client.run('3 LIST "*" ""', '* LIST (\\Noselect) "/" ""', "3 OK ...")


def test_appenduid_always(client, mail):
    assert "UIDPLUS" in client.ask("1 CAPABILITY")[0].split()
    first = client.ask('2 SELECT "Sent"')
    for n in (1, 2, 3):
        client.send('3 APPEND "Sent" (\\Seen) "01-Jan-2026 10:00:00 +0000" '
                    "{%d}\r\n" % len(mail))
        client.expect("+ ...")
        client.send(mail + b"\r\n")
        got = client.until("3")
        assert got[-1].startswith("3 OK [APPENDUID ")
        assert got[-1].split("]")[0].endswith(" %d" % n)
    again = client.ask('4 SELECT "Sent"')
    validity = [line for line in first if "UIDVALIDITY" in line]
    assert validity and validity == [line for line in again
                                     if "UIDVALIDITY" in line]
