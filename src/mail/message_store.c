/* SPDX-License-Identifier: MIT
 *
 * STORE: changing the flags of messages (RFC 9051 section 6.4.6, RFC 7162
 * section 3.1.3 for UNCHANGEDSINCE).
 */
#include "mail/message_internal.h"

#include "base/clock.h"
#include "base/vec.h"

struct flag_change {
	uint32_t mailbox;
	const struct store_request *request;
	int64_t now;
	struct slice slice;
	struct store_result slice_result;
	/* While it runs. */
	uint64_t keywords;
	struct change change;
	struct mailbox_record record;
};

static uint64_t
apply(enum store_mode mode, uint64_t asked, uint64_t old)
{
	switch (mode) {
	case STORE_REPLACE:
		return asked;
	case STORE_ADD:
		return old | asked;
	case STORE_REMOVE:
		break;
	}
	return old & ~asked;
}

/* True when the message was changed. */
static bool
store_message(struct flag_change *f, const struct chunk_fixed *fixed,
    struct chunk_changing *m)
{
	const struct store_request *r = f->request;
	unsigned flags =
	    (unsigned)apply(r->mode, r->flags.system & FLAG_ALL, m->flags);
	uint64_t keywords = apply(r->mode, f->keywords, m->keywords);

	if (m->modseq > r->unchangedsince) {
		uid_list_add(&f->slice_result.modified, fixed->uid);
		return false;
	}
	uid_list_add(&f->slice_result.stored, fixed->uid);
	if (m->modseq > r->told)
		uid_list_add(&f->slice_result.external, fixed->uid);
	if (flags == m->flags && keywords == m->keywords)
		return false;
	change_reflagged(&f->change, &f->record, fixed, m->flags, flags);
	m->flags = flags;
	m->keywords = keywords;
	m->modseq = change_modseq(&f->change);
	return true;
}

static void
store_chunk(struct flag_change *f, struct uid_walk *w, struct chunk *c)
{
	bool changed = false;

	for (unsigned i = 0; i < c->count; i++) {
		const struct chunk_fixed *fixed = &c->fixed[i];

		if (fixed->uid < f->slice.from ||
		    c->changing[i].expunged != 0 ||
		    !uid_walk_has(w, fixed->uid))
			continue;
		if (store_message(f, fixed, &c->changing[i]))
			changed = true;
	}
	if (changed) {
		chunk_put_changing(f->change.txn, f->mailbox, c);
		f->slice.changed++;
	}
}

static enum rc
store_slice(struct flag_change *f)
{
	struct uid_walk w = uid_walk_begin(
	    f->change.txn, f->mailbox, f->request->uids, f->slice.from);
	struct chunk c;
	enum rc rc;

	while ((rc = uid_walk_next(&w, &c)) == RC_OK) {
		store_chunk(f, &w, &c);
		if (slice_is_full(&f->slice, &c))
			return RC_OK;
	}
	f->slice.ended = true;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
reset_result(struct store_result *r)
{
	r->modseq = 0;
	r->stored.n = 0;
	r->external.n = 0;
	r->modified.n = 0;
}

static enum rc
flag_change(struct store_txn *t, void *arg)
{
	struct flag_change *f = arg;
	const struct store_request *r = f->request;
	enum rc rc = change_begin(t, f->now, &f->change);

	/* The first half of EXPUNGE. */
	if (r->mode != STORE_REMOVE && (r->flags.system & FLAG_DELETED) != 0)
		store_txn_relieve(t);
	slice_begin(&f->slice);
	reset_result(&f->slice_result);
	if (rc == RC_OK)
		rc = change_mailbox(&f->change, f->mailbox, &f->record);
	if (rc == RC_OK)
		rc = keyword_bits(&f->change, f->mailbox, &r->flags,
		    r->mode != STORE_REMOVE, &f->keywords);
	if (rc == RC_OK)
		rc = store_slice(f);
	if (rc != RC_OK || f->change.modseq == 0)
		return rc;
	f->slice_result.modseq = f->change.modseq;
	change_put_mailbox(&f->change, &f->record);
	change_end(&f->change);
	return RC_OK;
}

static void
add_result(struct store_result *to, const struct store_result *slice)
{
	if (slice->modseq != 0) {
		to->modseq = slice->modseq;
		vec_push(&to->modseqs, slice->modseq);
	}
	uid_list_join(&to->stored, &slice->stored);
	uid_list_join(&to->external, &slice->external);
	uid_list_join(&to->modified, &slice->modified);
}

enum rc
message_store(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct store_request *request, struct store_result *ret_result)
{
	struct flag_change f = {
		.mailbox = mailbox, .request = request, .now = clock_wall()
	};
	enum rc rc = RC_OK;

	*ret_result = (struct store_result){ 0 };
	while (rc == RC_OK && !f.slice.ended) {
		rc = store_update(m->store, account, flag_change, &f);
		if (rc != RC_OK)
			break;
		add_result(ret_result, &f.slice_result);
		f.slice.from = f.slice.next;
	}
	store_result_fini(&f.slice_result);
	return rc;
}

void
store_result_fini(struct store_result *r)
{
	uid_list_fini(&r->stored);
	uid_list_fini(&r->external);
	uid_list_fini(&r->modified);
	vec_fini(&r->modseqs);
}
