/* SPDX-License-Identifier: MIT
 *
 * Reading back what a session sends: a response grammar that shares nothing
 * with the writers (RFC 9051 sections 7 and 9, RFC 3501 sections 7 and 9, and
 * the extensions that are announced).
 *
 * It takes less than the RFCs give, as this server promises more: no response
 * code, flag, attribute or item that it does not know, no "{0}", mailbox names
 * always quoted, BODYSTRUCTURE always with its extension data, sets of results
 * in ascending order.  And it follows the session by its output alone: what
 * was enabled, and how many messages there are, says which responses may come.
 */
#ifndef AVOCET_PROTO_IMAP_RESPONSE_CHECK_H
#define AVOCET_PROTO_IMAP_RESPONSE_CHECK_H

#include "base/output_check.h"

/* Where the first response is the greeting; or where that is over already.  To
 * be freed with its own free(). */
struct output_check *response_check_new(bool greeted);

#endif
