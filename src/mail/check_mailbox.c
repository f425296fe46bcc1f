/* SPDX-License-Identifier: MIT
 *
 * Checking records: mailboxes against their chunks, names and subscriptions
 * against mailboxes, the account's totals against all of them.
 */
#include <inttypes.h>

#include "mail/check_internal.h"

/* -- one mailbox --------------------------------------------------------- */

/* What counting the chunks of a mailbox gives. */
struct counted {
	struct mailbox_record m; /* the counters in it */
	uint64_t highestmodseq;
	uint32_t last_uid;
	unsigned keyword_count;
	uint32_t nameless; /* messages with keywords that have no name */
};

static void
check_message(struct check *c, const struct mailbox_record *m,
    const struct chunk *k, unsigned i, struct counted *sum)
{
	const struct chunk_fixed *fixed = &k->fixed[i];
	const struct chunk_changing *state = &k->changing[i];

	vec_push(&c->emails, fixed->email);
	if (state->modseq > sum->highestmodseq)
		sum->highestmodseq = state->modseq;
	if (fixed->email == 0 || fixed->email >= c->record.email_next)
		check_fault(c, "mailbox %u: UID %u has an email of no number",
		    m->id, fixed->uid);
	if (sum->keyword_count < KEYWORDS_MAX &&
	    state->keywords >> sum->keyword_count != 0)
		sum->nameless++;
	if (state->expunged == 0) {
		mailbox_record_count(&sum->m, fixed, state->flags, true);
		return;
	}
	sum->m.expunged++;
	if (m->expunged_from == 0 || state->expunged < m->expunged_from)
		check_fault(c,
		    "mailbox %u: UID %u was expunged earlier than the record "
		    "knows of",
		    m->id, fixed->uid);
}

static void
check_chunk(struct check *c, const struct mailbox_record *m,
    const struct chunk *k, struct counted *sum)
{
	uint32_t last = k->fixed[k->count - 1].uid;

	if (k->first <= sum->last_uid)
		check_fault(c, "mailbox %u: chunk %u begins within the last",
		    m->id, k->first);
	if (k->fixed[0].uid < k->first || last - k->first >= CHUNK_MESSAGES_MAX)
		check_fault(c, "mailbox %u: chunk %u has UIDs of other chunks",
		    m->id, k->first);
	if (last >= m->uidnext)
		check_fault(c, "mailbox %u: UID %u is beyond UIDNEXT %u", m->id,
		    last, m->uidnext);
	sum->last_uid = last;
	for (unsigned i = 0; i < k->count; i++)
		check_message(c, m, k, i, sum);
}

/* Call for every chunk that has a fixed part. */
static enum rc
check_chunks(struct check *c, struct store_read *r,
    const struct mailbox_record *m, struct counted *sum)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_chunk_prefix(&space, KEY_CHUNK_FIXED, m->id);
	struct str key, value;
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	for (;;) {
		struct key_parts parts;
		struct chunk k;

		rc = store_iter_next(it, &key, &value, NULL);
		if (rc != RC_OK && rc != RC_CORRUPT)
			break;
		if (rc == RC_OK && key_parse(key, &parts))
			rc = chunk_read(r, m->id, parts.first, &k);
		if (rc == RC_OK)
			check_chunk(c, m, &k, sum);
		else if (rc == RC_CORRUPT)
			check_fault(
			    c, "mailbox %u: a chunk cannot be read", m->id);
		else
			break;
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
check_number(struct check *c, const struct mailbox_record *m, const char *what,
    uint64_t said, uint64_t counted)
{
	if (said != counted)
		check_fault(c,
		    "mailbox %u: %s is %" PRIu64
		    ", but counting gives %" PRIu64,
		    m->id, what, said, counted);
}

static void
check_counters(
    struct check *c, const struct mailbox_record *m, const struct counted *sum)
{
	check_number(c, m, "messages", m->messages, sum->m.messages);
	check_number(c, m, "unseen", m->unseen, sum->m.unseen);
	check_number(c, m, "deleted", m->marked, sum->m.marked);
	check_number(c, m, "recent", m->recent, sum->m.recent);
	check_number(c, m, "size", m->size, sum->m.size);
	check_number(c, m, "deleted size", m->marked_size, sum->m.marked_size);
	check_number(c, m, "expunged", m->expunged, sum->m.expunged);
	if (sum->nameless > 0)
		check_fault(c,
		    "mailbox %u: %u messages have keywords of no name", m->id,
		    sum->nameless);
	if (sum->highestmodseq > m->highestmodseq)
		check_fault(
		    c, "mailbox %u: a modseq is beyond its highest", m->id);
	if (m->highestmodseq > c->record.highestmodseq)
		check_fault(
		    c, "mailbox %u: its modseq is beyond the account's", m->id);
	if (m->uidvalidity == 0 || m->uidvalidity >= c->record.uidvalidity_next)
		check_fault(
		    c, "mailbox %u: its UIDVALIDITY is not given out", m->id);
	if (m->id == 0 || m->id >= c->record.mailbox_next)
		check_fault(c, "mailbox %u: its id is not given out", m->id);
}

static enum rc
count_keywords(struct store_read *r, uint32_t mailbox, unsigned *ret_count)
{
	struct str names[KEYWORDS_MAX];
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_keywords(&space, mailbox), &value);

	*ret_count = 0;
	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_OK : rc;
	return keywords_record_unpack(value, names, ret_count) ? RC_OK
							       : RC_CORRUPT;
}

