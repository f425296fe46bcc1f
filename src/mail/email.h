/* SPDX-License-Identifier: MIT
 *
 * What is known of a message's content, made once when it came in: one record
 * that COPY and MOVE share.
 */
#ifndef AVOCET_MAIL_EMAIL_H
#define AVOCET_MAIL_EMAIL_H

#include "mail/mail.h"
#include "mime/section.h"
#include "store/store.h"

struct email {
	uint64_t id;
	uint32_t references; /* messages that share it */
	uint32_t prefix;     /* octets put before the parsed message */
	uint64_t size;	     /* RFC822.SIZE: prefix and message */
	struct str digest;   /* XXH3, 16 octets, of the message */
	struct str envelope; /* ready-made IMAP text, see mime/ */
	struct str body;
	struct str bodystructure;
	struct str table;     /* packed part table, for mime/section.h */
	struct str sort_keys; /* packed, for mime/sort_keys.h */
	struct str common;    /* packed, for mime/common.h; a record of its own,
			       * which may be missing: NULL */
};

/* Read the record, without the common fields; views are good until the read
 * (or the txn) ends.  RC_NOTFOUND, RC_CORRUPT. */
enum rc email_get(
    struct store_read *r, uint64_t id, struct email *ret_email) MUST_CHECK;

/* The number of the thread that the message is in (RFC 8474 section 5.2): the
 * same for all that name the same message as the one it began with
 * (mime_sort_keys_origin()), in every account, and for ever, since it is made of
 * nothing but the message.  One that names none has a thread of its own. */
uint64_t email_thread(const struct email *e);

/* Read the common fields.  RC_NOTFOUND: the header has too much of them, or the
 * message is older than this record; look into the message. */
enum rc email_get_common(
    struct store_read *r, uint64_t id, struct str *ret_common) MUST_CHECK;

/* The message's bytes; the blob stays readable after the read ends. */
enum rc email_open(
    struct store_read *r, uint64_t id, struct blob **ret_blob) MUST_CHECK;

#endif
