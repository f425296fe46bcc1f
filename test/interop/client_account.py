# SPDX-License-Identifier: MIT
"""How a client reaches its account, and the certificate to verify."""

import dataclasses
import pathlib
import subprocess

from lib.server import PASSWORD

CLIENT_S = 300


@dataclasses.dataclass
class Account:
    """An account, and one way to reach it."""
    server: object
    user: str
    listener: str          # "imap": STARTTLS; "imaps": TLS at once
    folder: pathlib.Path   # of the test's own
    password: str = PASSWORD
    host: str = "localhost"

    @property
    def port(self):
        return self.server.addresses[self.listener][1]

    @property
    def implicit(self):
        return self.listener == "imaps"

    @property
    def certificate(self):
        return self.server.folder / "data" / "tls" / "cert.pem"

    def run(self, *words, **settings):
        """Run a client to its end; what it printed."""
        done = subprocess.run([str(word) for word in words], check=False,
                              capture_output=True, timeout=CLIENT_S,
                              **settings)
        assert done.returncode == 0, \
            f"{words[0]} ended with {done.returncode}:\n" \
            f"{done.stdout.decode(errors='replace')[-3000:]}\n" \
            f"{done.stderr.decode(errors='replace')[-3000:]}"
        return done.stdout
