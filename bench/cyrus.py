# SPDX-License-Identifier: MIT
#
# Cyrus 3.6 from Debian's packages, which cannot be installed beside Dovecot's:
# `tools/packages bench` unpacks them under build/bench.  No delivery is
# suppressed as a duplicate, passwords are compared in clear (sasldb), and the
# lock files are in memory, as its manual recommends.

import imaplib
import os
import pathlib
import shutil
import tempfile

from server import (DOMAIN, OWNER, PASSWORD, ROOT, USER, USERS, Server, die,
                    run, said)

UNPACKED = ROOT / "build" / "bench" / "cyrus"
ADMIN = "cyrus"

IMAPD = """
configdirectory: {data}/conf
defaultpartition: default
partition-default: {data}/spool
proc_path: {memory}/proc
mboxname_lockpath: {memory}/lock
lmtpsocket: {lmtp}
idlesocket: {folder}/idle
notifysocket: {folder}/notify
cyrus_user: {owner}
cyrus_group: {owner}
admins: {admin}
servername: {domain}
virtdomains: userid
defaultdomain: {domain}
altnamespace: yes
unixhierarchysep: yes
hashimapspool: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN LOGIN
tls_server_cert: {folder}/cert.pem
tls_server_key: {folder}/key.pem
tls_session_timeout: 0
duplicatesuppression: no
syslog_prefix: avocet-bench
"""

MASTER = """
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {imapd} -r"
}}
DAEMON {{
  idled cmd="{bin}/idled -C {imapd}"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {imapd}" listen="127.0.0.1:{imap}" proto="tcp4"
    prefork={cores} maxchild=-1
  imaps cmd="{bin}/imapd -C {imapd} -s" listen="127.0.0.1:{imaps}"
    proto="tcp4" prefork=1 maxchild=-1
  lmtpunix cmd="{bin}/lmtpd -C {imapd}" listen="{lmtp}" prefork={cores}
    maxchild=-1
}}
EVENTS {{
  checkpoint cmd="{bin}/ctl_cyrusdb -C {imapd} -c" period=30
}}
"""


class Cyrus(Server):
    name = "cyrus"
    memory = None
    programs = UNPACKED / "usr" / "lib" / "cyrus" / "bin"

    def set_up(self):
        if not self.programs.exists():
            die("no Cyrus: run `tools/packages bench`")
        self.choose_ports()
        self.make_certificate()
        self.lmtp = str(self.folder / "lmtp")
        self.memory = pathlib.Path(tempfile.mkdtemp(
            prefix="avocet-bench-", dir="/dev/shm"))
        shutil.chown(self.memory, OWNER, OWNER)
        imapd = self.write("imapd.conf", IMAPD.format(
            folder=self.folder, data=self.data, memory=self.memory,
            lmtp=self.lmtp, owner=OWNER, admin=ADMIN, domain=DOMAIN))
        text = MASTER.format(
            bin=self.programs, imapd=imapd, imap=self.imap, imaps=self.imaps,
            lmtp=self.lmtp, cores=os.cpu_count())
        # A service is one line of the file.
        self.write("cyrus.conf", text.replace("\n    ", " "))
        for user in [ADMIN, *(f"{USER}{n}" for n in range(USERS))]:
            run("saslpasswd2", "-p", "-c", "-f", self.folder / "sasldb2",
                "-u", DOMAIN, user, input=PASSWORD)
        shutil.chown(self.folder / "sasldb2", OWNER, OWNER)

    def add_accounts(self):
        for name in ("conf/db", "conf/socket", "conf/log", "conf/msg",
                     "conf/ptclient", "spool"):
            path = self.data / name
            path.mkdir(parents=True)
        run("chown", "-R", f"{OWNER}:{OWNER}", self.data)
        self.start()
        with imaplib.IMAP4("127.0.0.1", self.imap) as admin:
            admin.login(ADMIN, PASSWORD)
            for number in range(USERS):
                answer = admin.create(f"user/{USER}{number}")
                if answer[0] != "OK":
                    die(f"cyrus: {answer}")
        self.stop()

    def version(self):
        package, = (UNPACKED / "packages").glob("cyrus-imapd_*.deb")
        return "cyrus", said("dpkg-deb", "--field", package, "Version")

    def words(self):
        return [self.programs / "master", "-C", self.folder / "imapd.conf",
                "-M", self.folder / "cyrus.conf", "-p",
                self.folder / "pid", "-l", "1024", "-D"]

    def environment(self):
        return {**super().environment(), "LD_LIBRARY_PATH": str(
            UNPACKED / "usr" / "lib" / "x86_64-linux-gnu")}

    def close(self):
        super().close()
        if self.memory:
            shutil.rmtree(self.memory, ignore_errors=True)
