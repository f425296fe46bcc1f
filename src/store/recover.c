/* SPDX-License-Identifier: MIT
 *
 * After a start: bring back what the log has and the index has not.
 *
 * The log position stored with the index says where to begin.  From there on
 * each record must be the one after the last; a segment ends where the next
 * one begins by its first_seq.  In the last segment the records end with a
 * torn one, or with nothing.  That is a torn end only if no later record was
 * made durable by a later group, and no segment follows whose header cannot be
 * read; otherwise something that was acknowledged is damaged, and the store
 * does not open (RC_CORRUPT) until it is repaired.
 */
#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/log.h"
#include "store/scan.h"
#include "store/store_internal.h"

/* Records replayed between two publications. */
#define BATCH 1024

/* -- replaying ---------------------------------------------------------- */

void
recover_publish(struct shard *h)
{
	if (h->read == NULL)
		return;
	commit_look_away(h);
	commit_publish(h, h->replayed.v, h->replayed.n, h->replayed_bytes);
	for (size_t i = 0; i < h->replayed.n; i++)
		txn_fini(&h->replayed.v[i]);
	h->replayed.n = 0;
	h->replayed_bytes = 0;
	h->placed.n = 0;
}

/* Keep memory bounded when there is much to replay. */
static enum rc
checkpoint_if_due(struct shard *h)
{
	if (h->replayed.n < BATCH &&
	    h->replayed_bytes < h->store->checkpoint_bytes)
		return RC_OK;
	recover_publish(h);
	if (h->store->read_only || !keeper_is_due(h))
		return RC_OK;
	return keeper_checkpoint(h);
}

enum rc
recover_record(struct shard *h, const struct record *r, uint64_t end)
{
	struct store_txn t;
	enum rc rc = RC_OK;

	if (h->read == NULL)
		rc = commit_look(h);
	if (rc != RC_OK)
		return rc;
	txn_begin(&t, h, r->head.account, r->head.seq);
	rc = txn_replay(&t, r);
	if (rc != RC_OK) {
		txn_fini(&t);
		return rc;
	}
	vec_push(&h->replayed, t);
	h->replayed_bytes += record_size(&r->head);
	h->next.offset = end;
	h->next.seq = r->head.seq + 1;
	return checkpoint_if_due(h);
}

/* -- the stored state --------------------------------------------------- */

static void
restore_use(struct shard *h, struct str key, struct str value)
{
	struct segment_use use = { .number = endian_get_be64(key.p + 1),
		.total = endian_get_le64(value.p),
		.live = (int64_t)endian_get_le64(value.p + 8),
		.tombs = (int64_t)endian_get_le64(value.p + 16),
		.gross = (int64_t)endian_get_le64(value.p + 24) };

	segments_restore(h->segments, &use);
}

/* Say what is not there and would be needed, now that all is replayed.  If it
 * is the end of the segment in use, what follows goes to another. */
static enum rc
report_wanting(struct shard *h)
{
	struct segment_wanting w;
	bool roll = false;

	for (size_t i = 0; segments_wanting(h->segments, i, &w); i++) {
		if (w.live <= 0)
			continue;
		log_event(LOG_ERROR, w.gone ? "segment-missing" : "segment-cut",
		    "folder=%s number=%llu needed=%lld has=%llu had=%llu "
		    "cure=\"avocet check\"",
		    h->folder, (unsigned long long)w.number, (long long)w.live,
		    (unsigned long long)w.had, (unsigned long long)w.wants);
		roll |= !w.gone && w.number == h->next.segment;
	}
	return roll && !h->store->read_only ? commit_roll(h) : RC_OK;
}

static enum rc
walk_uses(struct shard *h, struct store_iter *it)
{
	for (;;) {
		struct str key, value;
		enum rc rc = store_iter_next(it, &key, &value, NULL);

		if (rc == RC_NOTFOUND)
			return RC_OK;
		if (rc != RC_OK)
			return rc;
		if (key.n != USE_KEY_BYTES || value.n != USE_VALUE_BYTES)
			return RC_CORRUPT;
		restore_use(h, key, value);
	}
}

