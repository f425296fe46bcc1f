# SPDX-License-Identifier: MIT
"""Runs Dovecot with mail of its own, on loopback ports: a server to move away
from.  Nobody needs privileges for it."""

import getpass
import imaplib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "another-horse"
MASTER_PASSWORD = "a-third-one"
START_S = 60

CONFIG = """
base_dir = %(folder)s/run
state_dir = %(folder)s/state
instance_name = avocet-test
log_path = %(folder)s/log
protocols = imap
listen = 127.0.0.1
%(users)s
ssl = yes
ssl_cert = <%(certificate)s
ssl_key = <%(certificate)s
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_master_user_separator = *
passdb {
  driver = static
  args = password=%(master)s
  master = yes
}
passdb {
  driver = static
  args = password=%(password)s
}
userdb {
  driver = static
  args = uid=%(owner)s gid=%(owner)s home=%(folder)s/mail/%%n
}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:~/Maildir
namespace inbox {
  inbox = yes
  separator = %(separator)s
  prefix = %(prefix)s
  mailbox "Sent Things" {
    special_use = \\Sent
    auto = subscribe
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %(imap)d
  }
  inet_listener imaps {
    port = %(imaps)d
    ssl = yes
  }
}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Dovecot:
    """${certificate}: a PEM file with chain and key."""

    def __init__(self, certificate, separator=".", prefix="INBOX."):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="avocet-test-"))
        self.folder.chmod(0o755)
        self.imap, self.imaps = free_port(), free_port()
        root = os.getuid() == 0
        self.owner = owner = pwd.getpwnam("nobody").pw_uid if root else os.getuid()
        mail = self.folder / "mail"
        mail.mkdir()
        os.chown(mail, owner, -1)
        name = getpass.getuser()
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(CONFIG % {
            "folder": self.folder, "certificate": certificate,
            "owner": owner, "separator": separator, "prefix": prefix,
            "imap": self.imap, "imaps": self.imaps, "password": PASSWORD,
            "master": MASTER_PASSWORD,
            "users": "" if root else
            f"default_internal_user = {name}\ndefault_login_user = {name}\n"})
        self.process = subprocess.Popen(
            [PROGRAM, "-F", "-c", self.config], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.await_start()

    def await_start(self):
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                imaplib.IMAP4("127.0.0.1", self.imap).logout()
                return
            except OSError:
                assert self.process.poll() is None, self.process.stderr.read()
        raise AssertionError((self.folder / "log").read_text())

    def login(self, user):
        client = imaplib.IMAP4("127.0.0.1", self.imap)
        client.login(user, PASSWORD)
        return client

    def deliver(self, user, messages):
        """Put all into INBOX at once; nobody has it open."""
        folder = self.folder / "mail" / user / "Maildir"
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
        for number, message in enumerate(messages):
            (folder / "cur" / f"17{number:08}.M{number}.host:2,S").write_bytes(
                message)
        for path in (folder.parent, *folder.parent.rglob("*")):
            os.chown(path, self.owner, -1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(START_S)
        self.process.stderr.close()
        shutil.rmtree(self.folder)
