# SPDX-License-Identifier: MIT
"""TLS sessions are taken up again by ticket: TLS 1.3 (RFC 8446 section 2.2)
and TLS 1.2 (RFC 5077)."""

import ssl

import pytest

from lib.client import Connection, tls_context
from lib.server import PASSWORD

VERSIONS = ["TLSv1_2", "TLSv1_3"]


def context_of(version):
    """Sessions belong to the context that they were made with."""
    context = tls_context()
    context.minimum_version = getattr(ssl.TLSVersion, version)
    context.maximum_version = getattr(ssl.TLSVersion, version)
    return context


def connect(server, source, listener, context, session=None):
    """A connection with TLS by ${context}, as far as its greeting."""
    connection = Connection(server.addresses[listener], source)
    if listener == "imap":
        connection.read()
        connection.ok("STARTTLS")
    connection.socket = context.wrap_socket(connection.socket,
                                            session=session)
    if listener == "imaps":
        connection.read()
    return connection


def leave_with_session(connection):
    """TLS 1.3 sends tickets behind the handshake: read on before they are
    asked for."""
    connection.ok("NOOP")
    session = connection.socket.session
    connection.ok("LOGOUT")
    connection.close()
    return session


@pytest.mark.parametrize("listener", ["imap", "imaps"])
@pytest.mark.parametrize("version", VERSIONS)
def test_session_is_resumed(server, source, user, version, listener):
    context = context_of(version)
    first = connect(server, source, listener, context)
    assert not first.socket.session_reused
    session = leave_with_session(first)
    assert session.has_ticket and session.ticket_lifetime_hint > 0
    for _ in range(3):
        again = connect(server, source, listener, context, session)
        assert again.socket.session_reused
        again.login(user, PASSWORD)
        again.ok("SELECT INBOX")
        session = leave_with_session(again)


@pytest.mark.parametrize("version", VERSIONS)
def test_resumed_session_is_not_logged_in(server, source, user, version):
    """What was learnt in a session is not a part of it."""
    context = context_of(version)
    first = connect(server, source, "imaps", context)
    first.login(user, PASSWORD)
    session = leave_with_session(first)
    again = connect(server, source, "imaps", context, session)
    assert again.socket.session_reused
    _, tagged = again.command("SELECT INBOX")
    assert tagged.name == "BAD"
    again.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_ticket_of_another_server(server, fresh_server, source, version):
    """Or of the same before it was started again: a full handshake."""
    context = context_of(version)
    session = leave_with_session(connect(server, source, "imaps", context))
    again = connect(fresh_server, source, "imaps", context, session)
    assert not again.socket.session_reused
    again.ok("NOOP")
    again.close()
