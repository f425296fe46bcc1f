/* SPDX-License-Identifier: MIT
 *
 * The maildrop of a POP3 session.
 */
#include "pop3/maildrop.h"

#include <assert.h>

#include "base/limits.h"
#include "base/mem.h"
#include "mail/mailbox.h"

/* -- marks -------------------------------------------------------------- */

static bool
has_mark(const struct marks *m, uint32_t number)
{
	return m->bits != NULL &&
	       (m->bits[(number - 1) / 8] & 1u << (number - 1) % 8) != 0;
}

/* Set the mark of ${number}, of ${last} numbers there are. */
static void
set_mark(struct marks *m, uint32_t number, uint32_t last)
{
	assert(number > 0 && number <= last);
	if (has_mark(m, number))
		return;
	if (m->bits == NULL)
		m->bits = mem_alloc((size_t)last / 8 + 1);
	m->bits[(number - 1) / 8] |= (unsigned char)(1u << (number - 1) % 8);
	m->count++;
}

static void
clear_marks(struct marks *m)
{
	mem_free(m->bits);
	*m = (struct marks){ 0 };
}

/* -- opening ------------------------------------------------------------ */

static enum rc
begin(struct maildrop *d, uint32_t id)
{
	struct mailbox *b;
	enum rc rc = mailbox_open(d->mail, d->account, id, &b);

	if (rc != RC_OK)
		return rc;
	/* What is \Recent stays so for IMAP. */
	rc = view_begin(b, false, &d->view);
	mailbox_unref(&b);
	return rc;
}

enum rc
maildrop_open(struct mail *m, uint64_t account, struct maildrop *ret_maildrop)
{
	struct maildrop d = { .mail = m, .account = account };
	struct arena *a = arena_new(MAILBOX_NAME_BYTES_MAX);
	struct mailbox_info info;
	enum rc rc = mailbox_find(m, account, STR("INBOX"), a, &info);

	if (rc == RC_OK) {
		d.uidvalidity = info.uidvalidity;
		rc = begin(&d, info.id);
	}
	arena_free(a);
	if (rc == RC_OK)
		*ret_maildrop = d;
	return rc;
}

void
maildrop_close(struct maildrop *d)
{
	clear_marks(&d->deleted);
	clear_marks(&d->seen);
	view_end(&d->view);
	*d = (struct maildrop){ 0 };
}

/* -- messages ----------------------------------------------------------- */

uint32_t
maildrop_last(const struct maildrop *d)
{
	return d->view.exists;
}

uint64_t
maildrop_size_of(const struct message *m)
{
	return m->size + m->lacking;
}

void
maildrop_write_uid(
    const struct maildrop *d, const struct message *m, struct buf *to)
{
	buf_add_number(to, d->uidvalidity);
	buf_add_byte(to, '.');
	buf_add_number(to, m->uid);
}

/* Give ${slice} to ${fn}, but for what is deleted.  False when it wants no
 * more; *next is behind the last that it was given. */
static bool
give_slice(struct maildrop *d, const struct message *slice, size_t count,
    maildrop_fn *fn, void *arg, uint32_t *next)
{
	for (size_t i = 0; i < count; i++) {
		*next = slice[i].seq + 1;
		if (!has_mark(&d->deleted, slice[i].seq) && !fn(arg, &slice[i]))
			return false;
	}
	return true;
}

static enum rc
walk(struct maildrop *d, struct uid_range numbers, maildrop_fn *fn, void *arg,
    uint32_t *next)
{
	struct arena *a = arena_new(VIEW_INDEX_BYTES_MAX);
	struct message slice[VIEW_SLICE];
	struct view_walk w;
	size_t count = 1;
	enum rc rc = view_walk_begin(&d->view, &numbers, 1, false, a, &w);

	while (rc == RC_OK && count > 0) {
		rc = view_walk_next(&w, slice, &count);
		if (rc != RC_OK || !give_slice(d, slice, count, fn, arg, next))
			break;
	}
	arena_free(a);
	return rc;
}

enum rc
maildrop_walk(struct maildrop *d, uint32_t number, maildrop_fn *fn, void *arg,
    uint32_t *ret_next)
{
	struct uid_range numbers = { number, maildrop_last(d) };

	*ret_next = number;
	if (number > maildrop_last(d))
		return RC_OK;
	return walk(d, numbers, fn, arg, ret_next);
}

static bool
is_there(const struct maildrop *d, uint32_t number)
{
	return number > 0 && number <= maildrop_last(d) &&
	       !has_mark(&d->deleted, number);
}

