# SPDX-License-Identifier: MIT
#
# Avocet as it comes; the ports, the folder and the count of connections and
# logins are what the benchmark sets.

import concurrent.futures
import os

from server import OWNER, PASSWORD, ROOT, USER, USERS, Server, run, said

CONFIG = """
hostname = "localhost"
data = "{data}"
user = "{owner}"
control = "{folder}/control"
plaintext_login = "loopback"
account_connections = 0
account_rate = 0
tls = {{ certificate = "{folder}/cert.pem" key = "{folder}/key.pem" }}
listener = {{
  imap  = {{ protocol = "imap" address = "127.0.0.1:{imap}" tls = "starttls"
            connections = 100000 }}
  imaps = {{ protocol = "imap" address = "127.0.0.1:{imaps}" tls = "implicit"
            connections = 100000 }}
  lmtp  = {{ protocol = "lmtp" address = "unix:{lmtp}" tls = "none" }}
}}
"""


class Avocet(Server):
    name = "avocet"
    program = ROOT / "build" / "avocet"

    def set_up(self):
        self.choose_ports()
        self.make_certificate()
        self.lmtp = str(self.folder / "lmtp")
        self.write("avocet.conf", CONFIG.format(
            owner=OWNER, folder=self.folder, data=self.data, imap=self.imap,
            imaps=self.imaps, lmtp=self.lmtp))

    def version(self):
        return "avocet", said(self.program, "version").split()[-1]

    def words(self):
        return [self.program, "serve", "-c", self.folder / "avocet.conf"]

    def add_accounts(self):
        self.start()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(self.add_account, range(USERS)):
                pass
        self.stop()

    def add_account(self, number):
        run(self.program, "user", "add", f"{USER}{number}", "-c",
            self.folder / "avocet.conf", input=PASSWORD + "\n")
