# SPDX-License-Identifier: MIT
"""avocet doctor finds what is planted, and names the cure; and finds nothing
where nothing is wrong."""

import os
import random
import socket
import ssl
import subprocess
import threading

import pytest

from lib.dns import NameServer
from lib.server import Server, program

CONFIG = """\
hostname = "%(hostname)s"
data = "%(data)s"
user = ""
sandbox = false
tls: { certificate = "%(certificate)s"; key = "%(key)s"; };
%(more)s
listener = { %(listeners)s };
"""
LISTENER = '%s = { protocol = "%s"; address = "%s:%d"; tls = "%s"; };'


# Ports that no client gets by chance, below those that the system gives, and
# that no test beside this one takes.
PORTS_OF_EACH = 1250
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 16
PORTS = list(range(12000 + PORTS_OF_EACH * WORKER,
                   12000 + PORTS_OF_EACH * (WORKER + 1)))
random.shuffle(PORTS)


def free_port():
    while True:
        port = PORTS.pop()
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return port
        except OSError:
            continue


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True,
                   capture_output=True)


class Authority:
    """A root, an authority below it, and certificates for a name."""

    def __init__(self, folder):
        self.folder = folder
        self.root = self.make("root", None, "/CN=Root", ca=True)
        self.below = self.make("below", "root", "/CN=Below", ca=True)

    def path(self, name, kind):
        return self.folder / ("%s.%s" % (name, kind))

    def make(self, name, signer, subject, ca=False, days=90, alt=None):
        extensions = self.path(name, "ext")
        lines = ["basicConstraints=critical,CA:%s" % str(ca).upper()]
        if alt:
            lines.append("subjectAltName=" + alt)
        extensions.write_text("\n".join(lines) + "\n", encoding="ascii")
        openssl("req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                "-keyout", self.path(name, "key"), "-out",
                self.path(name, "csr"))
        how = ["-CA", self.path(signer, "pem"), "-CAkey",
               self.path(signer, "key"), "-CAcreateserial"] if signer else \
            ["-signkey", self.path(name, "key")]
        openssl("x509", "-req", "-in", self.path(name, "csr"), *how, "-days",
                days, "-extfile", extensions, "-out", self.path(name, "pem"))
        return self.path(name, "pem")

    def server(self, name="localhost", days=90, chain=True, signer="below"):
        """(certificate chain, key) for a server."""
        made = self.make("server", signer, "/CN=" + name, days=days,
                         alt="DNS:" + name)
        whole = self.path("server", "chain")
        text = made.read_text(encoding="ascii")
        if chain and signer == "below":
            text += self.below.read_text(encoding="ascii")
        whole.write_text(text, encoding="ascii")
        return whole, self.path("server", "key")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


class Patient:
    """A configuration with known ports; a real server may be started on it."""

    def __init__(self, authority, files, hostname="localhost",
                 listeners=(("imap", "imap", "starttls"),
                            ("imaps", "imap", "implicit"),
                            ("pop3", "pop3", "starttls"),
                            ("lmtp", "lmtp", "none")),
                 address="127.0.0.1", more=""):
        self.server = Server()
        self.authority = authority
        self.ports = {name: free_port() for name, _, _ in listeners}
        self.server.config.write_text(CONFIG % {
            "hostname": hostname, "data": self.server.folder / "data",
            "certificate": files[0], "key": files[1], "more": more,
            "listeners": "\n".join(
                LISTENER % (name, protocol, address, self.ports[name], tls)
                for name, protocol, tls in listeners)}, encoding="utf-8")

    def start(self):
        self.server.start()
        return self

    def doctor(self, trusted=True, names=None):
        environment = {"PATH": "/usr/bin:/bin", "SSL_CERT_DIR": "/nonexistent",
                       "SSL_CERT_FILE": str(self.authority.root) if trusted
                       else "/nonexistent"}
        done = subprocess.run(
            [program(), "doctor", "-c", str(self.server.config),
             *(["--resolver", names.address] if names else [])],
            check=False, capture_output=True, text=True, env=environment, timeout=120)
        assert done.stderr == ""
        faults = [line for line in done.stdout.splitlines()
                  if line.startswith("FAULT")]
        assert done.returncode == (1 if faults else 0), done.stdout
        return faults, done.stdout

    def end(self):
        if self.server.process is not None and self.server.alive():
            self.server.stop()
        self.server.remove()


