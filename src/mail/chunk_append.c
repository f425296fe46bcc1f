/* SPDX-License-Identifier: MIT
 *
 * Adding messages at the end of a mailbox: the last chunk is filled up, then
 * new ones are made.
 */
#include "mail/chunk.h"
#include "mail/mail_internal.h"

#include <assert.h>
#include <string.h>

/* May a message with this UID go to the chunk being filled? */
static bool
has_room(const struct chunk_append *a, uint32_t uid)
{
	return a->count < CHUNK_MESSAGES_MAX &&
	       uid - a->first < CHUNK_MESSAGES_MAX;
}

enum rc
chunk_append_begin(
    struct chunk_append *a, struct change *c, struct mailbox_record *m)
{
	struct chunk last;
	enum rc rc =
	    chunk_last(c->txn, m->id, chunk_least_first(m->uidnext), &last);

	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;

	a->change = c;
	a->mailbox = m;
	a->first = m->uidnext;
	a->count = 0;
	if (rc == RC_OK) {
		a->first = last.first;
		a->count = last.count;
		memcpy(a->fixed, last.fixed, sizeof(a->fixed));
		memcpy(a->changing, last.changing, sizeof(a->changing));
	}
	/* What was given before is not below what comes. */
	if (a->count > 0 && a->fixed[a->count - 1].uid >= m->uidnext)
		return RC_CORRUPT;
	if (!has_room(a, m->uidnext)) {
		a->first = m->uidnext;
		a->count = 0;
	}
	return RC_OK;
}

static void
put(struct chunk_append *a)
{
	struct store_txn *t = a->change->txn;
	uint32_t mailbox = a->mailbox->id;
	struct key_space space;
	char room[CHUNK_FIXED_BYTES_MAX];
	struct buf value;

	buf_init_room(&value, sizeof(room), room, sizeof(room));
	chunk_fixed_pack(&value, a->fixed, a->count);
	store_txn_put(
	    t, key_chunk_fixed(&space, mailbox, a->first), buf_str(&value));
	buf_clear(&value);
	chunk_changing_pack(&value, a->changing, a->count);
	assert(!value.overflowed);
	store_txn_put(
	    t, key_chunk_changing(&space, mailbox, a->first), buf_str(&value));
	buf_fini(&value);
}

enum rc
chunk_append_add(struct chunk_append *a, struct chunk_fixed *fixed,
    unsigned flags, uint64_t keywords)
{
	struct mailbox_record *m = a->mailbox;

	if (m->uidnext > UID_MAX)
		return RC_LIMIT;
	fixed->uid = m->uidnext++;
	if (!has_room(a, fixed->uid)) {
		put(a);
		a->first = fixed->uid;
		a->count = 0;
	}
	a->fixed[a->count] = *fixed;
	a->changing[a->count++] = (struct chunk_changing){ .flags = flags,
		.keywords = keywords,
		.modseq = change_modseq(a->change) };
	change_added(a->change, m, fixed, flags);
	return RC_OK;
}

enum rc
chunk_append_skip(struct chunk_append *a, uint32_t uid)
{
	if (uid < a->mailbox->uidnext)
		return RC_CONFLICT;
	if (uid > UID_MAX)
		return RC_LIMIT;
	a->mailbox->uidnext = uid;
	/* A chunk of no messages yet begins with it. */
	if (a->count == 0)
		a->first = uid;
	return RC_OK;
}

void
chunk_append_end(struct chunk_append *a)
{
	if (a->count > 0)
		put(a);
}
