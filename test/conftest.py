# SPDX-License-Identifier: MIT
"""Wire tests: finds *.imap transcripts, and gives tests a server."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# pylint: disable=wrong-import-position
from lib.runner import Failure, Runner      # noqa: E402
from lib.server import Server               # noqa: E402
from lib.shared import new_source, shared_server, stop_shared_servers  # noqa: E402
from lib.transcript import Transcript       # noqa: E402

def pytest_addoption(parser):
    parser.addoption("--bytewise", action="store_true",
                     help="transcripts send every byte by itself")


def check_server(server):
    """After a test: the server lives and has nothing to report."""
    problem = server.problem()
    if problem or not server.alive():
        pytest.fail("the server: " + (problem or server.log()), pytrace=False)


class TranscriptFile(pytest.File):
    def collect(self):
        transcript = Transcript(self.path.read_text(encoding="utf-8"))
        for rev in transcript.revisions():
            yield TranscriptItem.from_parent(
                self, name="rev%d" % rev, transcript=transcript, rev=rev)


class TranscriptItem(pytest.Item):
    def __init__(self, name, parent, transcript, rev):
        super().__init__(name, parent)
        self.transcript = transcript
        self.rev = rev

    def runtest(self):
        server = shared_server(
            self.transcript.options.get("plaintext", "loopback"),
            self.transcript.options.get("config", ""))
        try:
            Runner(self.transcript, server, self.rev, new_source(),
                   self.config.getoption("bytewise")).run()
        finally:
            check_server(server)

    def repr_failure(self, excinfo, style=None):
        if excinfo.errisinstance(Failure):
            return "%s, %s" % (self.path.name, excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, "%s[%s]" % (self.path.name, self.name)


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".imap":
        return TranscriptFile.from_parent(parent, path=file_path)
    return None


# What was wrong when the processes that ran tests ended their servers.
END_PROBLEMS = []


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    del error
    END_PROBLEMS.extend(getattr(node, "workeroutput", {}).get("problems", []))


def pytest_sessionfinish(session, exitstatus):
    del exitstatus
    try:
        stop_shared_servers()
    except AssertionError as problem:
        END_PROBLEMS.append(str(problem))
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["problems"] = END_PROBLEMS
    elif END_PROBLEMS:
        print("\nat the end:", *END_PROBLEMS)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def server():
    """The shared server, looked at after the test."""
    found = shared_server()
    yield found
    check_server(found)


@pytest.fixture
def source():
    return new_source()


@pytest.fixture
def user(server):
    return server.add_user()


@pytest.fixture
def usual_user(server):
    """With keys for SCRAM."""
    return server.add_user(usual=True)


@pytest.fixture
def fresh_server():
    """A server of the test's own."""
    made = Server().start()
    yield made
    if made.alive():
        made.stop()
    made.remove()