@pytest.fixture
def patient(authority):
    made = []

    def make(files=None, **rest):
        made.append(Patient(authority, files or authority.server(), **rest))
        return made[-1]

    yield make
    for each in made:
        each.end()


def only(faults, *words):
    """Each fault has all of the words."""
    assert faults, "no fault was found"
    for fault in faults:
        for word in words:
            assert word in fault, faults


def test_a_healthy_server(patient):
    faults, text = patient().start().doctor()
    assert faults == []
    assert "nothing is wrong" in text
    for name in ("imap", "imaps", "pop3", "lmtp"):
        assert "ok     %s 127.0.0.1" % name in text, text


def test_closed_ports_and_no_server(patient):
    faults, _ = patient().doctor()
    assert len(faults) == 5
    assert "control" in faults[0] and "start it" in faults[0]
    only(faults[1:], "cannot connect", "firewall")


def test_an_expired_certificate(patient, authority):
    faults, _ = patient(authority.server(days=-1)).start().doctor()
    only(faults, "expired on", "renew it", "avocet reload")


def test_a_certificate_that_expires_soon(patient, authority):
    faults, _ = patient(authority.server(days=5)).start().doctor()
    only(faults, "expires on", "days", "renew it")


def test_a_wrong_name(patient, authority):
    faults, _ = patient(authority.server("mail.example.org")).start().doctor()
    only(faults, "is not for localhost", "set hostname")


def test_a_missing_chain(patient, authority):
    faults, _ = patient(authority.server(chain=False)).start().doctor()
    only(faults, "missing", "whole chain")


def test_an_unknown_root(patient):
    faults, _ = patient().start().doctor(trusted=False)
    only(faults, "known authority")


def test_a_certificate_signed_by_itself(patient, authority):
    files = authority.server(signer=None)
    faults, _ = patient(files).start().doctor()
    only(faults, "signed by itself", "get one from an authority")


def test_a_name_without_address(patient, authority):
    name = "no-such-host.invalid"
    faults, _ = patient(authority.server(name), hostname=name).start().doctor()
    only(faults, "has no address", "A or AAAA record")


class Imposter(threading.Thread):
    """Something else on the port: plays its lines on each connection."""

    def __init__(self, port, talk):
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", port))
        self.talk = talk

    def run(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            try:
                self.talk(connection)
            except (OSError, ssl.SSLError):
                pass
            connection.close()

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.join()


@pytest.fixture
def imposter():
    made = []

    def make(port, talk):
        made.append(Imposter(port, talk))
        made[-1].start()

    yield make
    for each in made:
        each.close()


def imap(capabilities):
    def talk(connection):
        connection.sendall(b"* OK here\r\n")
        connection.recv(100)
        connection.sendall(b"* CAPABILITY IMAP4rev1 " + capabilities +
                           b"\r\na OK\r\n")
        connection.recv(100)
        connection.sendall(b"b BAD\r\n")
    return talk


ONE = (("imap", "imap", "starttls"),)


def test_no_starttls(patient, imposter):
    one = patient(listeners=ONE)
    imposter(one.ports["imap"], imap(b"LOGINDISABLED"))
    only(one.doctor()[0][1:], "does not offer STARTTLS", "proxy")


def test_passwords_in_clear(patient, imposter):
    one = patient(listeners=ONE)
    imposter(one.ports["imap"], imap(b"STARTTLS AUTH=PLAIN"))
    faults = one.doctor()[0][1:]
    assert "passwords in clear" in faults[0]
    assert "refuses STARTTLS" in faults[1]


def test_another_server_on_the_port(patient, imposter):
    one = patient(listeners=ONE)
    imposter(one.ports["imap"],
             lambda connection: connection.sendall(b"220 smtp\r\n"))
    only(one.doctor()[0][1:], "does not greet", "something else")


def test_no_tls_behind_the_port(patient, imposter):
    one = patient(listeners=(("imaps", "imap", "implicit"),))
    imposter(one.ports["imaps"],
             lambda connection: connection.sendall(b"* OK plain\r\n"))
    faults = one.doctor()[0][1:]
    assert "TLS cannot be set up" in faults[0]


def test_old_tls(patient, imposter, authority):
    chain, key = authority.server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(chain, key)

    def talk(connection):
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1)

    one = patient((chain, key), listeners=(("imaps", "imap", "implicit"),))
    imposter(one.ports["imaps"], talk)
    only(one.doctor()[0][1:], "can be broken", "TLS 1.2")


