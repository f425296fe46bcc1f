/* SPDX-License-Identifier: MIT
 *
 * Looking at a server's TLS as a client does, for `avocet doctor`.
 */
#ifndef AVOCET_TLS_INSPECT_H
#define AVOCET_TLS_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

enum tls_trust {
	TLS_TRUST_FULL,	       /* leads to a root that this machine trusts */
	TLS_TRUST_SELF_SIGNED, /* signed by itself, or by an unknown root */
	TLS_TRUST_INCOMPLETE,  /* a certificate between is missing */
	TLS_TRUST_EXPIRED,
	TLS_TRUST_OTHER, /* see why */
};

struct tls_inspection {
	bool shaken; /* the handshake succeeded; else only why is set */
	char version[16];
	char why[160]; /* of a failure, or of the lack of trust */
	enum tls_trust trust;
	bool name_fits;
	int64_t not_after; /* seconds since 1970, of the server's certificate */
};

/* Shake hands on the connected, blocking socket ${fd} (not owned; its time
 * limits hold), asking for ${name}; ${old}: offer nothing newer than TLS 1.1.
 * Ends TLS, but not the connection. */
void tls_inspect(
    int fd, const char *name, bool old, struct tls_inspection *ret_inspection);

#endif
