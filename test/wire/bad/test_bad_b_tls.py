# SPDX-License-Identifier: MIT
"""Bad input around TLS: commands in front of a handshake and behind the command
that asks for it, handshakes that are none, certificates without a name, and
headers of the PROXY protocol."""

import pytest

from lib.bad import check
from lib.bad_dialogues import trusting
from lib.bad_rows import of, talks
from lib.certificates import Authority
from lib.server import Server
from lib.shared import shared_server


@pytest.fixture
def strict():
    """A server that takes no password in the clear."""
    return shared_server("never")


@of("B1")
def test_b1_commands_behind_starttls(server, source, user, item):
    """They are dropped: what is inside TLS has answers of its own only."""
    check(server, item, source, user)


@of("B2")
def test_b2_commands_instead_of_a_hello(server, source, user, item):
    """They are no handshake, so that the connection ends."""
    check(server, item, source, user)


@talks("B2")
def test_b2_dialogues(server, source, user, item):
    item.repeat(server, source, user)


@of("B4")
def test_b4_unfinished_command(server, source, user, item):
    """STARTTLS within a literal or an exchange is not that command."""
    check(server, item, source, user)


@talks("B4")
def test_b4_dialogues(server, source, user, item):
    item.repeat(server, source, user)


@of("B5")
def test_b5_commands_behind_stls(server, source, user, item):
    check(server, item, source, user)


@of("B6")
def test_b6_commands_behind_lmtp_starttls(server, source, user, item):
    """Neither they nor what was said before count inside."""
    check(server, item, source, user)


@talks("B8")
def test_b8_login_in_the_clear(strict, source, item):
    """Refused whatever the password is, which is not in the log."""
    item.repeat(strict, source, strict.add_user())


@talks("B9")
def test_b9_initial_response_in_the_clear(strict, source, item):
    """Refused before it is looked at: be it base64 or not, the answer is the
    same."""
    item.repeat(strict, source, "nobody")


@talks("B10")
def test_b10_what_was_learnt_before(strict, source, item):
    """Capabilities are other ones inside, and nothing said before counts."""
    item.repeat(strict, source, strict.add_user())


@talks("B12")
def test_b12_server_names(server, source, user, item):
    """Whatever stands there, the default certificate is shown or the handshake
    ends with an alert."""
    item.repeat(server, source, user)


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A server that asks for client certificates."""
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    made = Server(more=trusting(authority)).start()
    made.authority = authority
    made.add_user("ann")
    yield made
    made.stop()
    made.remove()


@talks("B13")
def test_b13_certificate_without_a_name(certified, source, item):
    """A good certificate that names nobody opens no door."""
    item.repeat(certified, source, "ann")


@talks("B14")
def test_b14_versions_renegotiation_early_data(server, source, user, item):
    item.repeat(server, source, user)
