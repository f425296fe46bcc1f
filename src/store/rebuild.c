/* SPDX-License-Identifier: MIT
 *
 * Making the index anew from the segments alone: every record of every log
 * segment is replayed in order, over damaged places wherever a whole record
 * can be found behind them.  The old index is kept beside the new one, and no
 * segment is changed.
 *
 * What is left out is noted (loss.c): of its account where a record's header
 * is whole, else of all.  Record numbers have no gaps within a segment, so one
 * that does not fit shows that records are missing before it.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "store/scan.h"
#include "store/store_internal.h"

#define LINE_BYTES   512
#define DAMAGED_MOST 1000 /* old indexes kept */

static void
say(const struct shard *h, uint64_t segment, uint64_t offset, const char *what)
{
	char line[LINE_BYTES];

	(void)snprintf(line, sizeof(line),
	    "shard %u: log segment %llu, offset %llu: %s", h->number,
	    (unsigned long long)segment, (unsigned long long)offset, what);
	if (h->store->report != NULL)
		h->store->report(h->store->report_arg, line);
}

/* -- replaying ---------------------------------------------------------- */

/* A segment to be replayed. */
struct take {
	const struct segment_use *use;
	uint64_t below; /* the next one's first record; UINT64_MAX: no next */
	bool adjoins;	/* no number, so no segment, was ever between them */
};

/* Records up to number ${seq} should have been found before it. */
static void
expect(struct shard *h, uint64_t seq)
{
	if (h->next.seq < seq) {
		loss_note_all(h);
		h->next.seq = seq;
	}
}

/* The record is not replayed. */
static void
leave_out(struct shard *h, const struct record_head *head, const char *what,
    uint64_t offset)
{
	say(h, h->current->header.number, offset, what);
	expect(h, head->seq);
	loss_note(h, head->account);
	h->next.seq = head->seq + 1;
}

/* Replay a record; one that makes no sense is told and left out. */
static enum rc
take_record(struct shard *h, const struct record *r, uint64_t end)
{
	enum rc rc;

	if (r->head.seq < h->next.seq) {
		say(h, h->current->header.number, end, "record out of order");
		loss_note_all(h);
		return RC_OK;
	}
	expect(h, r->head.seq);
	rc = recover_record(h, r, end);
	if (rc == RC_CORRUPT) {
		leave_out(h, &r->head, "record is malformed", end);
		rc = RC_OK;
	}
	return rc;
}

/* There is no whole record here: go on behind the damage, if there is any.
 * RC_EOF: nothing follows, not even damage if *ret_blank. */
static enum rc
step_over(struct shard *h, struct scan *scan, uint64_t below, bool *ret_blank)
{
	struct record_head head;
	uint64_t from = scan->offset;
	enum rc rc = scan_rest_is_blank(scan, ret_blank);

	if (rc != RC_OK || *ret_blank)
		return rc == RC_OK ? RC_EOF : rc;
	rc = scan_step_over(scan, &head);
	if (rc == RC_OK && head.seq >= h->next.seq && head.seq < below) {
		leave_out(h, &head, "a damaged record is left out", from);
		return RC_OK;
	}
	scan->offset = from;
	if (rc == RC_OK || rc == RC_EOF)
		rc = scan_resync(scan);
	say(h, h->current->header.number, from,
	    rc == RC_OK ? "damaged; records follow it"
			: "damaged or torn; nothing follows it");
	return rc;
}

/* The records of a segment have ended.  What is behind them in the last one may
 * be torn or lost.  In others the next segment's first number tells: without a
 * gap nothing was lost; behind nothing but zeros, a gap may also be that of a
 * segment which was collected. */
static void
end_segment(struct shard *h, const struct take *take, bool blank)
{
	if (take->below == UINT64_MAX) {
		if (!blank)
			loss_note_all(h);
	} else if (h->next.seq < take->below && (!blank || take->adjoins)) {
		if (blank)
			say(h, h->current->header.number, h->next.offset,
			    "records are missing at its end");
		loss_note_all(h);
	}
}

/* Replay the segment in use.  What cannot be read at its end counts as
 * written, so that the file is never taken for garbage. */
static enum rc
take_segment(struct shard *h, const struct take *take)
{
	const struct segment *g = h->current;
	struct record r;
	struct scan scan;
	uint64_t end = SEGMENT_HEADER_BYTES;
	bool blank = true;
	enum rc rc = RC_OK;

	scan_begin(&scan, g->fd, g->header.salt, end);
	while (rc == RC_OK) {
		end = scan.offset;
		rc = scan_next(&scan, &r);
		if (rc == RC_EOF)
			rc = step_over(h, &scan, take->below, &blank);
		else if (rc == RC_OK && r.head.seq >= take->below)
			break;
		else if (rc == RC_OK)
			rc = take_record(h, &r, scan.offset);
	}
	scan_end(&scan);
	recover_publish(h);
	segments_set_total(
	    h->segments, take->use->number, blank ? end : take->use->total);
	if (rc != RC_OK && rc != RC_EOF)
		return rc;
	end_segment(h, take, blank);
	return RC_OK;
}

/* What is known of the segment at ${at} and of the one behind it. */
static struct take
take_at(const struct segment_use *uses, size_t count, size_t at)
{
	struct take take = { .use = &uses[at], .below = UINT64_MAX };

	for (size_t i = at + 1; i < count; i++) {
		if (uses[i].kind != SEGMENT_LOG)
			continue;
		take.below = uses[i].first_seq;
		take.adjoins = uses[i].number == uses[at].number + 1;
		break;
	}
	return take;
}

