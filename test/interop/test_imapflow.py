# SPDX-License-Identifier: MIT
"""imapflow, the client library of many web mails: what client.mjs does."""

import json
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "node"
PROGRAM = pathlib.Path(__file__).with_name("imapflow.mjs")
VERSION = "1.0.181"


@pytest.fixture(scope="module")
def modules():
    """imapflow, from the npm registry."""
    if not (FOLDER / "node_modules" / "imapflow").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit",
                        "--no-fund", "--prefix", str(FOLDER),
                        f"imapflow@{VERSION}"], check=True, timeout=600)
    target = FOLDER / "client.mjs"
    target.write_bytes(PROGRAM.read_bytes())
    return target


def test_imapflow(modules, account):
    out = account.run("node", modules, json.dumps({
        "host": account.host, "port": account.port,
        "secure": account.implicit, "user": account.user,
        "pass": account.password, "ca": account.certificate.read_text()}))
    assert out.decode().splitlines()[-1] == "done", out.decode()
