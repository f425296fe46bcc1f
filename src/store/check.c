/* SPDX-License-Identifier: MIT
 *
 * Proving the store, from two sides that must agree.  Every entry of every
 * account is read (its checksum with it), its blob verified, and what it
 * refers to is added up for each segment; every record of every log segment
 * is read, and those of its operations that are the living ones are added up
 * as well.  The sums must be the same, and the same as the counts that the
 * store keeps: so no entry lacks its record, and the segments alone would be
 * enough.
 *
 * All of it is of one moment, which is pinned as a reader pins it.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/scan.h"
#include "store/store_internal.h"

#define LINE_BYTES 512

/* What was found of one segment. */
struct tally {
	int64_t records; /* by the entries: bytes of living records */
	int64_t blobs;	 /* by the entries: bytes of blobs referred to */
	int64_t logged;	 /* by the log: bytes of living records */
};

struct pinned {
	uint64_t id;
	struct pending *active;
	struct pending *frozen;
};

struct check {
	struct shard *shard;
	store_report_fn *report;
	void *arg;
	size_t faults;
	VEC(struct pinned) accounts; /* by id */
	struct index_read *index;
	unsigned epoch;
	struct position published;
	struct segment_use *uses;
	struct tally *tallies;
	size_t use_count;
	VEC(size_t) logs; /* which of the uses are logs */
};

