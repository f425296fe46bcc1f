/* SPDX-License-Identifier: MIT
 *
 * TLS as a client, towards a server whose certificate is verified: by the
 * roots that this machine trusts and the server's name, or by its fingerprint
 * alone.  TLS 1.2 and 1.3.
 */
#ifndef AVOCET_TLS_OUTGOING_H
#define AVOCET_TLS_OUTGOING_H

#include "net/stream.h"

#define TLS_OUTGOING_WHY_BYTES 400

/* Can ${text} be the SHA-256 of a certificate: 64 hexadecimal digits, with
 * colons between octets or without? */
bool tls_outgoing_is_fingerprint(const char *text);

/* The client's side of TLS on the non-blocking socket ${fd} (not owned), to
 * the server ${name} (a name or an address); ${fingerprint}: what its
 * certificate has to have instead of a signature and a name; NULL: none.  The
 * handshake has to be done first; it gives RC_REFUSED when the certificate is
 * not to be trusted, RC_IO when there is no TLS to be had, and
 * tls_outgoing_why() then says more. */
struct stream *
tls_outgoing_new(int fd, const char *name, const char *fingerprint);

/* For people; good until the stream is freed. */
const char *tls_outgoing_why(const struct stream *s);

#endif
