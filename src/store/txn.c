/* SPDX-License-Identifier: MIT
 *
 * A change while it runs: reads see the group's own writes; writes are kept as
 * a list, which becomes the log record.
 */
#include "store/store_internal.h"

#include <assert.h>
#include <string.h>

void
txn_begin(struct store_txn *t, struct shard *h, uint64_t account, uint64_t seq)
{
	*t = (struct store_txn){ .shard = h, .id = account, .seq = seq };
	t->account = commit_touch(h, account);
	t->meta = commit_touch(h, META_ACCOUNT);
}

static void
forget_places(struct store_txn *t)
{
	map_fini(&t->places[false]);
	map_fini(&t->places[true]);
	t->placed = 0;
}

void
txn_fini(struct store_txn *t)
{
	for (size_t i = 0; i < t->ops.n; i++) {
		pending_entry_unref(t->ops.v[i].entry);
		mem_free(t->ops.v[i].memory);
	}
	for (size_t i = 0; i < t->dropped.n; i++)
		pending_entry_unref(t->dropped.v[i]);
	forget_places(t);
	vec_fini(&t->ops);
	vec_fini(&t->dropped);
}

uint64_t
store_txn_account(const struct store_txn *t)
{
	return t->id;
}

void
store_txn_relieve(struct store_txn *t)
{
	t->relieves = true;
}

/* -- reading ------------------------------------------------------------ */

enum rc
txn_lookup(struct store_txn *t, struct account_state *a, struct str key,
    struct str *ret_value, uint64_t *ret_seq)
{
	enum rc rc = read_lookup(a->working, a->behind, t->shard->read, a->id,
	    key, ret_value, ret_seq);

	if (rc != RC_OK && rc != RC_NOTFOUND && rc != RC_CORRUPT)
		t->failed = rc;
	return rc;
}

enum rc
store_txn_get(struct store_txn *t, struct str key, struct str *ret_value)
{
	uint64_t seq;

	return txn_lookup(t, t->account, key, ret_value, &seq);
}

enum rc
store_txn_iter(struct store_txn *t, struct str prefix, struct str from,
    struct store_iter **ret_iter)
{
	return iter_begin(t->account->working, t->account->behind,
	    t->shard->read, t->account->id, prefix, from, ret_iter);
}

/* -- writing ------------------------------------------------------------ */

static bool
is_meta(enum record_op op)
{
	return op == RECORD_META_PUT || op == RECORD_META_DELETE;
}

static bool
is_delete(enum record_op op)
{
	return op == RECORD_DELETE || op == RECORD_META_DELETE;
}

uint64_t
txn_counted(size_t key_bytes, size_t value_bytes)
{
	return RECORD_OP_BYTES + key_bytes + value_bytes;
}

/* Note what ${op} replaces, so that it can be counted once it is durable. */
static void
note_old(struct store_txn *t, struct account_state *a, struct txn_op *op,
    struct str key)
{
	struct str old, prefix;
	uint64_t seq, blob;

	if (txn_lookup(t, a, key, &old, &seq) != RC_OK)
		return;
	op->old_seq = seq;
	op->old_bytes = txn_counted(key.n, old.n);
	if (blob_key_id(key, &blob) && a != t->meta &&
	    !blob_record_unpack(old, &op->old_location, &prefix))
		op->old_location = (struct location){ 0 };
}

/* Where this change wrote ${key} last; NULL: it did not. */
static struct txn_op *
find_written(struct store_txn *t, bool meta, struct str key)
{
	uintptr_t place;

	for (; t->placed < t->ops.n; t->placed++) {
		const struct txn_op *op = &t->ops.v[t->placed];

		/* A blob's entry is made when nothing is written any more. */
		if (op->op != RECORD_BLOB)
			(void)map_put(&t->places[is_meta(op->op)],
			    pending_key(op->entry),
			    (void *)(uintptr_t)(t->placed + 1));
	}
	place = (uintptr_t)map_get(&t->places[meta], key);
	return place != 0 ? &t->ops.v[place - 1] : NULL;
}

