/* SPDX-License-Identifier: MIT
 *
 * Marks of messages that have no name at their source: their octets and date,
 * and how many like that came before in the same mailbox.
 */
#ifndef AVOCET_ADMIN_SEEN_H
#define AVOCET_ADMIN_SEEN_H

#include "admin/tally.h"

struct seen;

/* For one mailbox. */
struct seen *seen_new(void);
void seen_free(struct seen *s);

/* The mark of the next message. */
void seen_mark(struct seen *s, const char digest[TALLY_DIGEST_BYTES],
    int64_t seconds, char ret_mark[TALLY_DIGEST_BYTES]);

#endif
