/* SPDX-License-Identifier: MIT
 *
 * Repairing an account: its record, its mailboxes' records, names, totals.
 */
#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "mail/repair_internal.h"

/* -- the account's record ------------------------------------------------- */

/* *ret_lost: there is none that can be read. */
static enum rc
load_account(
    struct store_txn *t, int64_t now, struct change *ret_change, bool *ret_lost)
{
	struct change c = { .txn = t, .now = now, .dirty = true };
	struct key_space space;
	struct str value;
	enum rc rc = store_txn_get(t, key_account(&space), &value);
	bool lost;

	if (rc != RC_OK && rc != RC_NOTFOUND && rc != RC_CORRUPT)
		return rc;
	lost = rc != RC_OK || !account_record_unpack(value, &c.account);
	if (lost)
		c.account = (struct account_record){ .mailbox_next = 1,
			.uidvalidity_next = 1,
			.email_next = 1,
			.highestmodseq = 1 };
	c.account.deleted = false;
	*ret_change = c;
	*ret_lost = lost;
	return RC_OK;
}

/* Nothing that the mailbox has is given out again.  True: it would have been,
 * so the account's record is an old one. */
static bool
see_mailbox(struct change *c, const struct mailbox_record *m)
{
	struct account_record *a = &c->account;
	bool old = false;

	if (m->id >= a->mailbox_next) {
		a->mailbox_next = m->id + 1;
		old = true;
	}
	if (m->uidvalidity >= a->uidvalidity_next) {
		a->uidvalidity_next = m->uidvalidity + 1;
		old = true;
	}
	if (m->highestmodseq > a->highestmodseq) {
		a->highestmodseq = m->highestmodseq;
		old = true;
	}
	return old;
}

/* The record counts from where nothing was given out by anything lost. */
static void
go_ahead(struct change *c)
{
	struct account_record *a = &c->account;

	if (a->uidvalidity_next < uidvalidity_of_time(c->now))
		a->uidvalidity_next = uidvalidity_of_time(c->now);
	a->uidvalidity_next = repair_ahead_short(a->uidvalidity_next);
	a->mailbox_next = repair_ahead_short(a->mailbox_next);
	a->email_next = repair_ahead(a->email_next);
	a->highestmodseq = repair_ahead(a->highestmodseq);
	/* Names may have been given up that nobody knows of. */
	mailbox_freed_forget(c);
}

/* -- which mailboxes there are -------------------------------------------- */

struct account_repair {
	bool lost; /* of any mailbox records may be lost */
	int64_t now;
	struct mailbox_ids renewed; /* result: have a new UIDVALIDITY */
};

enum rc
repair_each_key(struct store_iter *it, repair_key_fn *fn, void *arg)
{
	struct key_parts parts;
	struct str key, value;
	enum rc rc;

	do {
		rc = store_iter_next(it, &key, &value, NULL);
		if ((rc == RC_OK || rc == RC_CORRUPT) && key_parse(key, &parts))
			fn(arg, &parts);
	} while (rc == RC_OK || rc == RC_CORRUPT);
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
note_id(void *arg, const struct key_parts *key)
{
	struct mailbox_ids *ids = arg;

	for (size_t i = ids->v.n; i > 0; i--)
		if (ids->v.v[i - 1] == key->mailbox)
			return;
	vec_push(&ids->v, key->mailbox);
}

/* The mailbox ids in keys of ${kind}, whatever their values. */
static enum rc
note_ids(struct store_txn *t, enum key_kind kind, struct mailbox_ids *ids)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, kind);
	enum rc rc = store_txn_iter(t, prefix, prefix, &it);

	return rc == RC_OK ? repair_each_key(it, note_id, ids) : rc;
}

static enum rc
note_all_ids(struct store_txn *t, struct mailbox_ids *ids)
{
	static const enum key_kind kinds[] = { KEY_MAILBOX, KEY_CHUNK_FIXED,
		KEY_CHUNK_CHANGING };
	enum rc rc = RC_OK;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && rc == RC_OK;
	     i++)
		rc = note_ids(t, kinds[i], ids);
	return rc;
}

static void
see_email(void *arg, const struct key_parts *key)
{
	uint64_t *next = arg;

	if (key->number >= *next)
		*next = key->number + 1;
}