static enum rc
take_segments(struct shard *h, const struct segment_use *uses, size_t count)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		struct segment *g;
		struct take take;

		if (uses[i].kind != SEGMENT_LOG)
			continue;
		rc = segments_use(h->segments, uses[i].number, &g);
		if (rc != RC_OK)
			break;
		segments_done(h->segments, h->current);
		h->current = g;
		h->next.segment = uses[i].number;
		h->next.offset = SEGMENT_HEADER_BYTES;
		if (h->next.seq < uses[i].first_seq)
			h->next.seq = uses[i].first_seq;
		/* As in recovery: a killed process may not have synced it, and
		 * the index must not know more than the disk has. */
		rc = segment_settle(g->fd);
		if (rc != RC_OK)
			break;
		take = take_at(uses, count, i);
		rc = take_segment(h, &take);
	}
	return rc;
}

/* The old index, if it can be read, knows how far the log went.  That it could
 * be read another time is no reason to believe that it cannot. */
static enum rc
ask_old_index(struct shard *h)
{
	char path[SHARD_PATH_BYTES];
	struct position old;
	struct index *index;
	enum rc rc;

	shard_path(h, INDEX_NAME, path);
	if (access(path, R_OK) != 0)
		return errno == ENOENT ? RC_OK : segment_failed(path);
	rc = index_open(path, true, &index);
	if (rc != RC_OK)
		return rc == RC_LIMIT ? rc : RC_OK;
	if (recover_position(index, &old) == RC_OK && old.seq > h->next.seq) {
		say(h, h->next.segment, h->next.offset,
		    "records are missing at the end of the log");
		expect(h, old.seq);
	}
	index_close(index);
	return RC_OK;
}

enum rc
rebuild_shard(struct shard *h)
{
	size_t count;
	struct segment_use *uses = segments_list(h->segments, &count);
	enum rc rc;

	if (h->damaged > 0)
		say(h, 0, 0, "segments with damaged headers are left out");
	if (segments_damaged_log(h->segments) > 0)
		loss_note_all(h);
	if (count == 0 && !h->store->fresh) {
		say(h, 0, 0, "all segments are missing");
		loss_note_all(h);
	}
	h->next = (struct position){ .offset = SEGMENT_HEADER_BYTES, .seq = 1 };
	rc = take_segments(h, uses, count);
	if (rc == RC_OK)
		rc = ask_old_index(h);
	mem_free(uses);
	vec_fini(&h->replayed);
	/* What follows goes to a segment of its own: the last one may have a
	 * torn end, which is left as it is. */
	if (rc == RC_OK)
		rc = commit_roll(h);
	if (rc != RC_OK)
		return rc;
	lock_take(&h->lock);
	h->published = h->next;
	lock_release(&h->lock);
	return keeper_checkpoint(h);
}

/* -- the files ---------------------------------------------------------- */

void
rebuild_clear(const struct shard *h)
{
	char path[SHARD_PATH_BYTES];

	shard_path(h, INDEX_WHILE_REBUILT, path);
	(void)unlink(path);
	shard_path(h, INDEX_WHILE_REBUILT "-lock", path);
	(void)unlink(path);
}

/* Give the old index a name that is not taken. */
static enum rc
put_aside(const struct shard *h)
{
	char from[SHARD_PATH_BYTES], to[SHARD_PATH_BYTES], name[64];

	shard_path(h, INDEX_NAME, from);
	for (unsigned i = 1; i <= DAMAGED_MOST; i++) {
		(void)snprintf(name, sizeof(name), INDEX_NAME ".old-%u", i);
		shard_path(h, name, to);
		if (access(to, F_OK) == 0)
			continue;
		if (rename(from, to) == 0 || errno == ENOENT)
			return RC_OK;
		return segment_failed(from);
	}
	return RC_LIMIT;
}

/* The rebuilt index takes the old one's place. */
static enum rc
exchange(struct shard *h)
{
	char from[SHARD_PATH_BYTES], to[SHARD_PATH_BYTES];
	enum rc rc;

	index_close(h->index);
	h->index = NULL;
	rc = put_aside(h);
	if (rc != RC_OK)
		return rc;
	shard_path(h, INDEX_NAME "-lock", to);
	(void)unlink(to);
	shard_path(h, INDEX_WHILE_REBUILT, from);
	shard_path(h, INDEX_NAME, to);
	if (rename(from, to) != 0)
		return segment_failed(to);
	shard_path(h, INDEX_WHILE_REBUILT "-lock", from);
	(void)unlink(from);
	return format_sync_folder(h->folder);
}

enum rc
store_rebuild(
    const struct store_options *options, store_report_fn *report, void *arg)
{
	struct store *s = store_new(options);
	const char *why = "";
	enum rc rc;

	s->rebuild = true;
	s->read_only = false;
	s->report = report;
	s->report_arg = arg;
	rc = store_load(s, options->shards, &why);
	/* Before the first index is exchanged, since accounts of one shard may
	 * have a part in what another gives out. */
	for (unsigned i = 0; rc == RC_OK && i < s->shard_count; i++)
		rc = loss_write(&s->shards[i]);
	for (unsigned i = 0; rc == RC_OK && i < s->shard_count; i++)
		rc = exchange(&s->shards[i]);
	if (rc != RC_OK && why[0] != '\0' && report != NULL)
		report(arg, why);
	store_close(s);
	return rc;
}
