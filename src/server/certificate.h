/* SPDX-License-Identifier: MIT
 *
 * The server's certificate: the configured one, or a self-signed one that is
 * made once and kept in the data folder.
 */
#ifndef AVOCET_SERVER_CERTIFICATE_H
#define AVOCET_SERVER_CERTIFICATE_H

#include "config/config.h"

struct tls_context;

/* Load the configured certificate; needs the right to read its key, so call it
 * while still root.  RC_NOTFOUND when none is configured.  What goes wrong is
 * logged. */
enum rc certificate_load_given(
    const struct config *c, struct tls_context **ret_context) MUST_CHECK;

/* Load whichever of the two it is, as the server's user, while it runs.  What
 * goes wrong is logged. */
enum rc certificate_load_again(
    const struct config *c, struct tls_context **ret_context) MUST_CHECK;

/* A number that changes when the files of the certificate or its key do. */
uint64_t certificate_version(const struct config *c);

/* Load the one in the data folder, after making it if it is missing; call it
 * as the server's user.  Says its fingerprint in the log as a warning. */
enum rc certificate_load_own(
    const struct config *c, struct tls_context **ret_context) MUST_CHECK;

#endif
