# SPDX-License-Identifier: MIT
"""The Gmail app shows images as text unless BODYSTRUCTURE has the extension
data, the disposition among it."""

IMAGE = (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
         b"--b\r\nContent-Type: image/png; name=a.png\r\n"
         b"Content-Transfer-Encoding: base64\r\n"
         b"Content-Disposition: attachment; filename=a.png\r\n\r\n"
         b"AAAA\r\n--b--\r\n")


def test_disposition(client, other):
    other.append("INBOX", IMAGE)
    client.ask("1 SELECT INBOX")
    client.run("2 UID FETCH 1 (UID BODYSTRUCTURE)",
               '* 1 FETCH (UID 1 BODYSTRUCTURE (("TEXT" "PLAIN" ...)("IMAGE" '
               '"PNG" ("NAME" "a.png") NIL NIL "BASE64" 4 NIL ("ATTACHMENT" '
               '("FILENAME" "a.png")) NIL NIL) "MIXED" ("BOUNDARY" "b") NIL '
               "NIL NIL))", "2 OK ...")
