# SPDX-License-Identifier: MIT
"""Rule 11: what a client says that it is changes nothing of what it is
offered."""

import pytest

from lib.server import PASSWORD


def offered(server, user, source, name):
    connection = server.connect(source=source)
    before = connection.ok("CAPABILITY")[0].raw
    if name:
        connection.ok('ID ("name" "%s" "version" "1")' % name)
    assert connection.ok("CAPABILITY")[0].raw == before
    connection.login(user, PASSWORD)
    if name:
        connection.ok('ID ("name" "%s" "version" "1")' % name)
    after = connection.ok("CAPABILITY")[0].raw
    listed = [r.raw for r in connection.ok('LIST "" "*"')]
    connection.close()
    return before, after, listed


@pytest.mark.parametrize("name", [
    "Microsoft Office 365", "Thunderbird", "iPhone Mail", "Mac OS X Mail"])
def test_same_for_all(server, user, source, name):
    assert offered(server, user, source, name) == \
        offered(server, user, source, None)