enum rc
check_mailbox(
    struct check *c, struct store_read *r, const struct mailbox_record *m)
{
	struct counted sum = { .m.recent_uid = m->recent_uid };
	enum rc rc = count_keywords(r, m->id, &sum.keyword_count);

	if (rc == RC_CORRUPT)
		check_fault(
		    c, "mailbox %u: its keywords cannot be read", m->id);
	if (rc == RC_OK || rc == RC_CORRUPT)
		rc = check_chunks(c, r, m, &sum);
	if (rc == RC_OK)
		check_counters(c, m, &sum);
	return rc;
}

/* -- all ----------------------------------------------------------------- */

struct totals {
	uint32_t mailboxes;
	uint32_t names;
	uint32_t subscriptions;
	uint64_t messages;
	uint64_t size;
	bool has_inbox;
	VEC(uint32_t) ids; /* ascending */
};

/* The name leads to the mailbox. */
static enum rc
check_name(struct check *c, struct store_read *r,
    const struct mailbox_record *m, struct totals *sum)
{
	uint32_t id = 0;
	enum rc rc = record_name(r, m->name, &id);

	if (rc == RC_NOTFOUND || rc == RC_CORRUPT ||
	    (rc == RC_OK && id != m->id))
		check_fault(
		    c, "mailbox %u: its name does not lead to it", m->id);
	if (str_eq(m->name, STR("INBOX")))
		sum->has_inbox = true;
	return rc == RC_NOTFOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

static enum rc
check_one(struct check *c, struct store_read *r, const struct mailbox_record *m,
    struct totals *sum)
{
	enum rc rc = RC_OK;

	vec_push(&sum->ids, m->id);
	if (m->deleted == 0) {
		sum->mailboxes++;
		sum->messages += m->messages;
		sum->size += m->size;
		rc = check_name(c, r, m, sum);
	}
	return rc == RC_OK ? check_mailbox(c, r, m) : rc;
}

/* Walk everything of a kind; ${fn} gets all that can be read. */
static enum rc
walk(struct check *c, struct store_read *r, enum key_kind kind,
    enum rc (*fn)(struct check *c, struct store_read *r,
	const struct key_parts *parts, struct str value, struct totals *sum),
    struct totals *sum)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, kind);
	struct str key, value;
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	do {
		struct key_parts parts;

		rc = store_iter_next(it, &key, &value, NULL);
		if (rc == RC_OK)
			rc = key_parse(key, &parts)
				 ? fn(c, r, &parts, value, sum)
				 : RC_CORRUPT;
		if (rc == RC_CORRUPT) {
			check_fault(c, "a record of kind %c cannot be read",
			    (char)kind);
			rc = RC_OK;
		}
	} while (rc == RC_OK);
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
on_mailbox(struct check *c, struct store_read *r, const struct key_parts *parts,
    struct str value, struct totals *sum)
{
	struct mailbox_record m = { .id = parts->mailbox };

