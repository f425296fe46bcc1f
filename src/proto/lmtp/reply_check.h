/* SPDX-License-Identifier: MIT
 *
 * Reading back what an LMTP session sends: a reply grammar that shares nothing
 * with the writers (RFC 2033, RFC 5321 section 4.2, RFC 2034, RFC 3463).
 *
 * It takes less than the RFCs give, as this server promises more: LHLO alone is
 * answered with several lines, a reply for a recipient alone ends with a path,
 * and MAIL and RCPT alone are answered with 2.1.0 and 2.1.5.  So it follows the
 * session by its output: how many recipients were taken says how many replies a
 * message gets.
 */
#ifndef AVOCET_PROTO_LMTP_REPLY_CHECK_H
#define AVOCET_PROTO_LMTP_REPLY_CHECK_H

#include "base/output_check.h"

/* From the greeting on.  To be freed with its own free(). */
struct output_check *lmtp_reply_check_new(void);

#endif
