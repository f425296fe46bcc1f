# SPDX-License-Identifier: MIT
"""Messages for tests, as octets with CRLF line ends."""


def message(text):
    """A text with LF line ends, without its first line end, as octets."""
    return text.removeprefix("\n").replace("\n", "\r\n").encode()


PLAIN = message("""
From: Alice Example <alice@example.org>
To: bob@example.net
Subject: plain
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <plain@example.org>

Hello.
""")

PARTS = message("""
From: Alice Example <alice@example.org>
Sender: desk@example.org
Reply-To: reply@example.org
To: Bob <bob@example.net>, carol@example.com
Cc: friends: dan@example.com, erin@example.com;
Bcc: frank@example.com
Subject: =?utf-8?q?gr=C3=BCn?= "quoted"
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <parts@example.org>
In-Reply-To: <before@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"
Content-Language: en, de

preamble
--b
Content-Type: text/plain; charset=utf-8
Content-ID: <one@example.org>
Content-Description: the text
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
Content-Language: en
Content-Location: http://example.org/one

Hello
there
--b
Content-Type: message/rfc822

From: carol@example.com
Subject: inner
Content-Type: multipart/alternative; boundary=c

--c

first
--c
Content-Type: text/html

<p>second</p>
--c--
--b
Content-Type: application/octet-stream; name="x.bin"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="x.bin"

AAECAw==
--b--
epilogue
""")

INNER_HEADER = message("""
From: carol@example.com
Subject: inner
Content-Type: multipart/alternative; boundary=c

""")

INNER_TEXT = message("""
--c

first
--c
Content-Type: text/html

<p>second</p>
--c--""")
