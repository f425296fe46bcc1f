# SPDX-License-Identifier: MIT
"""test/wire/rules has a test for each of the rules that keep real clients
working, under the rule's number, and each says in its first lines what the rule
is."""

import re

from lib.server import ROOT

RULES = range(1, 38)
FOLDER = ROOT / "test" / "wire" / "rules"
NAME = re.compile(r"(?:rule-(\d\d)(?:-[a-z0-9]+)+\.imap|"
                  r"test_rule_(\d\d)(?:_[a-z0-9]+)+\.py)\Z")


def rules():
    """The files of each rule."""
    found = {}
    for path in FOLDER.iterdir():
        match = NAME.match(path.name)
        if path.is_file():
            assert match, path
            found.setdefault(int(match[1] or match[2]), []).append(path)
    return found


def test_all_are_there():
    assert sorted(rules()) == list(RULES)


def test_each_says_what_it_is_about():
    for number, paths in rules().items():
        for path in paths:
            begin = path.read_text(encoding="utf-8")[:300]
            assert re.search(r"\bRule %d\b" % number, begin), path
