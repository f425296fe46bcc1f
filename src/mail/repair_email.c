/* SPDX-License-Identifier: MIT
 *
 * Repairing emails: records are made anew from the bytes, references counted
 * anew, and an email that no message has (its chunk was lost) comes back as a
 * new message in the mailbox "Recovered".
 */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "mail/message.h"
#include "mail/repair_internal.h"

#define RECOVERED STR("Recovered")

struct emails {
	VEC(uint64_t) v; /* ascending */
};

struct repair {
	int64_t now;
	/* One email: */
	uint64_t email;
	uint32_t references;
	const struct email *record;
	uint64_t size;
	uint64_t lacking;
};

static int
compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* -- looking -------------------------------------------------------------- */

/* The emails of all messages, one entry for each message. */
static enum rc
gather_referred(struct store_read *r, struct emails *emails)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_CHUNK_FIXED);
	struct str key, value;
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		struct chunk_fixed fixed[CHUNK_MESSAGES_MAX];
		unsigned count;

		if (!chunk_fixed_unpack(value, fixed, &count))
			continue;
		for (unsigned i = 0; i < count; i++)
			vec_push(&emails->v, fixed[i].email);
	}
	store_iter_end(it);
	if (emails->v.n > 0)
		qsort(emails->v.v, emails->v.n, sizeof(uint64_t), compare_ids);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
keep_email(void *arg, const struct key_parts *key)
{
	struct emails *emails = arg;

	vec_push(&emails->v, key->number);
}

/* The emails in keys of ${kind}. */
static enum rc
gather_kept(struct store_read *r, enum key_kind kind, struct emails *emails)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, kind);
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	return rc == RC_OK ? repair_each_key(it, keep_email, emails) : rc;
}

static enum rc
gather(struct check *c, struct emails *referred, struct emails *kept,
    struct emails *common, struct emails *counted)
{
	struct store_read *r;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = gather_referred(r, referred);
	if (rc == RC_OK)
		rc = gather_kept(r, KEY_EMAIL, kept);
	if (rc == RC_OK)
		rc = gather_kept(r, KEY_COMMON, common);
	if (rc == RC_OK)
		rc = gather_kept(r, KEY_REFERENCES, counted);
	store_read_end(r);
	return rc;
}

static bool
has(const struct emails *emails, uint64_t id)
{
	return emails->v.n > 0 && bsearch(&id, emails->v.v, emails->v.n,
				      sizeof(uint64_t), compare_ids) != NULL;
}

/* -- references ----------------------------------------------------------- */

static enum rc
references_change(struct store_txn *t, void *arg)
{
	const struct repair *p = arg;
	struct key_space space;
	struct str key = key_references(&space, p->email);
	struct buf value;

	if (p->references < 2) {
		store_txn_delete(t, key);
		return RC_OK;
	}
	buf_init(&value, REFERENCES_RECORD_BYTES);
	references_record_pack(&value, p->references);
	store_txn_put(t, key, buf_str(&value));
	buf_fini(&value);
	return RC_OK;
}

/* Is the count of this email wrong in the store? */
static enum rc
is_miscounted(
    struct check *c, uint64_t email, uint64_t count, bool *ret_miscounted)
{
	struct store_read *r;
	uint32_t said;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = record_references(r, email, &said);
	store_read_end(r);
	if (rc != RC_OK && rc != RC_CORRUPT)
		return rc;
	*ret_miscounted = rc == RC_CORRUPT || said != count;
	return RC_OK;
}

static enum rc
repair_count(struct check *c, uint64_t email, uint64_t count)
{
	struct repair p = { .email = email, .references = (uint32_t)count };
	bool wrong;
	enum rc rc = is_miscounted(c, email, count, &wrong);

	if (rc != RC_OK || !wrong)
		return rc;
	return store_update(c->mail->store, c->account, references_change, &p);
}

static enum rc
repair_counts(struct check *c, const struct emails *referred,
    const struct emails *counted)
{
	enum rc rc = RC_OK;
	size_t i = 0;

	while (i < referred->v.n && rc == RC_OK) {
		size_t end = i;

		while (end < referred->v.n &&
		       referred->v.v[end] == referred->v.v[i])
			end++;
		rc = repair_count(c, referred->v.v[i], end - i);
		i = end;
	}
	for (i = 0; i < counted->v.n && rc == RC_OK; i++)
		if (!has(referred, counted->v.v[i]))
			rc = repair_count(c, counted->v.v[i], 1);
	return rc;
}

/* -- contents ------------------------------------------------------------- */

static enum rc
record_change(struct store_txn *t, void *arg)
{
	const struct repair *p = arg;
	struct email email = *p->record;

	email.id = p->email;
	email_delete(t, email.id);
	return email_put(t, &email);
}

/* What stands in the email's record: enough to know what to do with it. */
struct standing {
	bool readable;
	uint32_t prefix;
	struct buf copy; /* of the records */
	struct email email;
	struct blob *blob; /* NULL: there are no bytes */
};

static enum rc
standing_open(struct check *c, uint64_t email, struct standing *ret_standing)
{
	struct standing s = { .email.id = email };
	struct store_read *r;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	buf_init(&s.copy, 2 * STORE_VALUE_BYTES_MAX);
	rc = email_copy(r, email, &s.copy, &s.email);
	s.readable = rc == RC_OK;
	if (rc == RC_OK || rc == RC_NOTFOUND || rc == RC_CORRUPT)
		rc = email_open(r, email, &s.blob);
	store_read_end(r);
	if (rc == RC_NOTFOUND || rc == RC_CORRUPT) {
		s.blob = NULL;
		rc = RC_OK;
	}
	if (rc != RC_OK)
		buf_fini(&s.copy);
	else
		*ret_standing = s;
	return rc;
}