	if (!mailbox_record_unpack(value, &m))
		return RC_CORRUPT;
	return check_one(c, r, &m, sum);
}

/* A name leads to a mailbox that has it. */
static enum rc
on_name(struct check *c, struct store_read *r, const struct key_parts *parts,
    struct str value, struct totals *sum)
{
	struct mailbox_record m;
	uint32_t id;
	enum rc rc;

	sum->names++;
	if (!name_record_unpack(value, &id))
		return RC_CORRUPT;
	rc = record_mailbox(r, id, &m);
	if (rc == RC_NOTFOUND || (rc == RC_OK && !str_eq(m.name, parts->name)))
		check_fault(
		    c, "a name leads to mailbox %u, which has not it", id);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
on_subscription(struct check *c, struct store_read *r,
    const struct key_parts *parts, struct str value, struct totals *sum)
{
	(void)c;
	(void)r;
	(void)parts;
	(void)value;
	sum->subscriptions++;
	return RC_OK;
}

static bool
knows(const struct totals *sum, uint32_t id)
{
	size_t low = 0, high = sum->ids.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sum->ids.v[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sum->ids.n && sum->ids.v[low] == id;
}

/* A part of a chunk belongs to a mailbox, and has the other part. */
static enum rc
on_part(struct check *c, struct store_read *r, const struct key_parts *parts,
    struct str value, struct totals *sum)
{
	bool is_fixed = parts->kind == KEY_CHUNK_FIXED;
	struct key_space space;
	struct str other;
	enum rc rc;

	(void)value;
	if (!knows(sum, parts->mailbox))
		check_fault(c, "there are messages of mailbox %u, which is not",
		    parts->mailbox);
	rc = store_get(r,
	    is_fixed ? key_chunk_changing(&space, parts->mailbox, parts->first)
		     : key_chunk_fixed(&space, parts->mailbox, parts->first),
	    &other);
	if (rc == RC_NOTFOUND)
		check_fault(c, "mailbox %u: chunk %u has but one part",
		    parts->mailbox, parts->first);
	/* Damage is told of where the chunk is read. */
	return rc == RC_NOTFOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

static void
check_total(struct check *c, const char *what, uint64_t said, uint64_t counted)
{
	if (said != counted)
		check_fault(c, "%s is %" PRIu64 ", but counting gives %" PRIu64,
		    what, said, counted);
}

static void
check_totals(struct check *c, const struct totals *sum)
{
	check_total(c, "mailboxes", c->record.mailboxes, sum->mailboxes);
	check_total(c, "names", sum->names, sum->mailboxes);
	check_total(c, "messages", c->record.messages, sum->messages);
	check_total(c, "size", c->record.size, sum->size);
	check_total(
	    c, "subscriptions", c->record.subscriptions, sum->subscriptions);
	if (!sum->has_inbox)
		check_fault(c, "there is no INBOX");
}

/* The names that were given up: without them a UIDVALIDITY might come back. */
static enum rc
check_freed(struct check *c, struct store_read *r)
{
	uint32_t slots[FREED_SLOTS];
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_freed(&space), &value);

	if (rc == RC_OK && !freed_record_unpack(value, slots))
		rc = RC_CORRUPT;
	if (rc == RC_NOTFOUND)
		rc = RC_OK;
	return check_damage(c, rc, "the record of names given up");
}

enum rc
check_mailboxes(struct check *c, struct store_read *r)
{
	struct totals sum = { 0 };
	enum rc rc = walk(c, r, KEY_MAILBOX, on_mailbox, &sum);

	if (rc == RC_OK)
		rc = walk(c, r, KEY_NAME, on_name, &sum);
	if (rc == RC_OK)
		rc = walk(c, r, KEY_SUBSCRIPTION, on_subscription, &sum);
	if (rc == RC_OK)
		rc = walk(c, r, KEY_CHUNK_FIXED, on_part, &sum);
	if (rc == RC_OK)
		rc = walk(c, r, KEY_CHUNK_CHANGING, on_part, &sum);
	if (rc == RC_OK)
		rc = check_freed(c, r);
	if (rc == RC_OK)
		check_totals(c, &sum);
	vec_fini(&sum.ids);
	return rc;
}
