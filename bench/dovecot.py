# SPDX-License-Identifier: MIT
#
# Dovecot 2.3, as its manual recommends for speed: login processes that serve
# many connections, mail processes that are used again (all mail has one
# owner), a cache of logins.  Syncing is its default.

import os
import resource
import subprocess

from server import DOMAIN, OWNER, PASSWORD, USER, USERS, Server, said

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = avocet-bench
log_path = {log}
protocols = imap lmtp
import_environment = TZ LD_PRELOAD
listen = 127.0.0.1
hostname = {domain}

ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem

disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
auth_cache_size = 16M
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={data}/%n
}}

first_valid_uid = 1
first_valid_gid = 1
mail_location = {location}
mail_max_userip_connections = 100000
namespace inbox {{
  inbox = yes
  separator = /
}}

default_client_limit = {descriptors}
default_vsz_limit = 2G
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  process_min_avail = {logins}
  process_limit = {logins}
}}
service imap {{
  service_count = 1000
  process_min_avail = {cores}
  process_limit = 12000
}}
service lmtp {{
  process_min_avail = {cores}
  process_limit = 1000
  unix_listener {lmtp} {{
    mode = 0600
  }}
}}
{extra}
"""

# Many processes that lock one mailbox look like a deadlock to fcntl().  A
# process that is used again would stay when its session hibernates.
HIBERNATE = """
lock_method = flock
imap_hibernate_timeout = 1s
service imap {
  service_count = 1
  unix_listener imap-master {
    user = $default_internal_user
  }
}
service imap-hibernate {
  unix_listener imap-hibernate {
    mode = 0666
  }
}
"""


class Dovecot(Server):
    location = ""
    extra = ""

    def set_up(self):
        self.choose_ports()
        self.make_certificate()
        self.lmtp = str(self.folder / "lmtp")
        digest = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD,
            capture_output=True, text=True, check=True).stdout.strip()
        self.write("users", "".join(
            f"{USER}{number}:{{SHA512-CRYPT}}{digest}\n"
            for number in range(USERS)))

    def begin(self):
        self.write("dovecot.conf", CONFIG.format(
            folder=self.folder, data=self.data, log=self.log, owner=OWNER,
            domain=DOMAIN, imap=self.imap, imaps=self.imaps, lmtp=self.lmtp,
            cores=os.cpu_count(), logins=1 if self.one_login_process
            else os.cpu_count(),
            descriptors=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            location=self.location, extra=self.extra))
        super().begin()

    def version(self):
        return "dovecot", said("/usr/sbin/dovecot", "--version").split()[0]

    def words(self):
        return ["/usr/sbin/dovecot", "-F", "-c",
                self.folder / "dovecot.conf"]


class DovecotMaildir(Dovecot):
    name = "dovecot-maildir"
    location = "maildir:~/Maildir"
    # Nobody but Dovecot writes to the folders.
    extra = "maildir_very_dirty_syncs = yes"


class DovecotMdbox(Dovecot):
    name = "dovecot-mdbox"
    location = "mdbox:~/mdbox"


class DovecotHibernate(DovecotMdbox):
    """Idle sessions are handed to one process that holds them all."""
    name = "dovecot-hibernate"
    extra = HIBERNATE