enum rc
recover_uses(struct shard *h)
{
	struct index_read *read;
	struct store_iter *it;
	enum rc rc = index_read_begin(h->index, &read);

	if (rc != RC_OK)
		return rc;
	rc = iter_begin(NULL, NULL, read, META_ACCOUNT, META_USE_PREFIX,
	    (struct str){ 0 }, &it);
	if (rc == RC_OK) {
		rc = walk_uses(h, it);
		store_iter_end(it);
	}
	index_read_end(read);
	return rc;
}

enum rc
recover_position(struct index *index, struct position *ret_position)
{
	struct index_read *read;
	struct str value;
	uint64_t seq;
	enum rc rc = index_read_begin(index, &read);

	if (rc != RC_OK)
		return rc;
	rc = index_get(read, META_ACCOUNT, META_POSITION, &value, &seq);
	if (rc == RC_OK && value.n != POSITION_BYTES)
		rc = RC_CORRUPT;
	if (rc == RC_OK) {
		ret_position->segment = endian_get_le64(value.p);
		ret_position->offset = endian_get_le64(value.p + 8);
		ret_position->seq = endian_get_le64(value.p + 16);
	}
	index_read_end(read);
	return rc;
}

/* -- the end of the log ------------------------------------------------- */

/* Is there a record behind the scan's place whose group was written after
 * record ${seq} had been made durable? */
static enum rc
is_followed(struct scan *scan, uint64_t seq, bool *ret_followed)
{
	struct scan probe = *scan;
	enum rc rc;

	probe.window = NULL;
	probe.window_size = probe.window_bytes = 0;
	probe.offset -= 8; /* resync moves on by as much */
	*ret_followed = false;
	while ((rc = scan_resync(&probe)) == RC_OK) {
		struct record r;

		rc = scan_next(&probe, &r);
		if (rc != RC_OK)
			break;
		probe.offset -= 8;
		if (r.head.seq - r.head.place > seq)
			*ret_followed = true;
	}
	scan_end(&probe);
	return rc == RC_EOF ? RC_OK : rc;
}

static enum rc
damaged(const struct shard *h, const char *what)
{
	log_event(LOG_ERROR, "log-damaged",
	    "folder=%s segment=%llu offset=%llu seq=%llu what=%s", h->folder,
	    (unsigned long long)h->next.segment,
	    (unsigned long long)h->next.offset, (unsigned long long)h->next.seq,
	    what);
	return RC_CORRUPT;
}

/* The records of the last segment have ended: cut what is torn. */
static enum rc
cut_end(struct shard *h, struct scan *scan)
{
	bool blank, followed;
	enum rc rc;

	scan->offset = h->next.offset;
	rc = scan_rest_is_blank(scan, &blank);
	if (rc != RC_OK || blank)
		return rc;
	rc = is_followed(scan, h->next.seq, &followed);
	if (rc != RC_OK)
		return rc;
	if (followed)
		return damaged(h, "record-missing");
	log_event(LOG_WARN, "log-end-torn",
	    "folder=%s segment=%llu offset=%llu", h->folder,
	    (unsigned long long)h->next.segment,
	    (unsigned long long)h->next.offset);
	if (h->store->read_only)
		return RC_OK;
	if (ftruncate(h->current->fd, (off_t)h->next.offset) != 0)
		return segment_failed("cut");
	return segment_sync(h->current->fd);
}

/* -- the segments ------------------------------------------------------- */

/* Replay the segment in use from ${h->next} on, up to record ${below}. */
static enum rc
replay_segment(struct shard *h, uint64_t below)
{
	struct scan scan;
	struct record r;
	enum rc rc = RC_OK;

	scan_begin(
	    &scan, h->current->fd, h->current->header.salt, h->next.offset);
	while (rc == RC_OK && h->next.seq < below) {
		rc = scan_next(&scan, &r);
		if (rc == RC_OK && r.head.seq != h->next.seq)
			rc = RC_EOF;
		if (rc == RC_OK)
			rc = recover_record(h, &r, scan.offset);
	}
	if (rc == RC_EOF)
		rc = below == UINT64_MAX ? cut_end(h, &scan)
					 : damaged(h, "segment-ends-early");
	scan_end(&scan);
	return rc;
}

