# SPDX-License-Identifier: MIT
"""The mail program of Android, and Samsung's after it: tells its model in ID,
asks whether a folder is there with STATUS, searches with several literals that
wait, and needs COPYUID."""


def test_folders(client):
    client.run('1 ID ("name" "com.android.email" "x-android-device-model" "x" '
               '"AGUID" "y")', "* ID (...)", "1 OK ...")
    client.run('2 LIST "" ""', '* LIST (\\Noselect) "/" ""', "2 OK ...")
    client.run('3 STATUS "Sent" (UIDVALIDITY)',
               '* STATUS "Sent" (UIDVALIDITY ...)', "3 OK ...")
    client.run('4 STATUS "None" (UIDVALIDITY)', "4 NO [NONEXISTENT] ...")


def test_several_literals(selected):
    selected.run("1 UID SEARCH 1:* NOT DELETED", "* SEARCH 1", "1 OK ...")
    selected.run("2 UID SEARCH CHARSET UTF-8 OR FROM {5}", "+ ...")
    selected.run("hello OR TO {3}", "+ ...")
    selected.run("bob SUBJECT {5}", "+ ...")
    selected.run("hello", "* SEARCH 1", "2 OK ...")


def test_copy_and_fetch(selected):
    selected.run('1 UID COPY 1 "Archive"', "1 OK [COPYUID ... 1 1] ...")
    selected.run("2 UID FETCH 1 (BODY.PEEK[]<0.20>)",
                 "* 1 FETCH (UID 1 BODY[]<0> {20}\r\nFrom: Alice <alice@e)",
                 "2 OK ...")
