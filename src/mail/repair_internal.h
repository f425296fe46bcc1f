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

/* Repair the chunks of ${m}, count it anew, and put it.  RC_IO. */
enum rc repair_mailbox(struct change *c, struct mailbox_record *m) MUST_CHECK;

/* Repair records, references and contents of all emails.  Waits for the disk.
 * RC_IO. */
enum rc repair_emails(struct check *c) MUST_CHECK;

#endif
