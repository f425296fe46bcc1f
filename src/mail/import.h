/* SPDX-License-Identifier: MIT
 *
 * Bringing mail from elsewhere in, as it was there: with UIDs and UIDVALIDITY,
 * once.
 *
 * A mark is what the caller knows a message by at its source.  The marks of all
 * that came into a mailbox are kept with it, put in the same change as the
 * message, so that an import that is done again, whether it was cut off or
 * ended, brings nothing twice: not even what was deleted here meanwhile.
 *
 * All that change wait for the disk and are durable when they return.
 */
#ifndef AVOCET_MAIL_IMPORT_H
#define AVOCET_MAIL_IMPORT_H

#include "mail/mailbox.h"
#include "mail/message.h"

#define IMPORT_MARK_BYTES 16

struct import_item {
	struct append append;
	uint32_t uid;	 /* 0: the mailbox's next */
	struct str mark; /* IMPORT_MARK_BYTES, or "": none */
};

struct import_result {
	struct uid_list uids; /* of what came in, in order */
	size_t passed;	      /* how many had come in before */
	bool *passed_at;      /* for each item: had it? */
};
void import_result_fini(struct import_result *r);

/* Append messages, all or none; one whose mark the mailbox has is passed over.
 * UIDs that are given ascend, and none is below UIDNEXT: else RC_CONFLICT.
 * Afterwards UIDNEXT is at least ${uidnext} (0: as it comes), which is at most
 * UID_MAX + 1.  RC_NOTFOUND (mailbox), RC_LIMIT (keywords, UIDs), RC_NOSPACE. */
enum rc message_import(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct import_item *items, size_t count, uint32_t uidnext,
    struct import_result *ret_result) MUST_CHECK;

/* Which of ${count} marks, one behind the other, the mailbox has.  May wait
 * for the disk, and changes nothing. */
enum rc message_import_known(struct mail *m, uint64_t account, uint32_t mailbox,
    const char *marks, size_t count, bool *ret_known) MUST_CHECK;

/* Make a mailbox with the UIDVALIDITY that it had elsewhere, and the superior
 * ones that are missing.  One of that name that never had a message gives way
 * to it, with its special use if ${use} is none; who has it selected sees it
 * go.  RC_EXISTS: it had messages; RC_CONFLICT: the UIDVALIDITY is not below
 * the next one of the account, or a mailbox of that name had as great a one, or
 * another has the special use; RC_INVALID (name), RC_LIMIT. */
enum rc mailbox_create_as(struct mail *m, uint64_t account, struct str name,
    enum special_use use, uint32_t uidvalidity, uint32_t *ret_id) MUST_CHECK;

#endif
