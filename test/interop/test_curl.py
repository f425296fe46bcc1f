# SPDX-License-Identifier: MIT
"""curl: list, upload, search, read, flag and delete, with the certificate
verified, by STARTTLS and by TLS."""

MESSAGE = (b"From: a@example.org\r\nTo: b@example.org\r\n"
           b"Subject: curl\r\nDate: Mon, 2 Feb 2026 10:00:00 +0100\r\n"
           b"\r\nfirst line\r\n.\r\nlast line\r\n")


def curl(account, path, *words, **settings):
    scheme = "imaps" if account.implicit else "imap"
    return account.run(
        "curl", "--silent", "--show-error", "--ssl-reqd", "--cacert",
        account.certificate, "--user", f"{account.user}:{account.password}",
        f"{scheme}://{account.host}:{account.port}/{path}", *words, **settings)


def test_curl(account):
    message = account.folder / "message"
    message.write_bytes(MESSAGE)
    assert b'"/" "INBOX"' in curl(account, "")
    curl(account, "INBOX", "--upload-file", message)
    curl(account, "INBOX", "--upload-file", message)
    assert curl(account, "INBOX?SUBJECT%20curl") == b"* SEARCH 1 2\r\n"
    assert curl(account, "INBOX;UID=1") == MESSAGE
    assert curl(account, "INBOX;MAILINDEX=2") == MESSAGE
    assert curl(account, "INBOX;UID=1;SECTION=TEXT") \
        == MESSAGE.split(b"\r\n\r\n", 1)[1]
    curl(account, "INBOX", "--request", "STORE 1 +FLAGS (\\Deleted)")
    assert b"* 1 EXPUNGE" in curl(account, "INBOX", "--request", "EXPUNGE")
    assert curl(account, "INBOX?ALL") == b"* SEARCH 1\r\n"
    curl(account, "", "--request", "CREATE Work/Caf&AOk-")
    assert b"Work/Caf&AOk-" in curl(account, "", "--request",
                                    'LIST "" "Work/*"')


def test_curl_sasl(account):
    """Every mechanism that we announce and Debian's curl knows."""
    for mechanism in ("PLAIN", "LOGIN"):
        out = curl(account, "", "--login-options", f"AUTH={mechanism}")
        assert b'"/" "INBOX"' in out, mechanism
