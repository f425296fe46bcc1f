/* SPDX-License-Identifier: MIT
 *
 * Collecting garbage while the store serves: a log segment that holds mostly
 * what nobody needs is read from front to back; what lives in it is written
 * again by ordinary changes, each of which looks again whether it still lives;
 * then nothing refers to the segment and it goes.
 *
 * Only segments before the stored log position are touched, so that recovery
 * never misses one.  Deletes are written again as long as an older segment
 * exists: there may be a put in it which a rebuilding would otherwise bring
 * back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/scan.h"
#include "store/store_internal.h"

/* Collect when not more than this is alive, in hundredths. */
#define LIVE_SOFT 50
#define LIVE_HARD 90
/* The segment in use is left early only when there is so much in it. */
#define LEAVE_BYTES_LEAST (256 * 1024)
/* Segments in one pass. */
#define PASS_SOFT 4
#define PASS_HARD 1024
/* Changes and bytes that share a wait. */
#define BATCH_MOVES 512
#define BATCH_BYTES (4 * 1024 * 1024)
/* The oldest segment is collected when this part of the log, in hundredths,
 * is deletes that wait for it to go. */
#define TOMBS_MOST 25

/* One operation to be moved, if it is still what it was. */
struct item {
	enum record_op op;
	struct str key; /* in the move's memory */
	uint64_t seq;	/* of the value */
};

/* The bytes of a blob that moves, for all who refer to them. */
struct image {
	struct blob_source source;
	struct location from;
	char *bytes;
};

/* One change: operations of one record, or one blob with its image. */
struct move {
	VEC(struct item) items;
	VEC(char *) keys;
	const struct image *image;
	uint64_t blob;
};

struct collection {
	struct shard *shard;
	uint64_t segment;
	bool oldest;
	VEC(struct move *) moves;
	VEC(struct store_change) changes;
	VEC(struct image *) images;
	size_t bytes;
};

/* -- in the committer --------------------------------------------------- */

static void
move_item(struct store_txn *t, const struct item *item)
{
	bool meta =
	    item->op == RECORD_META_PUT || item->op == RECORD_META_DELETE;
	struct account_state *a = meta ? t->meta : t->account;
	struct str value;
	uint64_t seq = 0;
	enum rc rc = txn_lookup(t, a, item->key, &value, &seq);

	if (item->op == RECORD_PUT || item->op == RECORD_META_PUT) {
		if (rc == RC_OK && seq == item->seq)
			txn_write(t, item->op, item->key, value);
	} else if (rc == RC_NOTFOUND) {
		txn_write(t, item->op, item->key, (struct str){ 0 });
	}
}

static void
move_blob(struct store_txn *t, const struct move *m)
{
	char key[BLOB_KEY_BYTES];
	struct str value, prefix;
	struct location at;
	uint64_t seq;

	if (txn_lookup(t, t->account, blob_key(m->blob, key), &value, &seq) ==
		RC_OK &&
	    blob_record_unpack(value, &at, &prefix) &&
	    at.segment == m->image->from.segment &&
	    at.offset == m->image->from.offset)
		txn_blob_put(t, m->blob, &m->image->source, prefix);
}

static enum rc
move_fn(struct store_txn *t, void *arg)
{
	const struct move *m = arg;

	t->quiet = true;
	store_txn_relieve(t);
	for (size_t i = 0; i < m->items.n; i++)
		move_item(t, &m->items.v[i]);
	if (m->image != NULL)
		move_blob(t, m);
	return RC_OK;
}

/* -- the batch ---------------------------------------------------------- */

static void
move_free(struct move *m)
{
	for (size_t i = 0; i < m->keys.n; i++)
		mem_free(m->keys.v[i]);
	vec_fini(&m->keys);
	vec_fini(&m->items);
	mem_free(m);
}

static void
batch_clear(struct collection *c)
{
	for (size_t i = 0; i < c->moves.n; i++)
		move_free(c->moves.v[i]);
	for (size_t i = 0; i < c->images.n; i++) {
		mem_free(c->images.v[i]->bytes);
		mem_free(c->images.v[i]);
	}
	c->moves.n = c->images.n = c->changes.n = 0;
	c->bytes = 0;
}

static enum rc
batch_run(struct collection *c)
{
	enum rc rc = RC_OK;

	if (c->changes.n > 0)
		store_update_all(c->shard->store, c->changes.v, c->changes.n);
	for (size_t i = 0; i < c->changes.n && rc == RC_OK; i++)
		rc = c->changes.v[i].result;
	batch_clear(c);
	return rc;
}

