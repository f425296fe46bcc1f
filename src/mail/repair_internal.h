/* SPDX-License-Identifier: MIT
 *
 * What the files of repair share.  Repair is run with the server stopped:
 * nothing else changes meanwhile.
 */
#ifndef AVOCET_MAIL_REPAIR_INTERNAL_H
#define AVOCET_MAIL_REPAIR_INTERNAL_H

#include "mail/check_internal.h"

struct chunk_firsts {
	VEC(uint32_t) v; /* ascending */
};

/* When records are lost, what they gave out (ids, UIDs, UIDVALIDITYs, modseqs)
 * is not known.  So far on, nothing was given out: 2^32 records of the least
 * size would be 200 GB of log.  For numbers of 32 bits it is less, and so that
 * 2^20 are enough for UIDVALIDITYs they go on from the present time at least,
 * which in the long run is ahead of them. */
uint64_t repair_ahead(uint64_t next);
uint32_t repair_ahead_short(uint32_t next);

/* Call ${fn} for each key of ${it}, whatever its value, and end the iterator.
 * RC_IO. */
typedef void repair_key_fn(void *arg, const struct key_parts *key);
enum rc
repair_each_key(struct store_iter *it, repair_key_fn *fn, void *arg) MUST_CHECK;

/* Repair the chunks of ${m} and count it anew; it is the caller's to put.
 * *lost is set when a message, its flags or its UID may have been lost: then
 * what clients know under its UIDVALIDITY may be wrong.  RC_IO. */
enum rc repair_mailbox(
    struct change *c, struct mailbox_record *m, bool *lost) MUST_CHECK;

/* Repair records, references and contents of all emails.  Waits for the disk.
 * RC_IO. */
enum rc repair_emails(struct check *c) MUST_CHECK;

#endif