/* ${op} writes over what this same change wrote, and takes its place: only the
 * last counts, and it stands for both.  False: it did not write it. */
static bool
supersede(struct store_txn *t, struct txn_op *op, struct str key)
{
	struct txn_op *old = find_written(t, is_meta(op->op), key);

	if (old == NULL)
		return false;
	op->old_seq = old->old_seq;
	op->old_bytes = old->old_bytes;
	op->old_location = old->old_location;
	vec_push(&t->dropped, old->entry);
	*old = *op;
	return true;
}

static void
apply(struct account_state *a, struct pending_entry *e)
{
	a->working = pending_put(a->working, e);
}

void
txn_write(
    struct store_txn *t, enum record_op kind, struct str key, struct str value)
{
	struct account_state *a = is_meta(kind) ? t->meta : t->account;
	struct txn_op op = { .op = kind };
	struct str prefix;
	uint64_t blob;

	assert(key.n >= 1 && key.n <= STORE_KEY_BYTES_MAX);
	assert(value.n <= STORE_VALUE_BYTES_MAX);
	note_old(t, a, &op, key);
	if (kind == RECORD_PUT && blob_key_id(key, &blob) &&
	    !blob_record_unpack(value, &op.location, &prefix))
		op.location = (struct location){ 0 };
	op.entry = pending_entry_new(key, value, is_delete(kind), t->seq);
	apply(a, op.entry);
	if (op.old_bytes == 0 || op.old_seq != t->seq ||
	    !supersede(t, &op, key))
		vec_push(&t->ops, op);
}

void
store_txn_put(struct store_txn *t, struct str key, struct str value)
{
	assert((unsigned char)key.p[0] > KEY_INTERNAL_LAST);
	txn_write(t, RECORD_PUT, key, value);
}

/* What is not there needs no delete in the log. */
static void
delete_key(struct store_txn *t, struct str key)
{
	struct str value;
	uint64_t seq;

	if (txn_lookup(t, t->account, key, &value, &seq) != RC_NOTFOUND)
		txn_write(t, RECORD_DELETE, key, (struct str){ 0 });
}

void
store_txn_delete(struct store_txn *t, struct str key)
{
	assert((unsigned char)key.p[0] > KEY_INTERNAL_LAST);
	delete_key(t, key);
}

/* -- blobs -------------------------------------------------------------- */

/* The present record of the blob ${id}; false when there is none. */
static bool
find_blob(struct store_txn *t, uint64_t id, struct location *ret_at)
{
	char key[BLOB_KEY_BYTES];
	struct str value, prefix;
	uint64_t seq;

	return txn_lookup(t, t->account, blob_key(id, key), &value, &seq) ==
		   RC_OK &&
	       blob_record_unpack(value, ret_at, &prefix);
}

/* The blob ${id} refers no longer to bytes that it shared. */
static void
drop_share(struct store_txn *t, uint64_t id)
{
	char share[SHARE_KEY_BYTES];
	struct location at;

	if (find_blob(t, id, &at) && at.shared)
		txn_write(t, RECORD_META_DELETE,
		    share_key(&at, t->account->id, id, share),
		    (struct str){ 0 });
}

/* Forget a put of this same change. */
static void
drop_put(struct store_txn *t, uint64_t id)
{
	size_t kept = 0;

	if (id > t->blob_most)
		return;
	forget_places(t);
	for (size_t i = 0; i < t->ops.n; i++) {
		struct txn_op *op = &t->ops.v[i];

		if (op->op == RECORD_BLOB && op->blob == id)
			mem_free(op->memory);
		else
			t->ops.v[kept++] = *op;
	}
	t->ops.n = kept;
}

/* The blob ${id} is nothing now, so that it can be put. */
static void
clear_blob(struct store_txn *t, uint64_t id)
{
	char key[BLOB_KEY_BYTES];
	struct str value;
	uint64_t seq;

	drop_put(t, id);
	if (txn_lookup(t, t->account, blob_key(id, key), &value, &seq) != RC_OK)
		return; /* as nearly always */
	drop_share(t, id);
	if (seq == t->seq)
		txn_write(
		    t, RECORD_DELETE, blob_key(id, key), (struct str){ 0 });
}

