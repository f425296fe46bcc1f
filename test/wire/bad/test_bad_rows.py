# SPDX-License-Identifier: MIT
"""Every row of the table of bad inputs has a test that is named after it, here
or beside: test_<row>_<what>(); and is in the loop of strangers, or it is said
here why not."""

import pathlib
import re

from lib import bad_boxes, bad_dialogues, bad_messages
from lib.bad import DIALOGUES
from lib.bad_inputs import INPUTS

TEST = pathlib.Path(__file__).resolve().parent.parent.parent
ROWS = """
    a1 a2 a4 a5 a6 a8 a9 a10 a12 a13 a14 a16 a17 a18 a20 a21 a22 a24 a25 a26
    b1 b2 b4 b5 b6 b8 b9 b10 b12 b13 b14 b16
    c1 c2 c4 c5 c6 c8 c9 c10 c12 c13 c14 c16
    d1 d2 d4 d5 d6 d8 d9 d10 d12 d13 d14
    f1 f2 f4 f5 f6 f8 f9 f10 f12 f13 f14 f16 f17 f18 f20
    g1 g2 g4 g5 g6 g8
    h1 h2 h4 h5 h6 h8 h9 h10 h12 h13 h14
    """.split()
# It kills the server each time, so that there is nothing that could grow; its
# own test does so a thousand times.
NOT_IN_THE_LOOP = {"h12"}


def test_every_row_has_a_test():
    found = set()
    for path in [*TEST.glob("wire/**/*.py"), *TEST.glob("crash/*.py")]:
        found.update(re.findall(r"^def test_([a-h]\d+)_",
                                path.read_text(encoding="utf-8"), re.M))
    assert not set(ROWS) - found
    assert found - {"e33"} <= set(ROWS)


def test_every_row_is_in_the_loop():
    assert all((bad_boxes, bad_dialogues, bad_messages))
    looped = {item.row.lower() for item in [*INPUTS, *DIALOGUES]}
    assert looped == set(ROWS) - NOT_IN_THE_LOOP
