# SPDX-License-Identifier: MIT
"""avocet doctor finds what is planted, and names the cure; and finds nothing
where nothing is wrong."""

import random
import socket
import ssl
import subprocess
import threading

import pytest

from lib.server import Server, program

CONFIG = """\
hostname = "%(hostname)s"
data = "%(data)s"
user = ""
sandbox = false
tls: { certificate = "%(certificate)s"; key = "%(key)s"; };
listener = { %(listeners)s };
"""
LISTENER = '%s = { protocol = "%s"; address = "127.0.0.1:%d"; tls = "%s"; };'


def free_port():
    """One that no client gets by chance: below those that the system gives."""
    while True:
        port = random.randrange(12000, 32000)
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
                            ("lmtp", "lmtp", "none"))):
        self.server = Server()
        self.authority = authority
        self.ports = {name: free_port() for name, _, _ in listeners}
        self.server.config.write_text(CONFIG % {
            "hostname": hostname, "data": self.server.folder / "data",
            "certificate": files[0], "key": files[1],
            "listeners": "\n".join(
                LISTENER % (name, protocol, self.ports[name], tls)
                for name, protocol, tls in listeners)}, encoding="utf-8")

    def start(self):
        self.server.start()
        return self

    def doctor(self, trusted=True):
        environment = {"PATH": "/usr/bin:/bin", "SSL_CERT_DIR": "/nonexistent",
                       "SSL_CERT_FILE": str(self.authority.root) if trusted
                       else "/nonexistent"}
        done = subprocess.run(
            [program(), "doctor", "-c", str(self.server.config)], check=False,
            capture_output=True, text=True, env=environment, timeout=120)
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