def test_no_tls_and_not_only_for_this_machine(patient):
    """192.0.2.7 is nobody's (RFC 5737)."""
    faults, _ = patient(listeners=(("imap", "imap", "none"),),
                        address="192.0.2.7").doctor()
    only([fault for fault in faults if "has no TLS" in fault],
         "nobody can log in there", "set tls to")


# -- the DNS -------------------------------------------------------------------

HOST = "mail.test"
DOMAIN = 'domains = [ "example.test" ];'


@pytest.fixture
def names():
    made = []

    def make(records, broken=()):
        made.append(NameServer(records, broken))
        return made[-1]

    yield make
    for each in made:
        each.close()


def address_of(host=HOST, address="127.0.0.1"):
    return {(host, "A"): [address]}


def services(one, **changed):
    """The records that tell the truth of a patient, with those changed."""
    service = {"imap": "_imap", "imaps": "_imaps", "pop3": "_pop3"}
    records = {"_%s" % name.lstrip("_"): "0 1 %d %s." % (port, HOST)
               for name, port in one.ports.items() if name in service}
    records.update(("_" + name, text) for name, text in changed.items())
    return {("%s._tcp.example.test" % name, "SRV"):
            [text] if isinstance(text, str) else text
            for name, text in records.items() if text}


def known(patient, authority, **rest):
    return patient(authority.server(HOST), hostname=HOST, more=DOMAIN, **rest)


def test_records_that_are_right(patient, authority, names):
    one = known(patient, authority).start()
    faults, text = one.doctor(names=names(address_of() | services(one)))
    assert faults == [] and "nothing is wrong" in text
    assert "advice" not in text
    for name in ("imap", "imaps", "pop3"):
        assert "ok     _%s._tcp.example.test: leads to %s:%d" % (
            name, HOST, one.ports[name]) in text, text


def test_one_of_several_records_is_right(patient, authority, names):
    one = known(patient, authority).start()
    records = services(one, imaps=["0 1 993 other.test.", "5 1 %d MAIL.test." %
                                   one.ports["imaps"]])
    assert one.doctor(names=names(address_of() | records))[0] == []


def test_records_that_are_missing(patient, authority, names):
    """No fault, since nobody has to have them; but told, ready to publish."""
    one = known(patient, authority).start()
    faults, text = one.doctor(names=names(address_of()))
    assert faults == []
    for name in ("imap", "imaps", "pop3"):
        assert 'publish "_%s._tcp.example.test. SRV 0 1 %d %s."' % (
            name, one.ports[name], HOST) in text, text
    assert text.count("advice") == 3


def test_the_domain_of_the_name(patient, authority, names):
    """When the configuration has none."""
    host = "mail.example.test"
    one = patient(authority.server(host), hostname=host).start()
    faults, text = one.doctor(names=names(address_of(host)))
    assert faults == []
    assert 'publish "_imaps._tcp.example.test. SRV 0 1 %d %s."' % (
        one.ports["imaps"], host) in text, text