static enum rc
see_emails(struct change *c, bool *lost)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_EMAIL);
	uint64_t before = c->account.email_next;
	enum rc rc = store_txn_iter(c->txn, prefix, prefix, &it);

	if (rc == RC_OK)
		rc = repair_each_key(it, see_email, &c->account.email_next);
	if (c->account.email_next > before)
		*lost = true;
	return rc;
}

/* See all that was given out and is still there.  *lost is set when the
 * account's record is older than that. */
static enum rc
see_all(struct change *c, const struct mailbox_ids *ids, bool *lost)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < ids->v.n && rc == RC_OK; i++) {
		struct mailbox_record m;

		rc = change_any_mailbox(c, ids->v.v[i], &m);
		if (rc == RC_NOTFOUND || rc == RC_CORRUPT) {
			m = (struct mailbox_record){ .id = ids->v.v[i] };
			rc = RC_OK;
		}
		if (rc == RC_OK && see_mailbox(c, &m))
			*lost = true;
	}
	return rc == RC_OK ? see_emails(c, lost) : rc;
}

/* -- records -------------------------------------------------------------- */

/* Where the name of a mailbox is made that has none. */
struct found_name {
	char text[32];
	struct str name;
};

static void
make_found_name(struct found_name *f, uint32_t id)
{
	int n = snprintf(f->text, sizeof(f->text), "Found-%" PRIu32, id);

	f->name = (struct str){ .p = f->text, .n = (size_t)n };
}

/* The record of the mailbox, or one made up for its messages, which still
 * needs a UIDVALIDITY. */
static enum rc
load_mailbox(struct change *c, uint32_t id, struct found_name *found,
    struct mailbox_record *ret_mailbox)
{
	enum rc rc = change_any_mailbox(c, id, ret_mailbox);

	if (rc == RC_OK || (rc != RC_NOTFOUND && rc != RC_CORRUPT))
		return rc;
	make_found_name(found, id);
	*ret_mailbox = (struct mailbox_record){ .id = id,
		.name = found->name,
		.uidnext = 1,
		.recent_uid = 1,
		.created = c->now };
	return RC_OK;
}

/* Its name leads to it; if another has the name already, it gets a new one. */
static void
put_name(struct change *c, struct mailbox_record *m, struct found_name *found)
{
	struct key_space space;
	struct buf value;
	uint32_t other;

	if (change_name(c, m->name, &other) == RC_OK) {
		make_found_name(found, m->id);
		m->name = found->name;
	}
	buf_init(&value, NAME_RECORD_BYTES);
	name_record_pack(&value, m->id);
	store_txn_put(c->txn, key_name(&space, m->name), buf_str(&value));
	buf_fini(&value);
}

static void
add_totals(struct change *c, const struct mailbox_record *m)
{
	int64_t from = m->deleted != 0 ? m->deleted : m->expunged_from;
	int64_t *earliest = &c->account.purge_from;

	if (from != 0 && (*earliest == 0 || from < *earliest))
		*earliest = from;
	if (m->deleted != 0)
		return;
	c->account.mailboxes++;
	c->account.messages += m->messages;
	c->account.size += m->size;
}

/* Clients start afresh with it. */
static enum rc
renew(struct change *c, struct mailbox_record *m)
{
	uint64_t modseq = change_modseq(c);

	if (m->highestmodseq < modseq)
		m->highestmodseq = modseq;
	return change_uidvalidity(c, &m->uidvalidity);
}

static enum rc
repair_one(struct change *c, uint32_t id, struct account_repair *r)
{
	struct found_name found;
	struct mailbox_record m;
	bool lost = r->lost;
	enum rc rc = load_mailbox(c, id, &found, &m);

	if (rc == RC_OK && m.deleted == 0)
		put_name(c, &m, &found);
	if (rc == RC_OK)
		rc = repair_mailbox(c, &m, &lost);
	if (rc == RC_OK && (lost || m.uidvalidity == 0)) {
		rc = renew(c, &m);
		vec_push(&r->renewed.v, id);
	}
	if (rc != RC_OK)
		return rc;
	change_put_mailbox(c, &m);
	add_totals(c, &m);
	return RC_OK;
}

/* -- names and subscriptions ---------------------------------------------- */

/* Delete all keys of a kind; with ${damaged}, only those whose value cannot be
 * read.  *ret_left gets how many stay. */
static enum rc
delete_kind(
    struct store_txn *t, enum key_kind kind, bool damaged, uint32_t *ret_left)
{
	struct key_space space, at = { 0 };
	struct str prefix = key_prefix(&space, kind);
	struct str from = prefix, key, value;
	enum rc rc;

