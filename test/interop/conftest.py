# SPDX-License-Identifier: MIT
"""What real clients need: how to reach the server, in two ways, and its
certificate to verify."""

import dataclasses
import os
import pathlib
import subprocess

import pytest

from lib.server import PASSWORD
from witness import Witness
from work_client import EVOLUTION, FOLDER as WORK, JAVA_MAIL

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLIENT_S = 300
MODULES = ROOT / "build" / "node"
PACKAGES = {"imapflow": "1.0.181", "imap": "0.8.19"}


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


@pytest.fixture(params=["imap", "imaps"])
def account(request, server, tmp_path):
    return Account(server, server.add_user(), request.param, tmp_path)


@pytest.fixture
def witness(account):
    made = Witness(account)
    yield made
    made.close()


@pytest.fixture(scope="session")
def modules():
    """A folder that has them, from the npm registry."""
    missing = [f"{name}@{version}" for name, version in PACKAGES.items()
               if not (MODULES / "node_modules" / name).exists()]
    if missing:
        MODULES.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit",
                        "--no-fund", "--prefix", str(MODULES), *missing],
                       check=True, timeout=600)
    return MODULES


@pytest.fixture(scope="session")
def go_program(tmp_path_factory):
    """work.go, compiled with Debian's go-imap."""
    folder = tmp_path_factory.mktemp("go")
    settings = {"GOPATH": "/usr/share/gocode", "GO111MODULE": "off",
                "GOFLAGS": "", "GOCACHE": str(folder / "cache")}
    subprocess.run(["/usr/bin/go", "build", "-o", folder / "work",
                    WORK / "work.go"], env=os.environ | settings,
                   check=True, timeout=CLIENT_S)
    return folder / "work"


@pytest.fixture(scope="session")
def java_classes(tmp_path_factory):
    """Work.java, compiled."""
    folder = tmp_path_factory.mktemp("java")
    subprocess.run(["ecj", "-17", "-proc:none", "-cp", JAVA_MAIL, "-d",
                    folder, WORK / "Work.java"], check=True, timeout=CLIENT_S)
    return folder


@pytest.fixture(scope="session")
def schemas(tmp_path_factory):
    """The settings that Camel asks for, as GLib reads them."""
    folder = tmp_path_factory.mktemp("schemas")
    subprocess.run(["glib-compile-schemas", f"--targetdir={folder}",
                    EVOLUTION / "share" / "glib-2.0" / "schemas"],
                   check=True, timeout=CLIENT_S)
    return folder