static void
standing_close(struct standing *s)
{
	if (s->blob != NULL)
		blob_close(s->blob);
	buf_fini(&s->copy);
}

/* Bytes that differ from the digest in a good record stay as they are: the
 * record is the witness that they are damaged. */
static enum rc
rewrite(struct check *c, const struct standing *s)
{
	struct repair p = { .email = s->email.id };
	struct content content;
	enum rc rc =
	    content_read(s->blob, s->readable ? s->email.prefix : 0, &content);

	if (rc != RC_OK)
		return rc == RC_CORRUPT ? RC_OK : rc;
	p.record = &content.email;
	if (!s->readable || (str_eq(content.email.digest, s->email.digest) &&
				!content_matches(&content, &s->email)))
		rc =
		    store_update(c->mail->store, c->account, record_change, &p);
	content_fini(&content);
	return rc;
}

static enum rc
repair_content(struct check *c, uint64_t email)
{
	struct standing s;
	enum rc rc = standing_open(c, email, &s);

	if (rc != RC_OK)
		return rc;
	if (s.blob != NULL)
		rc = rewrite(c, &s);
	standing_close(&s);
	return rc;
}

static enum rc
repair_contents(
    struct check *c, const struct emails *referred, const struct emails *kept)
{
	const uint64_t *ids = referred->v.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < referred->v.n && rc == RC_OK; i++)
		if (i == 0 || ids[i] != ids[i - 1])
			rc = repair_content(c, ids[i]);
	for (size_t i = 0; i < kept->v.n && rc == RC_OK; i++)
		if (!has(referred, kept->v.v[i]))
			rc = repair_content(c, kept->v.v[i]);
	return rc;
}

/* -- emails without a message --------------------------------------------- */

static enum rc
recovered_mailbox(struct change *c, struct mailbox_record *ret_mailbox)
{
	uint32_t id;
	enum rc rc = change_name(c, RECOVERED, &id);

	if (rc == RC_OK)
		return change_mailbox(c, id, ret_mailbox);
	if (rc != RC_NOTFOUND)
		return rc;
	return mailbox_make(c, RECOVERED, SPECIAL_NONE, ret_mailbox);
}

static enum rc
recover_change(struct store_txn *t, void *arg)
{
	const struct repair *p = arg;
	struct chunk_fixed fixed = { .email = p->email,
		.size = (uint32_t)p->size,
		.lacking = (uint32_t)p->lacking,
		.internal_date = p->now,
		.save_date = p->now };
	struct chunk_append append;
	struct mailbox_record m;
	struct change c;
	enum rc rc = change_begin(t, p->now, &c);

	if (rc == RC_OK)
		rc = recovered_mailbox(&c, &m);
	if (rc != RC_OK)
		return rc;
	if (p->email >= c.account.email_next)
		c.account.email_next = p->email + 1;
	rc = chunk_append_begin(&append, &c, &m);
	if (rc == RC_OK)
		rc = chunk_append_add(&append, &fixed, 0, 0);
	if (rc != RC_OK)
		return rc;
	chunk_append_end(&append);
	change_put_mailbox(&c, &m);
	change_end(&c);
	return RC_OK;
}

/* A record that has no bytes is of no use to anybody. */
static enum rc
drop_change(struct store_txn *t, void *arg)
{
	const struct repair *p = arg;

	email_delete(t, p->email);
	return RC_OK;
}

/* What the email lacks of line ends; bytes that cannot be read lack none. */
static uint64_t
lacking(const struct standing *s)
{
	struct content content;
	uint64_t count;

	if (content_read(s->blob, s->email.prefix, &content) != RC_OK)
		return 0;
	count = mime_line_ends_lacking(&content.line_ends);
	content_fini(&content);
	return count;
}

static enum rc
recover(struct check *c, uint64_t email)
{
	struct repair p = { .email = email, .now = clock_wall() };
	struct standing s;
	bool good;
	enum rc rc = standing_open(c, email, &s);

	if (rc != RC_OK)
		return rc;
	good = s.blob != NULL && s.readable;
	p.size = s.email.size;
	p.lacking = good ? lacking(&s) : 0;
	rc = store_update(c->mail->store, c->account,
	    good ? recover_change : drop_change, &p);
	standing_close(&s);
	return rc;
}

static enum rc
recover_all(
    struct check *c, const struct emails *kept, const struct emails *referred)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < kept->v.n && rc == RC_OK; i++)
		if (!has(referred, kept->v.v[i]))
			rc = recover(c, kept->v.v[i]);
	return rc;
}

/* Common fields of emails that are gone. */
static enum rc
drop_common(struct check *c, const struct emails *common,
    const struct emails *kept, const struct emails *referred)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < common->v.n && rc == RC_OK; i++) {
		struct repair p = { .email = common->v.v[i] };

		if (!has(kept, p.email) && !has(referred, p.email))
			rc = store_update(
			    c->mail->store, c->account, drop_change, &p);
	}
	return rc;
}

enum rc
repair_emails(struct check *c)
{
	struct emails referred = { 0 }, kept = { 0 }, counted = { 0 };
	struct emails common = { 0 };
	enum rc rc = gather(c, &referred, &kept, &common, &counted);

	if (rc == RC_OK)
		rc = repair_contents(c, &referred, &kept);
	if (rc == RC_OK)
		rc = repair_counts(c, &referred, &counted);
	if (rc == RC_OK)
		rc = recover_all(c, &kept, &referred);
	if (rc == RC_OK)
		rc = drop_common(c, &common, &kept, &referred);
	vec_fini(&common.v);
	vec_fini(&referred.v);
	vec_fini(&kept.v);
	vec_fini(&counted.v);
	return rc;
}