def test_a_record_with_another_name(patient, authority, names):
    one = known(patient, authority).start()
    records = services(one, imaps="0 1 993 old.test.")
    faults, _ = one.doctor(names=names(address_of() | records))
    only(faults, "_imaps._tcp.example.test", "leads to old.test:993, not here",
         'SRV 0 1 %d %s."' % (one.ports["imaps"], HOST), "set hostname")


def test_a_record_with_another_port(patient, authority, names):
    one = known(patient, authority).start()
    records = services(one, imap="0 1 9 %s." % HOST)
    faults, _ = one.doctor(names=names(address_of() | records))
    only(faults, "_imap._tcp.example.test", "leads to %s:9, not here" % HOST)


def test_a_record_that_denies_the_service(patient, authority, names):
    one = known(patient, authority).start()
    records = services(one, imap="0 0 0 .")
    faults, _ = one.doctor(names=names(address_of() | records))
    only(faults, "says that there is no such service", 'SRV 0 1 %d %s."' %
         (one.ports["imap"], HOST))


def test_a_record_for_what_is_not_offered(patient, authority, names):
    one = known(patient, authority).start()
    records = services(one, pop3s="0 1 995 %s." % HOST)
    faults, _ = one.doctor(names=names(address_of() | records))
    only(faults, "_pop3s._tcp.example.test", "no listener", "take the record "
         "away", "SRV 0 0 0 .")
    # At another server it may well be.
    records = services(one, pop3s="0 1 995 other.test.")
    assert one.doctor(names=names(address_of() | records))[0] == []


def test_name_servers_that_fail(patient, authority, names):
    one = known(patient, authority).start()
    broken = ("_imap._tcp.example.test",)
    faults, _ = one.doctor(names=names(address_of() | services(one), broken))
    only(faults, "_imap._tcp.example.test", "cannot be looked up",
         "name servers")
    faults, _ = one.doctor(names=names(services(one), (HOST,)))
    only(faults, "hostname", "cannot be looked up", "name servers")


def test_no_name_server(patient, authority):
    """Nobody answers: it takes some seconds, and ends."""
    class Nobody:
        address = "127.0.0.1:%d" % free_port()

    one = known(patient, authority).start()
    faults, _ = one.doctor(names=Nobody)
    assert len(faults) == 5, faults
    only(faults, "cannot be looked up", "name servers")


def test_a_name_without_address_in_the_dns(patient, authority, names):
    one = known(patient, authority).start()
    faults, _ = one.doctor(names=names(services(one)))
    only(faults, "hostname", "has no address", "A or AAAA record")


def test_what_is_no_resolver(patient):
    one = patient()
    for address in ("nonsense", "127.0.0.1:x", "127.0.0.1:70000", "::1", ""):
        done = subprocess.run(
            [program(), "doctor", "-c", str(one.server.config), "--resolver",
             address], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and "--resolver" in done.stderr, address


# -- as clients see it ---------------------------------------------------------

def seen(patient, authority, names, *addresses):
    """A healthy server on loopback; and the doctor's findings for one that is
    configured at an address which is nobody's, whose name leads there."""
    one = known(patient, authority, listeners=ONE).start()
    text = one.server.config.read_text(encoding="utf-8")
    assert text.count("127.0.0.1:") == 1
    one.server.config.write_text(text.replace("127.0.0.1:", "192.0.2.7:"),
                                 encoding="utf-8")
    records = {(HOST, "A"): list(addresses)} | services(one)
    faults, text = one.doctor(names=names(records))
    return [fault for fault in faults if "192.0.2.7" not in fault], text


def test_the_name_leads_to_the_server(patient, authority, names):
    faults, text = seen(patient, authority, names, "127.0.0.1")
    assert faults == []
    assert "%s:" % HOST in text and "(127.0.0.1): answers" in text
    assert "(127.0.0.1): the certificate is trusted" in text


def test_one_address_of_the_name_is_closed(patient, authority, names):
    """A client that takes it waits, or gives up."""
    faults, text = seen(patient, authority, names, "127.0.0.1", "127.0.0.9")
    only(faults, "(127.0.0.9)", "cannot connect", "firewall")
    assert "(127.0.0.1): answers" in text
