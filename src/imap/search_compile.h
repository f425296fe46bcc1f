/* SPDX-License-Identifier: MIT
 *
 * From the keys of a SEARCH, as the grammar has them, to a plan.
 *
 * Days are taken in UTC, as INTERNALDATE shows them; SENTON and the like go by
 * the day as it is written in the Date field.  A keyword that the mailbox does
 * not know is on no message.
 */
#ifndef AVOCET_IMAP_SEARCH_COMPILE_H
#define AVOCET_IMAP_SEARCH_COMPILE_H

#include "imap/session.h"
#include "proto/imap/search.h"
#include "search/plan.h"

/* Make the plan, in the command's arena, for the selected mailbox; the charset
 * is known (mime/charset.h).  May read the disk.  RC_LIMIT: too many or too
 * long strings; RC_IO, RC_CORRUPT. */
enum rc search_compile(struct imap_session *s, const struct search_args *args,
    struct plan *ret_plan) MUST_CHECK;

#endif