static void fault(struct check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
fault(struct check *c, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;
	int at;

	c->faults++;
	at = snprintf(line, sizeof(line), "shard %u: ", c->shard->number);
	va_start(args, format);
	(void)vsnprintf(line + at, sizeof(line) - (size_t)at, format, args);
	va_end(args);
	if (c->report != NULL)
		c->report(c->arg, line);
}

/* -- the moment --------------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
	uint64_t left = ((const struct pinned *)a)->id;
	uint64_t right = ((const struct pinned *)b)->id;

	return (left > right) - (left < right);
}

static void
unpin(struct check *c)
{
	for (size_t i = 0; i < c->accounts.n; i++) {
		pending_unref(c->accounts.v[i].active);
		pending_unref(c->accounts.v[i].frozen);
	}
	c->accounts.n = 0;
	mem_free(c->uses);
	c->uses = NULL;
	index_read_end(c->index);
	c->index = NULL;
}

/* Everything that one lock guards, at once; returns the count of moves. */
static uint64_t
pin(struct check *c)
{
	struct shard *h = c->shard;
	struct account_state *a;
	uint64_t moves;
	size_t at = 0;

	lock_take(&h->lock);
	while ((a = map_next(&h->accounts, &at)) != NULL)
		vec_push(&c->accounts,
		    (struct pinned){ a->id, pending_ref(a->active),
			pending_ref(a->frozen) });
	c->published = h->published;
	c->uses = segments_list(h->segments, &c->use_count);
	moves = h->moves;
	lock_release(&h->lock);
	if (c->accounts.n > 0)
		qsort(c->accounts.v, c->accounts.n, sizeof(*c->accounts.v),
		    by_id);
	return moves;
}

static bool
has_moved(struct shard *h, uint64_t moves)
{
	bool moved;

	lock_take(&h->lock);
	moved = h->moves != moves;
	lock_release(&h->lock);
	return moved;
}

static enum rc
begin(struct check *c)
{
	struct shard *h = c->shard;
	uint64_t moves;
	enum rc rc;

	lock_take(&h->lock);
	c->epoch = read_join(h);
	lock_release(&h->lock);
	for (;;) {
		moves = pin(c);
		rc = index_read_begin(h->index, &c->index);
		if (rc != RC_OK || !has_moved(h, moves))
			break;
		unpin(c);
	}
	c->tallies = mem_array(c->use_count, sizeof(*c->tallies));
	for (size_t i = 0; i < c->use_count; i++) {
		if (c->uses[i].kind == SEGMENT_LOG)
			vec_push(&c->logs, i);
	}
	return rc;
}

static void
end(struct check *c)
{
	unpin(c);
	vec_fini(&c->accounts);
	vec_fini(&c->logs);
	mem_free(c->tallies);
	read_leave(c->shard, c->epoch);
}

static struct pinned
pinned_of(const struct check *c, uint64_t account)
{
	struct pinned want = { .id = account };
	const struct pinned *found = NULL;

	if (c->accounts.n > 0)
		found = bsearch(
		    &want, c->accounts.v, c->accounts.n, sizeof(want), by_id);
	return found != NULL ? *found : want;
}

static enum rc
look_up(const struct check *c, uint64_t account, struct str key,
    struct str *ret_value, uint64_t *ret_seq)
{
	struct pinned at = pinned_of(c, account);

	return read_lookup(
	    at.active, at.frozen, c->index, account, key, ret_value, ret_seq);
}

/* -- segments ----------------------------------------------------------- */

static struct tally *
tally_of(const struct check *c, uint64_t number)
{
	for (size_t low = 0, high = c->use_count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (c->uses[middle].number == number)
			return &c->tallies[middle];
		if (c->uses[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The segment of a record, among those of the moment. */
static struct tally *
tally_of_seq(const struct check *c, uint64_t seq)
{
	size_t low = 0, high = c->logs.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->uses[c->logs.v[middle]].first_seq <= seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &c->tallies[c->logs.v[low - 1]] : NULL;
}

/* -- the entries -------------------------------------------------------- */

static void
check_blob(struct check *c, uint64_t account, uint64_t id, struct str value)
{
	char key[SHARE_KEY_BYTES];
	struct str prefix, nothing;
	struct location at;
	struct tally *tally;
	uint64_t seq;
	enum rc rc;

	if (!blob_record_unpack(value, &at, &prefix)) {
		fault(c, "account %" PRIu64 ": blob %" PRIu64 ": bad record",
		    account, id);
		return;
	}
	tally = tally_of(c, at.segment);
	if (tally != NULL)
		tally->blobs += (int64_t)at.stored;
	rc = blob_verify(c->shard, &at);
	if (rc != RC_OK)
		fault(c,
		    "account %" PRIu64 ": blob %" PRIu64 " in segment %" PRIu64
		    ": %s",
		    account, id, at.segment, rc_text(rc));
	if (at.shared &&
	    look_up(c, META_ACCOUNT, share_key(&at, account, id, key), &nothing,
		&seq) != RC_OK)
		fault(c,
		    "account %" PRIu64 ": blob %" PRIu64 ": share not noted",
		    account, id);
}

static void
check_share(struct check *c, struct str name)
{
	char key[BLOB_KEY_BYTES];
	struct location want, at;
	uint64_t account, id, seq;
	struct str value, prefix;

	if (!share_key_unpack(name, &want, &account, &id)) {
		fault(c, "bad share record");
		return;
	}
	if (look_up(c, account, blob_key(id, key), &value, &seq) != RC_OK ||
	    !blob_record_unpack(value, &at, &prefix) || !at.shared ||
	    at.segment != want.segment || at.offset != want.offset)
		fault(c,
		    "account %" PRIu64 ": blob %" PRIu64
		    ": noted as sharing what it does not",
		    account, id);
}

/* Of the shard's own records, only shares are in the log. */
static bool
is_logged(uint64_t account, struct str key)
{
	return account != META_ACCOUNT || str_begins(key, META_SHARE_PREFIX);
}

static void
check_entry(struct check *c, uint64_t account, struct str key, struct str value,
    uint64_t seq)
{
	struct tally *tally;
	uint64_t id;

	if (!is_logged(account, key))
		return;
	tally = tally_of_seq(c, seq);
	if (tally == NULL)
		fault(c, "account %" PRIu64 ": record %" PRIu64 " is gone",
		    account, seq);
	else
		tally->records += (int64_t)txn_counted(key.n, value.n);
	if (account == META_ACCOUNT)
		check_share(c, key);
	else if (blob_key_id(key, &id))
		check_blob(c, account, id, value);
}

static enum rc
check_account(struct check *c, uint64_t account)
{
	struct pinned at = pinned_of(c, account);
	struct str key, value, all = { 0 };
	struct store_iter *it;
	uint64_t seq;
	enum rc rc =
	    iter_begin(at.active, at.frozen, c->index, account, all, all, &it);

	if (rc != RC_OK)
		return rc;
	do {
		rc = store_iter_next(it, &key, &value, &seq);
		if (rc == RC_OK)
			check_entry(c, account, key, value, seq);
		else if (rc == RC_CORRUPT)
			fault(
			    c, "account %" PRIu64 ": a damaged entry", account);
	} while (rc == RC_OK || rc == RC_CORRUPT);
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The first account at or after ${from}, in the index or pending. */
static enum rc
next_account(struct check *c, struct index_cursor *cursor, uint64_t from,
    uint64_t *ret_account)
{
	struct str key, value;
	uint64_t seq, account;
	enum rc rc = index_cursor_seek(
	    cursor, from, (struct str){ 0 }, &account, &key, &value, &seq);

	if (rc == RC_NOTFOUND)
		account = UINT64_MAX;
	else if (rc != RC_OK && rc != RC_CORRUPT)
		return rc;
	for (size_t i = 0; i < c->accounts.n; i++) {
		uint64_t id = c->accounts.v[i].id;

		if (id >= from && id < account)
			account = id;
	}
	*ret_account = account;
	return RC_OK;
}

static enum rc
check_accounts(struct check *c)
{
	struct index_cursor *cursor;
	uint64_t account = 0;
	enum rc rc = index_cursor_begin(c->index, &cursor);

	if (rc != RC_OK)
		return rc;
	while (rc == RC_OK) {
		rc = next_account(c, cursor, account, &account);
		if (rc != RC_OK || account == UINT64_MAX)
			break;
		rc = check_account(c, account);
		account++;
	}
	index_cursor_end(cursor);
	return rc;
}

/* -- the log ------------------------------------------------------------ */

static void
check_item(struct check *c, struct tally *tally, const struct record *r,
    const struct record_item *item)
{
	bool meta =
	    item->op == RECORD_META_PUT || item->op == RECORD_META_DELETE;
	struct str value;
	uint64_t seq;

	if (item->op == RECORD_DELETE || item->op == RECORD_META_DELETE)
		return;
	if (look_up(c, meta ? META_ACCOUNT : r->head.account, item->key, &value,
		&seq) != RC_OK ||
	    seq != r->head.seq)
		return;
	tally->logged += (int64_t)txn_counted(item->key.n, value.n);
	if (item->op != RECORD_BLOB && !str_eq(value, item->value))
		fault(c,
		    "account %" PRIu64
		    ": an entry differs from record %" PRIu64,
		    r->head.account, seq);
}

static void
check_record(struct check *c, struct tally *tally, const struct record *r)
{
	struct record_item item;
	size_t at = 0;

	while (record_next(r, &at, &item))
		check_item(c, tally, r, &item);
	if (at != r->payload.n)
		fault(c, "record %" PRIu64 " is malformed", r->head.seq);
}

/* Nothing but the header may stand in its space. */
static enum rc
check_header(struct check *c, const struct segment *g)
{
	char have[SEGMENT_HEADER_BYTES], want[SEGMENT_HEADER_BYTES];
	enum rc rc = segment_read(g->fd, 0, have, sizeof(have));

	segment_header_pack(&g->header, want);
	if (rc == RC_OK && memcmp(have, want, sizeof(want)) == 0)
		return RC_OK;
	fault(c, "segment %" PRIu64 ": damaged header", g->header.number);
	return rc == RC_EOF ? RC_OK : rc;
}

static enum rc
check_log(
    struct check *c, struct tally *tally, const struct segment *g, uint64_t to)
{
	struct scan scan;
	struct record r;
	enum rc rc = RC_OK;

	scan_begin(&scan, g->fd, g->header.salt, SEGMENT_HEADER_BYTES);
	while (rc == RC_OK && scan.offset < to) {
		rc = scan_next(&scan, &r);
		if (rc == RC_OK) {
			check_record(c, tally, &r);
		} else if (rc == RC_EOF) {
			fault(c,
			    "segment %" PRIu64 ": damaged record at %" PRIu64,
			    g->header.number, scan.offset);
			rc = scan_resync(&scan);
		}
	}
	scan_end(&scan);
	return rc == RC_EOF ? RC_OK : rc;
}

static enum rc
check_segment(struct check *c, size_t i)
{
	const struct segment_use *use = &c->uses[i];
	struct segment *g;
	enum rc rc = segments_use(c->shard->segments, use->number, &g);

	/* One that nothing refers to may have gone meanwhile. */
	if (rc == RC_NOTFOUND && use->live <= 0)
		return RC_OK;
	if (rc != RC_OK) {
		fault(c, "segment %" PRIu64 ": %s", use->number, rc_text(rc));
		return RC_OK;
	}
	rc = check_header(c, g);
	if (rc == RC_OK && use->kind == SEGMENT_LOG)
		rc = check_log(c, &c->tallies[i], g, use->total);
	segments_done(c->shard->segments, g);
	return rc;
}

static void
compare(struct check *c, size_t i)
{
	const struct tally *tally = &c->tallies[i];
	const struct segment_use *use = &c->uses[i];

	if (tally->records != tally->logged)
		fault(c,
		    "segment %" PRIu64 ": entries need %" PRId64
		    " bytes of records, the log has %" PRId64,
		    use->number, tally->records, tally->logged);
	if (tally->records + tally->blobs != use->live)
		fault(c,
		    "segment %" PRIu64 ": %" PRId64 " bytes are alive, %" PRId64
		    " are counted",
		    use->number, tally->records + tally->blobs, use->live);
}

/* What the start found to be gone. */
static void
check_wanting(struct check *c)
{
	struct segment_wanting w;

	for (size_t i = 0; segments_wanting(c->shard->segments, i, &w); i++) {
		if (w.live > 0 && w.gone)
			fault(c,
			    "segment %" PRIu64 ": its file is gone; %" PRId64
			    " bytes of it are needed",
			    w.number, w.live);
		else if (w.live > 0)
			fault(c,
			    "segment %" PRIu64
			    ": its file was cut, from %" PRIu64
			    " bytes to %" PRIu64,
			    w.number, w.wants, w.had);
	}
}

/* -- all ---------------------------------------------------------------- */

static enum rc
check_pinned(struct check *c)
{
	enum rc rc = check_accounts(c);

	if (rc == RC_CORRUPT) {
		fault(c, "the index cannot be walked");
		rc = RC_OK;
	}
	for (size_t i = 0; i < c->use_count && rc == RC_OK; i++)
		rc = check_segment(c, i);
	for (size_t i = 0; i < c->use_count && rc == RC_OK; i++)
		compare(c, i);
	check_wanting(c);
	if (c->shard->damaged > 0)
		fault(c, "%zu segments could not be read", c->shard->damaged);
	return rc;
}

enum rc
store_check(struct store *s, store_report_fn *report, void *arg)
{
	size_t faults = 0;
	enum rc rc = RC_OK;

	for (unsigned i = 0; i < s->shard_count && rc == RC_OK; i++) {
		struct check c = {
			.shard = &s->shards[i], .report = report, .arg = arg
		};

		rc = begin(&c);
		if (rc == RC_OK)
			rc = check_pinned(&c);
		end(&c);
		faults += c.faults;
	}
	if (rc == RC_OK && faults > 0)
		rc = RC_CORRUPT;
	return rc;
}