	*ret_left = 0;
	for (;;) {
		struct store_iter *it;

		rc = store_txn_iter(t, prefix, from, &it);
		if (rc != RC_OK)
			return rc;
		rc = store_iter_next(it, &key, &value, NULL);
		if (rc != RC_OK && rc != RC_CORRUPT) {
			store_iter_end(it);
			return rc == RC_NOTFOUND ? RC_OK : rc;
		}
		assert(key.n <= sizeof(at.bytes));
		memcpy(at.bytes, key.p, key.n);
		from = (struct str){ .p = at.bytes, .n = key.n };
		store_iter_end(it);
		(*ret_left)++;
		if (!damaged || rc == RC_CORRUPT) {
			store_txn_delete(t, from);
			(*ret_left)--;
		} else if (from.n < sizeof(at.bytes)) {
			at.bytes[from.n++] = '\0'; /* the least key after */
		} else {
			at.bytes[from.n - 1]++;
		}
	}
}

static enum rc
repair_freed(struct change *c)
{
	uint32_t slots[FREED_SLOTS];
	struct key_space space;
	struct str value;
	enum rc rc = store_txn_get(c->txn, key_freed(&space), &value);

	if (rc == RC_CORRUPT ||
	    (rc == RC_OK && !freed_record_unpack(value, slots))) {
		mailbox_freed_forget(c);
		rc = RC_OK;
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
repair_inbox(struct change *c)
{
	struct mailbox_record inbox;
	enum rc rc = mailbox_make(c, STR("INBOX"), SPECIAL_NONE, &inbox);

	return rc == RC_EXISTS ? RC_OK : rc;
}

/* -- all of it ------------------------------------------------------------ */

static enum rc
repair_mailboxes(
    struct change *c, const struct mailbox_ids *ids, struct account_repair *r)
{
	uint32_t left;
	enum rc rc = delete_kind(c->txn, KEY_NAME, false, &left);

	c->account.mailboxes = 0;
	c->account.messages = 0;
	c->account.size = 0;
	c->account.purge_from = 0;
	for (size_t i = 0; i < ids->v.n && rc == RC_OK; i++)
		rc = repair_one(c, ids->v.v[i], r);
	if (rc == RC_OK)
		rc = repair_inbox(c);
	if (rc == RC_OK)
		rc = delete_kind(
		    c->txn, KEY_SUBSCRIPTION, true, &c->account.subscriptions);
	return rc;
}

static enum rc
repair_change(struct store_txn *t, void *arg)
{
	struct account_repair *r = arg;
	struct mailbox_ids ids = { 0 };
	struct change c;
	bool old;
	enum rc rc = load_account(t, r->now, &c, &old);

	r->renewed.v.n = 0;
	if (rc == RC_OK)
		rc = note_all_ids(t, &ids);
	if (rc == RC_OK)
		rc = see_all(&c, &ids, &old);
	if (rc == RC_OK)
		rc = repair_freed(&c);
	if (rc == RC_OK && (old || r->lost))
		go_ahead(&c);
	if (rc == RC_OK)
		rc = repair_mailboxes(&c, &ids, r);
	if (rc == RC_OK)
		change_end(&c);
	vec_fini(&ids.v);
	return rc;
}

/* Say which mailboxes have a new UIDVALIDITY. */
static enum rc
report_renewed(struct check *c, const struct mailbox_ids *ids)
{
	struct store_read *r;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < ids->v.n && rc == RC_OK; i++) {
		struct mailbox_record m;

		rc = record_any_mailbox(r, ids->v.v[i], &m);
		if (rc == RC_OK)
			check_say(c,
			    "mailbox %u has the new UIDVALIDITY %u: %.*s%s",
			    m.id, m.uidvalidity, STR_ARG(m.name),
			    m.deleted != 0 ? " (deleted)" : "");
	}
	store_read_end(r);
	return rc;
}

enum rc
repair_account(struct check *c, bool lost)
{
	struct account_repair r = { .lost = lost, .now = clock_wall() };
	enum rc rc =
	    store_update(c->mail->store, c->account, repair_change, &r);

	if (rc == RC_OK)
		rc = report_renewed(c, &r.renewed);
	vec_fini(&r.renewed.v);
	return rc == RC_OK ? repair_emails(c) : rc;
}
