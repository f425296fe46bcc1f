/* SPDX-License-Identifier: MIT
 *
 * Answering FETCH for one message after another.
 */
#ifndef AVOCET_IMAP_CMD_FETCH_MESSAGE_H
#define AVOCET_IMAP_CMD_FETCH_MESSAGE_H

#include "imap/body.h"
#include "mime/common.h"

/* What is worked out of an item once for all messages. */
struct fetch_item {
	struct str name; /* what stands before its value: "(UID ", " FLAGS " */
	bool is_common;	 /* header fields that the email record has */
	mime_common_set common;
};

/* The flags that were written last. */
struct written_flags {
	unsigned flags;
	bool recent;
	uint64_t keywords;
	struct buf text;
};

/* One FETCH command. */
struct fetch {
	struct imap_session *session;
	struct fetch_args args;
	struct fetch_item *items; /* one for each of args.atts */
	struct uid_list uids;	  /* not its own */
	bool wants_record;	  /* an item is in the email record */
	bool wants_thread;
	unsigned octet_items;  /* so many items are octets of the message, */
	unsigned common_items; /* and so many of them in the record, too */
	bool wants_flags;
	bool wants_uid;
	bool wants_modseq;
	bool sets_seen;
	bool changes_only; /* CHANGEDSINCE */
	uint64_t changed_since;
	bool tells_vanished; /* VANISHED */
	struct str *keywords;
	unsigned keyword_count;

	struct store_read *read;   /* NULL: none is open */
	struct body_piece *pieces; /* one an item, of the present message */
	struct buf header;	   /* scratch for body.h */
	struct buf chosen;
	struct written_flags written;
	const struct uid_list *seen; /* messages that got \Seen by this */
	enum rc failure; /* why the first message that failed was left out */
};

/* Queue the untagged FETCH of ${m}; or, when that is not possible, nothing,
 * with the reason in f->failure.  May wait for output: what it returns other
 * than RC_OK means that the connection is of no use. */
enum rc fetch_message(struct fetch *f, const struct message *m) MUST_CHECK;

/* End the store read, if one is open; before any wait. */
void fetch_end_read(struct fetch *f);

#endif
