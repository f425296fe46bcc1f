# SPDX-License-Identifier: MIT
"""What real clients need: an account, and the programs."""

import fcntl
import os
import pathlib
import subprocess

import pytest

from client_account import CLIENT_S, Account
from witness import Witness
from work_client import EVOLUTION, FOLDER as WORK, JAVA_MAIL

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODULES = ROOT / "build" / "node"
PACKAGES = {"imapflow": "1.0.181", "imap": "0.8.19"}


@pytest.fixture(params=["imap", "imaps"])
def account(request, server, tmp_path):
    return Account(server, server.add_user(usual=True), request.param, tmp_path)


@pytest.fixture
def witness(account):
    made = Witness(account)
    yield made
    made.close()


@pytest.fixture(scope="session")
def modules():
    """A folder that has them, from the npm registry; another process that runs
    tests may want them at the same time."""
    MODULES.mkdir(parents=True, exist_ok=True)
    with open(MODULES / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [f"{name}@{version}" for name, version in PACKAGES.items()
                   if not (MODULES / "node_modules" / name).exists()]
        if missing:
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
