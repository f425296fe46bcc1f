# SPDX-License-Identifier: MIT
"""Certificates of clients for tests, and the authority that signs them, made
with the openssl program."""

import subprocess


def openssl(*words, text=None):
    done = subprocess.run(["openssl", *map(str, words)], input=text,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """Files in ${folder}; authority.file is what a server trusts."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.made = {}
        self.file = folder / (name + ".pem")
        self.key = folder / (name + ".key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=Test " + name, "-keyout", self.key, "-out", self.file)

    def sign(self, name, subject, extensions="", days="2"):
        """A certificate and its key in one PEM file."""
        key = self.folder / (name + ".key")
        request = self.folder / (name + ".csr")
        made = self.folder / (name + ".pem")
        settings = self.folder / (name + ".ext")
        settings.write_text(extensions)
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey",
                self.key, "-CAcreateserial", "-days", days, "-extfile",
                settings, "-out", made)
        made.write_text(made.read_text() + key.read_text())
        return made

    def signed(self, subject):
        """The same for the same subject."""
        if subject not in self.made:
            self.made[subject] = self.sign("signed%d" % len(self.made), subject)
        return self.made[subject]
