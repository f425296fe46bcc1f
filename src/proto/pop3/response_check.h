/* SPDX-License-Identifier: MIT
 *
 * Reading back what a POP3 session sends: a response grammar that shares
 * nothing with the writers (RFC 1939, with RFC 2449 sections 3 and 8, RFC 5034
 * and RFC 6856).
 *
 * What a response is an answer to is not known; that there is a listing or a
 * message behind a line is seen from the lines.  So it takes less than the RFCs
 * give, as this server promises more: "+OK 12 octets" alone announces a
 * message, which has so many octets but for the dots that are put in; lists are
 * in ascending order; each -ERR says something; no response code and no
 * capability that it does not know.
 */
#ifndef AVOCET_PROTO_POP3_RESPONSE_CHECK_H
#define AVOCET_PROTO_POP3_RESPONSE_CHECK_H

#include "base/output_check.h"

/* Where the first response is the greeting; or where that is over already.  To
 * be freed with its own free(). */
struct output_check *pop3_response_check_new(bool greeted);

#endif
