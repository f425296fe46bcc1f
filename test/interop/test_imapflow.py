# SPDX-License-Identifier: MIT
"""imapflow, the client library of many web mails: what client.mjs does."""

import json
import pathlib

PROGRAM = pathlib.Path(__file__).with_name("imapflow.mjs")


def test_imapflow(modules, account):
    program = modules / "imapflow-test.mjs"
    program.write_bytes(PROGRAM.read_bytes())
    out = account.run("node", program, json.dumps({
        "host": account.host, "port": account.port,
        "secure": account.implicit, "user": account.user,
        "pass": account.password, "ca": account.certificate.read_text()}))
    assert out.decode().splitlines()[-1] == "done", out.decode()
