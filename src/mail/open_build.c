/* SPDX-License-Identifier: MIT
 *
 * Making the directory of a mailbox that is being opened, while the committer
 * may tell of changes already.  Why that is right is said in open.c.
 */
#include "mail/open_internal.h"

#define BUILD_SLICE 512 /* chunks in one read */

struct moment
moment_of_record(const struct mailbox_record *m, uint64_t seq)
{
	return (struct moment){
		.seq = seq,
		.modseq = m->highestmodseq,
		.uidnext = m->uidnext,
		.messages = m->messages,
		.unseen = m->unseen,
		.recent_uid = m->recent_uid,
		.deleted = m->deleted != 0,
	};
}

void
mailbox_take_moment(struct mailbox *b, const struct moment *m)
{
	if (m->seq <= b->now.seq)
		return;
	b->now = *m;
	if (m->recent_uid > b->recent_uid)
		b->recent_uid = m->recent_uid;
}

unsigned
keywords_count(struct str value)
{
	struct str names[KEYWORDS_MAX];
	unsigned count;

	return keywords_record_unpack(value, names, &count) ? count : 0;
}

static enum rc
build_record(struct mailbox *b, struct store_read *r)
{
	struct key_space space;
	struct str key = key_mailbox(&space, b->id), value;
	struct mailbox_record record = { .id = b->id };
	struct store_iter *it = NULL;
	struct moment m;
	uint64_t seq;
	enum rc rc = store_iter_begin(r, key, key, &it);

	if (rc != RC_OK)
		return rc;
	rc = store_iter_next(it, &key, &value, &seq);
	if (rc == RC_OK && !mailbox_record_unpack(value, &record))
		rc = RC_CORRUPT;
	if (rc == RC_OK && record.deleted != 0)
		rc = RC_NOTFOUND;
	if (rc == RC_OK) {
		m = moment_of_record(&record, seq);
		lock_take(&b->lock);
		mailbox_take_moment(b, &m);
		lock_release(&b->lock);
	}
	store_iter_end(it);
	return rc;
}

static enum rc
build_keywords(struct mailbox *b, struct store_read *r)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_keywords(&space, b->id), &value);
	unsigned count;

	if (rc == RC_NOTFOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	count = keywords_count(value);
	lock_take(&b->lock);
	if (count > b->keyword_count)
		b->keyword_count = count;
	lock_release(&b->lock);
	return RC_OK;
}

/* Add the chunks from *from on, so many; *from moves behind them. */
static enum rc
build_slice(struct mailbox *b, struct store_read *r, uint32_t *from)
{
	struct key_space prefix, first;
	struct key_parts parts;
	struct store_iter *it = NULL;
	struct str key, value;
	uint64_t seq;
	enum rc rc;

	rc = store_iter_begin(r,
	    key_chunk_prefix(&prefix, KEY_CHUNK_CHANGING, b->id),
	    key_chunk_changing(&first, b->id, *from), &it);
	for (size_t n = 0; rc == RC_OK && n < BUILD_SLICE; n++) {
		rc = store_iter_next(it, &key, &value, &seq);
		if (rc == RC_OK && !key_parse(key, &parts))
			rc = RC_CORRUPT;
		if (rc != RC_OK)
			break;
		lock_take(&b->lock);
		directory_change(
		    &b->directory, parts.first, value, seq, DIRECTORY_READ);
		lock_release(&b->lock);
		*from = parts.first + 1;
	}
	store_iter_end(it);
	return rc;
}

enum rc
mailbox_build(struct mailbox *b)
{
	bool first = true;
	uint32_t from = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		struct store_read *r;

		rc = store_read_begin(b->mail->store, b->account, &r);
		if (rc != RC_OK)
			return rc;
		if (first)
			rc = build_record(b, r);
		if (first && rc == RC_OK)
			rc = build_keywords(b, r);
		if (rc != RC_OK) {
			store_read_end(r);
			return rc;
		}
		first = false;
		rc = build_slice(b, r, &from);
		store_read_end(r);
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