/* Add a change; it belongs to the batch from here on. */
static void
batch_add(struct collection *c, uint64_t account, struct move *m)
{
	struct store_change change = { account, move_fn, m, RC_OK };

	vec_push(&c->moves, m);
	vec_push(&c->changes, change);
}

static void
add_item(struct move *m, const struct record_item *from, uint64_t seq)
{
	struct item item = { .op = from->op, .seq = seq };
	char *key = mem_copy(from->key.p, from->key.n);

	vec_push(&m->keys, key);
	item.key = (struct str){ key, from->key.n };
	vec_push(&m->items, item);
}

/* -- what lives --------------------------------------------------------- */

/* Does an image or reference of this segment's stand behind the value?  It
 * moves with the image. */
static bool
moves_with_image(const struct collection *c, const struct record_item *item,
    struct str value)
{
	struct location at;
	struct str prefix;
	uint64_t account, id;

	if (item->op == RECORD_META_PUT)
		return share_key_unpack(item->key, &at, &account, &id) &&
		       at.segment == c->segment;
	return blob_key_id(item->key, &id) &&
	       blob_record_unpack(value, &at, &prefix) &&
	       at.segment == c->segment;
}

/* What is damaged stays where it is. */
static enum rc
is_wanted(const struct collection *c, struct store_read *r,
    const struct record_item *item, uint64_t seq_of_record, bool *ret_wanted)
{
	struct str value;
	uint64_t seq = 0;
	enum rc rc = read_lookup(r->active, r->frozen, r->index, r->account,
	    item->key, &value, &seq);

	if (item->op == RECORD_DELETE || item->op == RECORD_META_DELETE)
		*ret_wanted = rc == RC_NOTFOUND && !c->oldest;
	else
		*ret_wanted = rc == RC_OK && seq == seq_of_record &&
			      !moves_with_image(c, item, value);
	return rc == RC_NOTFOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

/* Who refers to an image. */
struct referrer {
	uint64_t account;
	uint64_t id;
};
struct referrers {
	VEC(struct referrer) list;
};

static enum rc
find_shares(
    struct store_read *meta, const struct location *at, struct referrers *who)
{
	char prefix[SHARE_KEY_BYTES];
	struct str key, value;
	struct store_iter *it;
	enum rc rc;

	key = str_head(share_key(at, 0, 0, prefix), SHARE_PREFIX_BYTES);
	rc = store_iter_begin(meta, key, (struct str){ 0 }, &it);
	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		struct referrer r;
		struct location where;

		if (share_key_unpack(key, &where, &r.account, &r.id))
			vec_push(&who->list, r);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The one who brought it may have it still, without a share of its own. */
static enum rc
find_owner(struct store_read *r, const struct record_item *item,
    const struct location *at, struct referrers *who)
{
	struct str value, prefix;
	struct location now;
	uint64_t id;
	enum rc rc = store_get(r, item->key, &value);

	if (rc == RC_OK && blob_key_id(item->key, &id) &&
	    blob_record_unpack(value, &now, &prefix) && !now.shared &&
	    now.segment == at->segment && now.offset == at->offset)
		vec_push(&who->list, (struct referrer){ r->account, id });
	return rc == RC_NOTFOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

static struct image *
image_new(const struct record_blob *blob, const struct location *from)
{
	struct image *image = mem_alloc(sizeof(*image));

	image->from = *from;
	image->bytes = mem_copy(blob->image.p, blob->image.n);
	image->source = (struct blob_source){ .token = image,
		.image = { image->bytes, blob->image.n },
		.raw = blob->raw };
	return image;
}

/* Both reads stand on the same moment only roughly; each change looks again. */
struct sight {
	struct store_read *account;
	struct store_read *meta;
};

static enum rc
take_blob(struct collection *c, const struct sight *sight,
    const struct record_item *item)
{
	struct referrers who = { 0 };
	struct record_blob blob;
	struct location at;
	enum rc rc;

	if (!record_blob_take(item, &blob))
		return RC_CORRUPT;
	at = (struct location){ .segment = c->segment,
		.offset = blob.image_offset };
	rc = find_owner(sight->account, item, &at, &who);
	if (rc == RC_OK)
		rc = find_shares(sight->meta, &at, &who);
	if (rc == RC_OK && who.list.n > 0) {
		struct image *image = image_new(&blob, &at);

		vec_push(&c->images, image);
		c->bytes += blob.image.n;
		for (size_t i = 0; i < who.list.n; i++) {
			struct move *m = mem_alloc(sizeof(*m));

			m->image = image;
			m->blob = who.list.v[i].id;
			batch_add(c, who.list.v[i].account, m);
		}
	}
	vec_fini(&who.list);
	return rc;
}

static enum rc
take_items(struct collection *c, const struct sight *sight,
    const struct record *record)
{
	struct move *m = mem_alloc(sizeof(*m));
	struct record_item item;
	enum rc rc = RC_OK;
	size_t at = 0;

	while (rc == RC_OK && record_next(record, &at, &item)) {
		struct store_read *r =
		    item.op == RECORD_META_PUT || item.op == RECORD_META_DELETE
			? sight->meta
			: sight->account;
		bool wanted = false;

		if (item.op == RECORD_BLOB)
			rc = take_blob(c, sight, &item);
		else
			rc = is_wanted(c, r, &item, record->head.seq, &wanted);
		if (wanted) {
			add_item(m, &item, record->head.seq);
			c->bytes += item.key.n + item.value.n;
		}
	}
	if (rc == RC_OK && m->items.n > 0)
		batch_add(c, record->head.account, m);
	else
		move_free(m);
	return rc;
}

static enum rc
take_record(struct collection *c, const struct record *record)
{
	struct sight sight;
	enum rc rc;

	rc = read_begin(c->shard, record->head.account, &sight.account);
	if (rc != RC_OK)
		return rc;
	rc = read_begin(c->shard, META_ACCOUNT, &sight.meta);
	if (rc == RC_OK) {
		rc = take_items(c, &sight, record);
		store_read_end(sight.meta);
	}
	store_read_end(sight.account);
	if (rc == RC_OK &&
	    (c->changes.n >= BATCH_MOVES || c->bytes >= BATCH_BYTES))
		rc = batch_run(c);
	return rc;
}

/* -- one segment -------------------------------------------------------- */

/* What was moved is pending, and so is what others change meanwhile: do not
 * let it pile up.  No other thread makes checkpoints. */
static enum rc
checkpoint_when_due(struct shard *h)
{
	bool due;

	lock_take(&h->lock);
	due = keeper_is_due(h);
	lock_release(&h->lock);
	return due ? keeper_checkpoint(h) : RC_OK;
}

static enum rc
scan_segment(struct collection *c, const struct segment *g, uint64_t end)
{
	struct scan scan;
	struct record record;
	enum rc rc = RC_OK;

	scan_begin(&scan, g->fd, g->header.salt, SEGMENT_HEADER_BYTES);
	while (rc == RC_OK && scan.offset < end) {
		rc = scan_next(&scan, &record);
		if (rc == RC_OK)
			rc = take_record(c, &record);
		else if (rc == RC_EOF)
			rc = RC_CORRUPT;
		if (rc == RC_OK)
			rc = checkpoint_when_due(c->shard);
	}
	scan_end(&scan);
	return rc;
}

static int64_t
live_now(const struct shard *h, uint64_t number)
{
	int64_t live = 0;
	size_t count;
	struct segment_use *uses = segments_list(h->segments, &count);

	for (size_t i = 0; i < count; i++) {
		if (uses[i].number == number)
			live = uses[i].live;
	}
	mem_free(uses);
	return live;
}

static void
leave_alone(struct shard *h, uint64_t number, const char *why)
{
	log_event(LOG_ERROR, "segment-not-collected",
	    "folder=%s segment=%llu why=%s", h->folder,
	    (unsigned long long)number, why);
	vec_push(&h->stuck, number);
}

static enum rc
collect_segment(struct shard *h, const struct segment_use *use, bool oldest)
{
	struct collection c = {
		.shard = h, .segment = use->number, .oldest = oldest
	};
	struct segment *g;
	enum rc rc = segments_use(h->segments, use->number, &g);

	if (rc != RC_OK)
		return rc;
	rc = scan_segment(&c, g, use->total);
	if (rc == RC_OK)
		rc = batch_run(&c);
	batch_clear(&c);
	vec_fini(&c.moves);
	vec_fini(&c.images);
	vec_fini(&c.changes);
	segments_done(h->segments, g);
	if (rc == RC_CORRUPT) {
		leave_alone(h, use->number, "damaged");
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	/* What is still referred to must have been overlooked: keep it. */
	if (live_now(h, use->number) > 0)
		leave_alone(h, use->number, "still-referred-to");
	else
		keeper_condemn(h, use->number);
	return RC_OK;
}

/* -- which -------------------------------------------------------------- */

static bool
is_stuck(const struct shard *h, uint64_t number)
{
	for (size_t i = 0; i < h->stuck.n; i++) {
		if (h->stuck.v[i] == number)
			return true;
	}
	return false;
}

/* What would have to be written again, in hundredths of what was written. */
static int
live_part(const struct segment_use *use, bool oldest)
{
	int64_t all = use->gross + use->tombs;
	int64_t live = use->live + (oldest ? 0 : use->tombs);

	if (all <= 0 || live <= 0)
		return 0;
	return live >= all ? 100 : (int)(live * 100 / all);
}

static int
by_live_part(const void *a, const void *b)
{
	int left = live_part(a, false), right = live_part(b, false);

	return (left > right) - (left < right);
}

/* Is so much of the log deletes that the oldest segment must go? */
static bool
oldest_must_go(const struct segment_use *logs, size_t count)
{
	uint64_t total = 0, tombs = 0;

	for (size_t i = 0; i < count; i++) {
		total += logs[i].total - SEGMENT_HEADER_BYTES;
		tombs += (uint64_t)logs[i].tombs;
	}
	return tombs * 100 > total * TOMBS_MOST;
}

/* Keep those that are to be collected, the emptiest first. */
static size_t
choose(const struct shard *h, struct segment_use *uses, size_t count, bool hard)
{
	int most = hard ? LIVE_HARD : LIVE_SOFT;
	size_t logs = 0, chosen = 0;
	uint64_t room = reserve_is_short(h) ? reserve_room(h) : UINT64_MAX;
	bool tombs;

	for (size_t i = 0; i < count; i++) {
		if (uses[i].kind == SEGMENT_LOG)
			uses[logs++] = uses[i];
	}
	tombs = logs > 0 && oldest_must_go(uses, logs);
	for (size_t i = 0; i < logs; i++) {
		const struct segment_use *use = &uses[i];

		if (use->number >= h->stored.segment ||
		    (use->live > 0 && (uint64_t)use->live > room) ||
		    is_stuck(h, use->number) ||
		    keeper_is_condemned(h, use->number))
			continue;
		if (live_part(use, i == 0) <= most || (i == 0 && tombs))
			uses[chosen++] = *use;
	}
	if (chosen > 0)
		qsort(uses, chosen, sizeof(*uses), by_live_part);
	return chosen;
}

/* On a full disk a segment must be gone before the next is begun. */
static enum rc
settle(struct shard *h)
{
	enum rc rc;

	if (!reserve_is_short(h))
		return RC_OK;
	rc = keeper_checkpoint(h);
	keeper_let_go(h);
	return rc;
}

static enum rc
nothing_fn(struct store_txn *t, void *arg)
{
	(void)t;
	(void)arg;
	return RC_OK;
}

/* The segment in use may hold all the garbage there is: on a full disk go on
 * in another, so that the next pass can collect this one. */
static enum rc
leave_current(struct shard *h)
{
	size_t count;
	struct segment_use *uses = segments_list(h->segments, &count);
	uint64_t number, account = h->number + h->store->shard_count;
	bool wanted = false;

	lock_take(&h->lock);
	number = h->published.segment;
	lock_release(&h->lock);
	for (size_t i = 0; i < count; i++)
		wanted |= uses[i].number == number &&
			  uses[i].gross >= LEAVE_BYTES_LEAST &&
			  live_part(&uses[i], false) <= LIVE_SOFT;
	mem_free(uses);
	if (!wanted)
		return RC_OK;
	h->roll_wanted = true;
	/* The committer does it before it runs the next change. */
	return store_update(h->store, account, nothing_fn, NULL);
}

enum rc
collect_shard(struct shard *h, bool hard)
{
	size_t count, chosen, most = hard ? PASS_HARD : PASS_SOFT;
	struct segment_use *uses = segments_list(h->segments, &count);
	uint64_t oldest = 0;
	enum rc rc = RC_OK;

	for (size_t i = count; i > 0; i--) {
		if (uses[i - 1].kind == SEGMENT_LOG)
			oldest = uses[i - 1].number;
	}
	if (reserve_is_short(h))
		rc = leave_current(h);
	chosen = choose(h, uses, count, hard);
	for (size_t i = 0; i < chosen && i < most && rc == RC_OK; i++) {
		rc = collect_segment(h, &uses[i], uses[i].number == oldest);
		if (rc == RC_OK)
			rc = settle(h);
	}
	mem_free(uses);
	return rc == RC_SHUTDOWN ? RC_OK : rc;
}