/* Refer to an image that lies in this shard already. */
static void
put_reference(struct store_txn *t, uint64_t id, const struct location *at,
    struct str prefix)
{
	char key[BLOB_KEY_BYTES], share[SHARE_KEY_BYTES];
	struct buf value;

	clear_blob(t, id);
	buf_init(&value, BLOB_RECORD_BYTES_MAX);
	blob_record_pack(&value, at, prefix);
	txn_write(t, RECORD_PUT, blob_key(id, key), buf_str(&value));
	buf_fini(&value);
	if (at->shared)
		txn_write(t, RECORD_META_PUT,
		    share_key(at, t->account->id, id, share),
		    (struct str){ 0 });
}

static const struct location *
find_placed(const struct shard *h, const void *token)
{
	for (size_t i = h->placed.n; i > 0; i--) {
		if (h->placed.v[i - 1].token == token)
			return &h->placed.v[i - 1].at;
	}
	return NULL;
}

void
txn_blob_put(struct store_txn *t, uint64_t blob, const struct blob_source *from,
    struct str prefix)
{
	const struct location *placed = find_placed(t->shard, from->token);
	struct txn_op op = { .op = RECORD_BLOB,
		.blob = blob,
		.token = from->token,
		.image = from->image,
		.location.raw = from->raw };

	assert(prefix.n <= STORE_PREFIX_BYTES_MAX);
	if (placed != NULL) {
		struct location at = *placed;

		at.shared = true;
		put_reference(t, blob, &at, prefix);
		return;
	}
	clear_blob(t, blob);
	op.memory = mem_copy(prefix.p, prefix.n);
	op.prefix = (struct str){ op.memory, prefix.n };
	vec_push(&t->ops, op);
	if (blob > t->blob_most)
		t->blob_most = blob;
}

enum rc
store_txn_blob_put(
    struct store_txn *t, uint64_t id, struct stage *stage, struct str prefix)
{
	struct blob_source from = { .token = stage,
		.image = stage_image(stage),
		.raw = stage_size(stage) };
	struct location at = { .segment = stage_segment(stage, t->shard),
		.offset = SEGMENT_HEADER_BYTES,
		.stored = stage_stored(stage),
		.raw = stage_size(stage) };

	assert(prefix.n <= STORE_PREFIX_BYTES_MAX);
	if (from.image.n > 0) {
		txn_blob_put(t, id, &from, prefix);
		return RC_OK;
	}
	if (at.segment == 0)
		return RC_IO;
	stage_keep(stage);
	put_reference(t, id, &at, prefix);
	return RC_OK;
}

void
store_txn_blob_delete(struct store_txn *t, uint64_t id)
{
	char key[BLOB_KEY_BYTES];

	drop_put(t, id);
	drop_share(t, id);
	delete_key(t, blob_key(id, key));
}

/* -- the record --------------------------------------------------------- */

/* The record that says where the blob lies follows from the place of its
 * image in the log; replay makes the same one. */
static void
place_blob(struct store_txn *t, struct txn_op *op, uint64_t image_offset,
    uint64_t stored)
{
	char key[BLOB_KEY_BYTES];
	struct str name = blob_key(op->blob, key);
	struct buf value;

	op->location.segment = t->shard->current->header.number;
	op->location.offset = image_offset;
	op->location.stored = stored;
	note_old(t, t->account, op, name);
	buf_init(&value, BLOB_RECORD_BYTES_MAX);
	blob_record_pack(&value, &op->location, op->prefix);
	op->entry = pending_entry_new(name, buf_str(&value), false, t->seq);
	apply(t->account, op->entry);
	buf_fini(&value);
}

static void
serialise_blob(struct store_txn *t, struct txn_op *op, struct buf *group,
    uint64_t group_offset)
{
	struct placed placed = { .token = op->token };
	char key[BLOB_KEY_BYTES];

	record_add_head(group, RECORD_BLOB, blob_key(op->blob, key),
	    RECORD_BLOB_HEAD_BYTES + op->prefix.n + op->image.n);
	record_blob_add_head(group, op->location.raw, op->prefix);
	place_blob(t, op, group_offset + group->n, op->image.n);
	buf_add_str(group, op->image);
	placed.at = op->location;
	vec_push(&t->shard->placed, placed);
}