static bool
take_one(void *arg, const struct message *m)
{
	*(struct message *)arg = *m;
	return false;
}

enum rc
maildrop_find(struct maildrop *d, uint32_t number, struct message *ret_message)
{
	struct message found = { .seq = 0 };
	uint32_t next;
	enum rc rc;

	if (!is_there(d, number))
		return RC_NOTFOUND;
	rc = walk(
	    d, (struct uid_range){ number, number }, take_one, &found, &next);
	if (rc != RC_OK)
		return rc;
	if (found.seq != number)
		return RC_CORRUPT;
	*ret_message = found;
	return RC_OK;
}

static bool
add_size(void *arg, const struct message *m)
{
	*(uint64_t *)arg += maildrop_size_of(m);
	return true;
}

/* Count the octets of what is not deleted, if that has changed. */
static enum rc
count(struct maildrop *d)
{
	uint64_t size = 0;
	uint32_t next;
	enum rc rc;

	if (d->counted)
		return RC_OK;
	rc = maildrop_walk(d, 1, add_size, &size, &next);
	if (rc != RC_OK)
		return rc;
	d->size = size;
	d->counted = true;
	return RC_OK;
}

enum rc
maildrop_stat(struct maildrop *d, uint32_t *ret_count, uint64_t *ret_size)
{
	enum rc rc = count(d);

	if (rc != RC_OK)
		return rc;
	*ret_count = maildrop_last(d) - d->deleted.count;
	*ret_size = d->size;
	return RC_OK;
}

/* -- marking ------------------------------------------------------------ */

enum rc
maildrop_delete(struct maildrop *d, uint32_t number)
{
	if (!is_there(d, number))
		return RC_NOTFOUND;
	set_mark(&d->deleted, number, maildrop_last(d));
	d->counted = false;
	return RC_OK;
}

void
maildrop_see(struct maildrop *d, const struct message *m)
{
	if ((m->flags & FLAG_SEEN) == 0)
		set_mark(&d->seen, m->seq, maildrop_last(d));
}

void
maildrop_reset(struct maildrop *d)
{
	clear_marks(&d->deleted);
	d->counted = false;
}

/* -- UPDATE ------------------------------------------------------------- */

/* UIDs of marked messages. */
struct gathering {
	const struct marks *marks;
	struct uid_list uids;
};

static bool
gather(void *arg, const struct message *m)
{
	struct gathering *g = arg;

	if (has_mark(g->marks, m->seq))
		uid_list_add(&g->uids, m->uid);
	return true;
}

static enum rc
remove_deleted(struct maildrop *d, const struct marks *deleted)
{
	struct gathering g = { .marks = deleted };
	struct uid_list removed = { 0 };
	uint64_t modseq;
	uint32_t next;
	enum rc rc = maildrop_walk(d, 1, gather, &g, &next);

	if (rc == RC_OK)
		rc = message_remove(d->mail, d->account,
		    mailbox_id(d->view.mailbox), &g.uids, &removed, &modseq);
	uid_list_fini(&g.uids);
	uid_list_fini(&removed);
	return rc;
}

static enum rc
flag_seen(struct maildrop *d)
{
	struct gathering g = { .marks = &d->seen };
	const struct store_request request = {
		.uids = &g.uids,
		.mode = STORE_ADD,
		.flags = { .system = FLAG_SEEN },
		.unchangedsince = UINT64_MAX,
	};
	struct store_result result = { 0 };
	uint32_t next;
	enum rc rc = maildrop_walk(d, 1, gather, &g, &next);

	if (rc == RC_OK)
		rc = message_store(d->mail, d->account,
		    mailbox_id(d->view.mailbox), &request, &result);
	store_result_fini(&result);
	uid_list_fini(&g.uids);
	return rc;
}

enum rc
maildrop_update(struct maildrop *d, uint32_t *ret_removed)
{
	struct marks deleted = d->deleted;
	enum rc rc = RC_OK;

	/* To be walked, they may not be marked; what is removed stays in the
	 * view, and \Seen is not stored for it. */
	d->deleted = (struct marks){ 0 };
	if (deleted.count > 0)
		rc = remove_deleted(d, &deleted);
	if (rc == RC_OK && d->seen.count > 0)
		rc = flag_seen(d);
	if (rc == RC_OK)
		*ret_removed = deleted.count;
	clear_marks(&deleted);
	return rc;
}
