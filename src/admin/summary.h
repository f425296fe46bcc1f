/* SPDX-License-Identifier: MIT
 *
 * What the store has of messages, counted: by its own digests, which were made
 * of what came in.
 */
#ifndef AVOCET_ADMIN_SUMMARY_H
#define AVOCET_ADMIN_SUMMARY_H

#include "admin/tally.h"
#include "mail/view.h"

/* The messages among ${uids} (NULL: all) of a mailbox.  Memory is taken from
 * ${a}: RC_LIMIT when that refuses; RC_NOTFOUND, RC_CORRUPT, RC_IO.  May wait
 * for the disk. */
enum rc summary_of(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct uid_list *uids, struct arena *a,
    struct tally *ret_tally) MUST_CHECK;

#endif
