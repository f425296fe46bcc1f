/* SPDX-License-Identifier: MIT
 *
 * TLS as a server.  The only module that includes OpenSSL's headers.
 * TLS 1.2 and 1.3 (RFC 5246, 8446; use as RFC 9325 says), session tickets,
 * no renegotiation, no compression, no early data.
 */
#ifndef AVOCET_TLS_TLS_H
#define AVOCET_TLS_TLS_H

#include "base/buf.h"
#include "net/stream.h"

struct tls_context;

/* Load a PEM certificate chain and its key.  On failure *ret_why (text of
 * OpenSSL or errno, valid until the thread's next call) says what and which
 * file: RC_NOTFOUND, RC_REFUSED (no permission), RC_INVALID, RC_IO. */
enum rc tls_context_load(const char *certificate_file, const char *key_file,
    struct tls_context **ret_context, const char **ret_why) MUST_CHECK;

/* Make a self-signed certificate (ECDSA P-256, ten years, names
 * ${hostname}, localhost, 127.0.0.1, ::1) and write both PEM files, the key
 * with mode 0600.  RC_EXISTS when one of the files is there already: no key is
 * ever overwritten; RC_INVALID: ${hostname} is no name for a certificate. */
enum rc tls_make_self_signed(const char *hostname, const char *certificate_file,
    const char *key_file, const char **ret_why) MUST_CHECK;

/* Ask clients for certificates that authorities in the PEM file ${file} have
 * signed, and let those name a user: by the one e-mail address in the subject's
 * alternative names, or by the one common name of the subject.  A client without
 * one, or with another, is served as before and has no such name.  RC_INVALID:
 * the file has no certificates; RC_NOTFOUND, RC_REFUSED, RC_IO as above.  Before
 * the first connection only. */
enum tls_user { TLS_USER_EMAIL, TLS_USER_COMMON_NAME };
enum rc tls_context_trust(struct tls_context *c, const char *file,
    enum tls_user user, const char **ret_why) MUST_CHECK;

/* Another certificate for one server name (SNI, RFC 6066 section 3).
 * Ownership of ${extra} passes to ${c}.  Before the first connection only. */
void tls_context_add_name(
    struct tls_context *c, const char *hostname, struct tls_context *extra);

/* Let connections that begin from now on have the certificate and key of
 * ${fresh}, and what it asks of clients; it is freed; those that there are keep theirs.  At any time, by
 * one thread at a time.  Session tickets given before are not taken any more:
 * such clients make a full handshake. */
void tls_context_replace(struct tls_context *c, struct tls_context *fresh);

/* Free; NULL is fine.  Connections keep what they need. */
void tls_context_free(struct tls_context *c);

/* SHA-256 of the certificate as "AA:BB:..." with terminator. */
#define TLS_FINGERPRINT_BYTES 96
void tls_fingerprint(
    struct tls_context *c, char ret_fingerprint[TLS_FINGERPRINT_BYTES]);

/* The server side of TLS on the non-blocking socket ${fd} (not owned), as a
 * stream.  Idle streams release their buffers. */
struct stream *tls_stream_new(struct tls_context *c, int fd);

#endif