void
txn_serialise(
    struct store_txn *t, struct buf *group, uint64_t offset, uint32_t place)
{
	struct record_head head = {
		.account = t->account->id, .seq = t->seq, .place = place
	};
	size_t start = record_begin(group);

	for (size_t i = 0; i < t->ops.n; i++) {
		struct txn_op *op = &t->ops.v[i];

		if (op->op == RECORD_BLOB)
			serialise_blob(t, op, group, offset - start);
		else
			record_add(group, op->op, pending_key(op->entry),
			    pending_value(op->entry));
	}
	record_end(group, start, &head, t->shard->current->header.salt);
}

static bool
same_place(const struct location *a, const struct location *b)
{
	return a->segment == b->segment && a->offset == b->offset;
}

/* What one operation puts into and takes out of use. */
static void
count_op(struct segments *s, const struct txn_op *op, uint64_t mine)
{
	if (op->old_bytes > 0)
		segments_add_live(s, segments_of_seq(s, op->old_seq),
		    -(int64_t)op->old_bytes);
	/* A record that only moves refers to the same bytes as before. */
	if (!same_place(&op->old_location, &op->location)) {
		segments_add_live(s, op->old_location.segment,
		    -(int64_t)op->old_location.stored);
		segments_add_live(
		    s, op->location.segment, (int64_t)op->location.stored);
	}
	if (op->entry->deleted)
		segments_add_tombs(
		    s, mine, (int64_t)txn_counted(op->entry->key_bytes, 0));
	else
		segments_add_live(s, mine,
		    (int64_t)txn_counted(
			op->entry->key_bytes, op->entry->value_bytes));
}

void
txn_count(const struct store_txn *t)
{
	for (size_t i = 0; i < t->ops.n; i++)
		count_op(t->shard->segments, &t->ops.v[i],
		    t->shard->current->header.number);
}

/* -- replay ------------------------------------------------------------- */

/* Could the operation have been written by a change? */
static bool
is_sound(const struct record_item *item)
{
	struct record_blob blob;
	uint64_t id;

	if (item->key.n < 1 || item->key.n > STORE_KEY_BYTES_MAX)
		return false;
	switch (item->op) {
	case RECORD_BLOB:
		return blob_key_id(item->key, &id) &&
		       record_blob_take(item, &blob) &&
		       blob.prefix.n <= STORE_PREFIX_BYTES_MAX;
	case RECORD_PUT:
	case RECORD_DELETE:
	case RECORD_META_PUT:
	case RECORD_META_DELETE:
		return item->value.n <= STORE_VALUE_BYTES_MAX;
	}
	return false;
}

static void
replay_blob(struct store_txn *t, const struct record_item *item)
{
	struct txn_op op = { .op = RECORD_BLOB };
	struct record_blob blob = { 0 };

	(void)blob_key_id(item->key, &op.blob); /* sound, as was seen */
	(void)record_blob_take(item, &blob);
	op.location.raw = blob.raw;
	op.memory = mem_copy(blob.prefix.p, blob.prefix.n);
	op.prefix = (struct str){ op.memory, blob.prefix.n };
	place_blob(t, &op, blob.image_offset, blob.image.n);
	vec_push(&t->ops, op);
}

enum rc
txn_replay(struct store_txn *t, const struct record *r)
{
	struct record_item item;
	size_t at = 0;

	/* All of it or nothing: look at all of it first. */
	while (record_next(r, &at, &item)) {
		if (!is_sound(&item))
			return RC_CORRUPT;
	}
	if (at != r->payload.n)
		return RC_CORRUPT;
	at = 0;
	while (record_next(r, &at, &item)) {
		if (item.op == RECORD_BLOB)
			replay_blob(t, &item);
		else
			txn_write(t, item.op, item.key, item.value);
	}
	return t->failed;
}
