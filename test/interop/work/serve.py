# SPDX-License-Identifier: MIT
"""The loop of the programs in Python: each verb is a method of one object."""

import os
import sys


def where(name):
    """WORK_HOST and the rest."""
    return os.environ["WORK_" + name]


def say(*words):
    print(*words, sep="\t", flush=True)


def serve(work):
    for line in sys.stdin:
        verb, *words = line.rstrip("\n").split("\t")
        try:
            say("ok", *(getattr(work, verb)(*words) or ()))
        except Exception as problem:    # pylint: disable=broad-except
            say("error", repr(problem).replace("\n", " ").replace("\t", " "))
