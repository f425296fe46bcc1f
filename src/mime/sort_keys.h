/* SPDX-License-Identifier: MIT
 *
 * What SORT, THREAD and SEARCH SENT* need of a message's header, packed by the
 * parser into a short string that is kept with the message.
 *
 * Texts to sort by are folded by utf8_fold(), so comparing bytes compares as
 * RFC 5256 wants (i;unicode-casemap).  Long ones are cut (MIME_SORT_* in
 * base/limits.h); message-ids longer than the limit are left out.
 */
#ifndef AVOCET_MIME_SORT_KEYS_H
#define AVOCET_MIME_SORT_KEYS_H

#include "base/str.h"

/* Views point into what was packed. */
struct mime_sort_keys {
	struct str base_subject; /* folded; mime/subject.h */
	bool is_reply;		 /* the subject says reply or forward */
	struct str from;	 /* folded mailbox (local part) of the first */
	struct str to; /* address of the field; "" when there is none */
	struct str cc;
	struct str display_from; /* RFC 5957: folded display name, else */
	struct str display_to;	 /* mailbox@host */
	bool sent_valid;	 /* there is a Date field that can be read */
	int64_t sent;		 /* seconds, UTC */
	int64_t sent_day;	 /* days since 1970-01-01, as written */
	struct str message_id;	 /* without the angle brackets; "" for none */
	struct str parents;	 /* for mime_sort_keys_parent() */
};

/* Read what was packed.  False when it is damaged. */
bool mime_sort_keys_read(struct str packed, struct mime_sort_keys *ret_keys);

/* Walk the message-ids that THREAD=REFERENCES links by (RFC 5256 section 3):
 * those of References, oldest first, or else the first of In-Reply-To.
 * Start with c = str_cursor(keys.parents); false at the end. */
bool mime_sort_keys_parent(struct cursor *c, struct str *ret_id);

/* The message-id of the message that the thread began with, as far as this one
 * knows: the first that mime_sort_keys_parent() gives, else its own; "" when it
 * has none either. */
struct str mime_sort_keys_origin(const struct mime_sort_keys *keys);

#endif
