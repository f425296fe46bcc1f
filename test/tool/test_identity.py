# SPDX-License-Identifier: MIT
"""Started as root: the server becomes the user of the configuration, and the
data folder has to be that user's."""

import os
import pwd

import pytest

from lib.server import Server

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="needs root to begin with")

USER = "nobody"


@pytest.fixture
def server():
    server = Server()
    text = server.config.read_text()
    server.config.write_text(text.replace('user = ""', f'user = "{USER}"'))
    server.folder.chmod(0o755)
    yield server
    server.remove()


def owner(path):
    return pwd.getpwuid(path.stat().st_uid).pw_name


def refusal(server):
    with pytest.raises(RuntimeError) as refused:
        server.start()
    server.process.wait()
    server.reader.join()
    assert "event=start-failed" in str(refused.value)
    return str(refused.value)


def test_a_folder_that_is_not_there_is_made(server):
    server.start()
    assert owner(server.folder / "data") == USER
    server.login(server.add_user())
    server.stop()


def test_an_empty_folder_of_root_is_given_to_the_user(server):
    """As a service manager makes it (StateDirectory=)."""
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    server.start()
    assert owner(data) == USER
    server.login(server.add_user())
    server.stop()


def test_a_folder_of_root_with_something_in_it_is_refused(server):
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    (data / "notes").touch()
    assert f"chown -R {USER} {data}" in refusal(server)
    assert owner(data) == "root"


def test_a_folder_of_another_user_is_refused(server):
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, pwd.getpwnam("daemon").pw_uid, -1)
    assert f"chown -R {USER} {data}" in refusal(server)
    assert owner(data) == "daemon"


def test_the_tool_refuses_it_too(server):
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    (data / "notes").touch()
    done = server.tool("user", "list")
    assert done.returncode != 0
    assert f"chown -R {USER} {data}" in done.stderr
