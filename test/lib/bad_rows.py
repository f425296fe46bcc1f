# SPDX-License-Identifier: MIT
"""For tests that are named after rows of the table of bad inputs: one test for
each of a row's inputs (lib/bad_inputs.py), or for each of its dialogues."""

import pytest

# They fill the list of dialogues.
from lib import bad_boxes, bad_dialogues, bad_messages  # pylint: disable=unused-import # noqa: F401
from lib.bad import dialogues
from lib.bad_inputs import inputs


def of(row):
    return pytest.mark.parametrize("item", inputs(row), ids=repr)


def talks(row):
    return pytest.mark.parametrize("item", dialogues(row), ids=repr)
