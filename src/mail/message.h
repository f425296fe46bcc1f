/* SPDX-License-Identifier: MIT
 *
 * Messages: bringing them in, their flags, copying, moving, removing.  All
 * that change wait for the disk and are durable when they return.
 */
#ifndef AVOCET_MAIL_MESSAGE_H
#define AVOCET_MAIL_MESSAGE_H

#include "mail/mail.h"

/* System flags (RFC 9051 section 2.3.2), as bits. */
enum {
	FLAG_SEEN = 1,
	FLAG_ANSWERED = 2,
	FLAG_FLAGGED = 4,
	FLAG_DELETED = 8,
	FLAG_DRAFT = 16,
	FLAG_ALL = 31,
};

/* Flags with keywords by name, as a client gives them. */
struct flags {
	unsigned system;
	const struct str *keywords;
	size_t keyword_count;
};

/* A range of UIDs, first <= last. */
struct uid_range {
	uint32_t first;
	uint32_t last;
};

/* A growing list of ranges in ascending order.  Free with mem_free(v). */
struct uid_list {
	struct uid_range *v;
	size_t n;
	size_t cap;
};

/* Append ${uid}, joined to the last range when it follows it. */
void uid_list_add(struct uid_list *l, uint32_t uid);
bool uid_list_has(const struct uid_list *l, uint32_t uid);
uint64_t uid_list_count(const struct uid_list *l);
void uid_list_fini(struct uid_list *l);

/* Modseqs, ascending.  Free with mem_free(v). */
struct modseq_list {
	uint64_t *v;
	size_t n;
	size_t cap;
};
bool modseq_list_has(const struct modseq_list *l, uint64_t modseq);

/* -- coming in ---------------------------------------------------------- */

/* The bytes of one message on their way in: staged and parsed as they come. */
struct incoming;

/* ${account}: whose shard the bytes go to. */
struct incoming *incoming_new(struct mail *m, uint64_t account);
/* RC_LIMIT beyond the maximum size, RC_NOSPACE, RC_IO.  May wait. */
enum rc incoming_write(struct incoming *in, struct str bytes) MUST_CHECK;
/* No more bytes.  May wait. */
enum rc incoming_finish(struct incoming *in) MUST_CHECK;
uint64_t incoming_size(const struct incoming *in);
/* Is a header, of any part, not ASCII?  After incoming_finish(). */
bool incoming_has_8bit_header(const struct incoming *in);
void incoming_free(struct incoming *in);

struct append {
	struct incoming *message; /* finished; still the caller's */
	struct str prefix;	  /* header lines put before it (LMTP) */
	struct flags flags;
	int64_t internal_date; /* seconds; INT64_MIN: now */
};

struct append_result {
	uint32_t uidvalidity;
	struct uid_list uids; /* one for each message, in order */
};

/* Append all or none (RFC 3502).  RC_NOTFOUND (no such mailbox id),
 * RC_LIMIT (keywords, UIDs), RC_NOSPACE. */
enum rc message_append(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct append *items, size_t count,
    struct append_result *ret_result) MUST_CHECK;

/* Append one message to mailbox ${to} and expunge the message ${uid} of mailbox
 * ${from}, both or none (RFC 8508).  As message_append(); RC_CONFLICT when
 * there is no such message, RC_NOTFOUND for either mailbox. */
enum rc message_replace(struct mail *m, uint64_t account, uint32_t from,
    uint32_t uid, uint32_t to, const struct append *item,
    struct append_result *ret_result) MUST_CHECK;

/* One delivery to each of several accounts, sharing the wait and, within a
 * shard, the bytes. */
struct delivery {
	uint64_t account;
	struct str mailbox; /* name; INBOX when it does not exist */
	struct append item;
	enum rc result;
};
void message_deliver(struct mail *m, struct delivery *deliveries, size_t count);

/* -- changing ----------------------------------------------------------- */

enum store_mode { STORE_REPLACE, STORE_ADD, STORE_REMOVE };

struct store_request {
	const struct uid_list *uids;
	enum store_mode mode;
	struct flags flags;
	uint64_t unchangedsince; /* UINT64_MAX: whatever the modseq */
	uint64_t told;		 /* flags the session knows: up to here */
};

struct store_result {
	uint64_t modseq;	    /* of the last slice; 0 when none changed */
	struct modseq_list modseqs; /* of all slices */
	struct uid_list stored;	  /* messages that were there and not refused */
	struct uid_list external; /* had changes newer than told */
	struct uid_list modified; /* refused by unchangedsince */
};

/* Change flags of live messages; UIDs that are gone are passed over.  Cut
 * into slices when there are many.  RC_NOTFOUND (mailbox), RC_LIMIT
 * (keywords).  On failure a first part may be stored; lists say which. */
enum rc message_store(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct store_request *request,
    struct store_result *ret_result) MUST_CHECK;
void store_result_fini(struct store_result *r);

/* Expunge the messages with \Deleted, only those in ${uids} unless NULL.
 * *ret_uids gets what was expunged, *ret_modseq the last modseq. */
enum rc message_expunge(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct uid_list *uids, struct uid_list *ret_uids,
    uint64_t *ret_modseq) MUST_CHECK;

/* The same for the messages in ${uids}, whether they have \Deleted or not. */
enum rc message_remove(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct uid_list *uids, struct uid_list *ret_uids,
    uint64_t *ret_modseq) MUST_CHECK;

struct copy_result {
	uint32_t uidvalidity; /* of the destination */
	struct uid_list from; /* what was copied, in order */
	struct uid_list to;   /* the new UIDs, in the same order */
	uint64_t modseq;
};

/* Copy (or move) the live messages among ${uids} to another mailbox, or the
 * same, of the account, all or none; keeps flags, keywords and dates.
 * RC_NOTFOUND (either mailbox), RC_LIMIT. */
enum rc message_copy(struct mail *m, uint64_t account, uint32_t from,
    const struct uid_list *uids, uint32_t to, bool move,
    struct copy_result *ret_result) MUST_CHECK;
void copy_result_fini(struct copy_result *r);

/* Bring expunged messages back into their mailbox, with new UIDs: all that
 * were expunged at or after ${since}; a deleted mailbox is made anew under
 * its name.  *ret_count gets how many. */
enum rc message_undelete(struct mail *m, uint64_t account, int64_t since,
    uint64_t *ret_count) MUST_CHECK;

#endif
