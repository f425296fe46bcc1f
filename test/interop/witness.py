# SPDX-License-Identifier: MIT
"""What is in an account, as a session sees it that is none of the client's."""


def message(number, text="line"):
    """One with 8-bit text, dots, an empty line at its end and long lines."""
    return (f"From: =?utf-8?q?J=C3=BCrgen?= <j{number}@example.org>\r\n"
            f"To: you@example.org\r\nSubject: number {number}.\r\n"
            f"Date: Mon, 2 Feb 2026 10:00:{number:02} +0100\r\n"
            f"Message-ID: <{number}@work.example.org>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 8bit\r\n\r\n"
            f"Grüße {number}, {text}\r\n.\r\n..\r\n"
            + "long " * 150 + "\r\n\r\n").encode()


def lower(flags):
    """Case means nothing in flags, and go-imap has them all lower."""
    return {flag.lower() for flag in flags}


class Witness:
    """Another session on the account, which reads names as UTF-8."""

    def __init__(self, account):
        self.session = account.server.login(account.user)
        self.session.ok("ENABLE UTF8=ACCEPT")
        self.session.utf8 = True

    def names(self):
        return {response.data[2] for response in
                self.session.ok('LIST "" "*"') if response.name == "LIST"}

    def messages(self, mailbox):
        """UID -> flags."""
        found = {}
        self.session.ok(f'EXAMINE "{mailbox}"')
        for response in self.session.ok("UID FETCH 1:* FLAGS"):
            if response.name == "FETCH":
                flags = {flag for flag in response.data["FLAGS"]
                         if flag.lower() != "\\recent"}
                found[response.data["UID"]] = flags
        return found

    def close(self):
        self.session.close()