static enum rc
enter_segment(struct shard *h, uint64_t number)
{
	struct segment *g;
	enum rc rc = segments_use(h->segments, number, &g);

	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_CORRUPT : rc;
	segments_done(h->segments, h->current);
	h->current = g;
	/* A process that was killed between a write and its sync leaves
	 * records that may be in the system's memory alone.  They are about to
	 * be shown, and what follows may be in another file, whose sync does
	 * not reach them. */
	return h->store->read_only ? RC_OK : segment_settle(g->fd);
}

/* Replay from ${h->next} on, one log segment after the other. */
static enum rc
replay_from(struct shard *h, const struct segment_use *logs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t below =
		    i + 1 < count ? logs[i + 1].first_seq : UINT64_MAX;
		enum rc rc;

		if (logs[i].number < h->next.segment)
			continue;
		if (logs[i].number > h->next.segment) {
			if (logs[i].first_seq != h->next.seq)
				return damaged(h, "segment-missing");
			h->next.segment = logs[i].number;
			h->next.offset = SEGMENT_HEADER_BYTES;
		}
		rc = enter_segment(h, logs[i].number);
		if (rc == RC_OK)
			rc = replay_segment(h, below);
		/* Counts go to the segment that is in use. */
		recover_publish(h);
		if (rc != RC_OK)
			return rc;
	}
	return h->current != NULL ? RC_OK : damaged(h, "segment-missing");
}

/* The log segments, in order; free with mem_free(). */
static struct segment_use *
list_logs(struct shard *h, size_t *ret_count)
{
	size_t count, logs = 0;
	struct segment_use *uses = segments_list(h->segments, &count);

	for (size_t i = 0; i < count; i++) {
		if (uses[i].kind == SEGMENT_LOG)
			uses[logs++] = uses[i];
	}
	*ret_count = logs;
	return uses;
}

/* Where to begin: at the stored position, or at the very start of a log that
 * has never had a checkpoint. */
static enum rc
begin_at(struct shard *h, const struct segment_use *logs, size_t count)
{
	enum rc rc = recover_position(h->index, &h->next);

	if (rc != RC_NOTFOUND)
		return rc;
	h->next = (struct position){ .offset = SEGMENT_HEADER_BYTES, .seq = 1 };
	/* Each shard has its first segment before a store is marked as made. */
	if (count == 0)
		return h->damaged > 0 || !h->store->fresh
			   ? damaged(h, "segment-missing")
			   : RC_NOTFOUND;
	if (logs[0].first_seq != 1)
		return damaged(h, "index-missing");
	h->next.segment = logs[0].number;
	return RC_OK;
}

/* Files of one message that came in when the store stopped. */
static void
remove_unused(struct shard *h)
{
	if (!h->store->read_only)
		keeper_let_go(h);
}

enum rc
shard_recover(struct shard *h)
{
	size_t count;
	struct segment_use *logs;
	enum rc rc = recover_uses(h);

	if (rc != RC_OK)
		return rc;
	logs = list_logs(h, &count);
	rc = begin_at(h, logs, count);
	h->stored = h->published = h->next;
	if (rc == RC_OK)
		rc = replay_from(h, logs, count);
	else if (rc == RC_NOTFOUND)
		rc = h->store->read_only ? RC_OK : commit_roll(h);
	mem_free(logs);
	vec_fini(&h->replayed);
	if (rc == RC_OK && segments_damaged_log(h->segments) > h->next.segment)
		rc = damaged(h, "last-header");
	if (rc != RC_OK)
		return rc;
	/* The file may go on behind its records, with zeros or what is torn. */
	segments_set_total(h->segments, h->next.segment, h->next.offset);
	rc = report_wanting(h);
	h->published = h->next;
	remove_unused(h);
	return rc;
}
