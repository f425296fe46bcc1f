# SPDX-License-Identifier: MIT
"""SCRAM bound to the TLS connection, with GNU SASL's own client on GnuTLS."""

import shutil
import subprocess

import pytest

from lib.server import PASSWORD

pytestmark = pytest.mark.skipif(
    shutil.which("gsasl") is None, reason="gsasl is not installed")


@pytest.fixture
def user(usual_user):
    return usual_user


def gsasl(server, user, password, mechanism, *options):
    """The client's exit code and what it printed."""
    host, port = server.addresses["imap"]
    certificate = server.folder / "data" / "tls" / "cert.pem"
    done = subprocess.run(
        ["gsasl", "--imap", "--starttls", "--mechanism=" + mechanism,
         "--authentication-id=" + user, "--password=" + password,
         "--x509-ca-file=" + str(certificate), "--no-client-first",
         *options, "--connect=localhost:%d" % port],
        input="", capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("mechanism", [
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"])
def test_plus(server, user, mechanism):
    code, out = gsasl(server, user, PASSWORD, mechanism)
    assert code == 0 and "finished (server trusted)" in out, out
    assert "OK" in out and "Logged in" in out, out


def test_wrong_password(server, user):
    code, out = gsasl(server, user, "wrong", "SCRAM-SHA-256-PLUS")
    assert code != 0 and "Logged in" not in out, out


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "PLAIN"])
def test_without_binding(server, user, mechanism):
    code, out = gsasl(server, user, PASSWORD, mechanism, "--no-cb")
    assert code == 0 and "Logged in" in out, out
