/* SPDX-License-Identifier: MIT
 *
 * SASLprep (RFC 4013): one form for names and passwords that look the same.
 */
#ifndef AVOCET_AUTH_SASLPREP_H
#define AVOCET_AUTH_SASLPREP_H

#include "base/rc.h"
#include "base/str.h"

/* Prepare ${text}, of which 1 to ${bytes_max} bytes are wanted, for comparison
 * (a query, RFC 3454 section 7: characters that Unicode 3.2 did not know pass).
 * The result is terminated and not empty; free it with saslprep_free().  NULL:
 * too long or empty, not UTF-8, or forbidden in part (NUL, control
 * characters). */
char *saslprep_query(struct str text, size_t bytes_max);

/* Has ${prepared}, which is terminated, characters that Unicode 3.2 did not know,
 * so that it must not be kept (a stored string, RFC 3454 section 7)? */
bool saslprep_has_new(const char *prepared);

/* Wipe and free; NULL is fine. */
void saslprep_free(char *prepared);

#endif
