# SPDX-License-Identifier: MIT
"""Several sessions and LMTP against a model that knows what each of them has to
see (DESIGN.md section 1, promises 1 to 4).

AVOCET_MODEL_SECONDS: how long (60); AVOCET_MODEL_SEED: replay that one.  A
failure names the seed; the same seed does the same operations.
"""

import os
import random
import time

import pytest

from driver import Driver
from lib.server import Server

SECONDS = float(os.environ.get("AVOCET_MODEL_SECONDS", "60"))
STEPS = 400     # of one seed; then a new one


def seeds():
    if "AVOCET_MODEL_SEED" in os.environ:
        yield int(os.environ["AVOCET_MODEL_SEED"])
        return
    while True:
        yield random.randrange(2**32)


def run_seed(server, seed, deadline, crash_every=0):
    driver = Driver(server, seed)
    step = 0
    try:
        for step in range(1, STEPS + 1):
            driver.step()
            if crash_every and step % crash_every == 0:
                driver.crash()
            if time.monotonic() > deadline and \
                    "AVOCET_MODEL_SEED" not in os.environ:
                break
        for session in driver.sessions:
            if session.idle_tag:
                session.end_idle()
            session.noop()()
        driver.check_all()
    except Exception as problem:
        pytest.fail("AVOCET_MODEL_SEED=%d, step %d: %s: %s\n%s\n%s" % (
            seed, step, type(problem).__name__, problem, driver.report(),
            server.problem()), pytrace=os.environ.get("AVOCET_MODEL_TRACE")
            is not None)
    finally:
        driver.close()


def run_seeds(seconds, crash_every=0):
    server = Server().start()
    deadline = time.monotonic() + seconds
    try:
        for seed in seeds():
            print("AVOCET_MODEL_SEED=%d" % seed)
            run_seed(server, seed, deadline, crash_every)
            if time.monotonic() > deadline:
                break
        server.stop()
    finally:
        if server.alive():
            server.kill()
        server.remove()


def test_model():
    run_seeds(SECONDS)


def test_model_with_crashes():
    run_seeds(SECONDS / 2, crash_every=40)
