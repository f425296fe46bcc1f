# SPDX-License-Identifier: MIT
"""Thunderbird without a screen: scripts are sent to it over Marionette, and work
in it as its own do (work_thunderbird.js)."""

import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

from serve import say, serve, where

PREFERENCES = {
    "marionette.port": 0,       # any that is free; it writes which
    "mail.provider.suppress_dialog_on_startup": True,
    "mailnews.start_page.enabled": False,
    "mail.server.default.use_condstore": True,
    "mail.server.default.autosync_offline_stores": False,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}
SCRIPT = pathlib.Path(__file__).with_suffix(".js").read_text()
START_S = 60


def die_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)   # PR_SET_PDEATHSIG


class Work:
    def __init__(self):
        self.profile = pathlib.Path(where("FOLDER")) / "profile"
        self.profile.mkdir(exist_ok=True)
        (self.profile / "user.js").write_text("".join(
            f'user_pref("{name}", {json.dumps(value)});\n'
            for name, value in PREFERENCES.items()))
        self.number = self.files = 0
        self.socket = self.answers = None

    def start(self):
        port = self.profile / "MarionetteActivePort"
        port.unlink(missing_ok=True)
        # pylint: disable=consider-using-with,subprocess-popen-preexec-fn
        process = subprocess.Popen(
            ["/usr/lib/thunderbird/thunderbird", "--headless", "--no-remote",
             "--marionette", "--remote-allow-system-access", "--profile",
             self.profile], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=die_with_us)
        deadline = time.monotonic() + START_S
        while not port.exists() or not port.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Thunderbird does not start")
            time.sleep(0.05)
        self.socket = socket.create_connection(
            ("127.0.0.1", int(port.read_text())))
        self.answers = self.socket.makefile("rb")
        self.hear()
        self.command("WebDriver:NewSession")
        self.command("Marionette:SetContext", value="chrome")
        self.command("WebDriver:SetTimeouts", script=60000)

    def hear(self):
        size = b""
        while not size.endswith(b":"):
            size += self.answers.read(1)
        return json.loads(self.answers.read(int(size[:-1])))

    def command(self, name, **words):
        self.number += 1
        text = json.dumps([0, self.number, name, words]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self.hear()
        if error:
            raise RuntimeError(error["message"])
        return result

    def do(self, verb, *words):
        result = self.command(
            "WebDriver:ExecuteScript", args=[verb, *words], sandbox="system",
            script=SCRIPT + "return verbs[arguments[0]]("
            "...[...arguments].slice(1));")
        return result["value"] or []

    def connect(self):
        if not self.socket:
            self.start()
        certificate = pathlib.Path(where("CERTIFICATE")).read_text()
        self.do("connect", where("HOST"), int(where("PORT")),
                where("LISTENER") == "imaps", where("USER"),
                where("PASSWORD"),
                "".join(certificate.strip().splitlines()[1:-1]))

    def append(self, mailbox, octets, *flags):
        self.files += 1
        path = pathlib.Path(where("FOLDER")) / f"message{self.files}"
        path.write_bytes(bytes.fromhex(octets))
        self.do("append", mailbox, str(path), "\\Seen" in flags)

    def idle(self):
        say("idling")
        return self.do("idle")

    def __getattr__(self, verb):
        return lambda *words: self.do(verb, *words)


serve(Work())
