/* SPDX-License-Identifier: MIT
 *
 * Making the index anew from the segments alone: every record of every log
 * segment is replayed in order, over damaged places wherever a whole record
 * can be found behind them.  The old index is kept beside the new one, and no
 * segment is changed.
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

/* Replay a record; one that makes no sense is told and left out. */
static enum rc
take_record(struct shard *h, const struct record *r, uint64_t end)
{
	enum rc rc;

	if (r->head.seq < h->next.seq) {
		say(h, h->current->header.number, end, "record out of order");
		return RC_OK;
	}
	rc = recover_record(h, r, end);
	if (rc == RC_CORRUPT) {
		say(h, h->current->header.number, end, "record is malformed");
		rc = RC_OK;
	}
	return rc;
}

/* There is no whole record here: go on behind the damage, if there is any.
 * RC_EOF: nothing follows, not even damage if *ret_blank. */
static enum rc
step_over(struct shard *h, struct scan *scan, bool *ret_blank)
{
	uint64_t from = scan->offset;
	enum rc rc = scan_rest_is_blank(scan, ret_blank);

	if (rc != RC_OK || *ret_blank)
		return rc == RC_OK ? RC_EOF : rc;
	rc = scan_resync(scan);
	say(h, h->current->header.number, from,
	    rc == RC_OK ? "damaged; records follow it"
			: "damaged or torn; nothing follows it");
	return rc;
}

/* Replay the segment in use, up to record ${below}.  What cannot be read at
 * its end counts as written, so that the file is never taken for garbage. */
static enum rc
take_segment(struct shard *h, const struct segment_use *use, uint64_t below)
{
	const struct segment *g = h->current;
	struct record r;
	struct scan scan;
	bool blank = true;
	enum rc rc = RC_OK;

	scan_begin(&scan, g->fd, g->header.salt, SEGMENT_HEADER_BYTES);
	while (rc == RC_OK) {
		rc = scan_next(&scan, &r);
		if (rc == RC_EOF)
			rc = step_over(h, &scan, &blank);
		else if (rc == RC_OK && r.head.seq >= below)
			break;
		else if (rc == RC_OK)
			rc = take_record(h, &r, scan.offset);
	}
	scan_end(&scan);
	recover_publish(h);
	segments_set_total(
	    h->segments, use->number, blank ? h->next.offset : use->total);
	return rc == RC_EOF ? RC_OK : rc;
}

static uint64_t
next_first_seq(const struct segment_use *uses, size_t count, size_t at)
{
	for (size_t i = at + 1; i < count; i++) {
		if (uses[i].kind == SEGMENT_LOG)
			return uses[i].first_seq;
	}
	return UINT64_MAX;
}

static enum rc
take_segments(struct shard *h, const struct segment_use *uses, size_t count)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		struct segment *g;

		if (uses[i].kind != SEGMENT_LOG)
			continue;
		rc = segments_use(h->segments, uses[i].number, &g);
		if (rc != RC_OK)
			break;
		segments_done(h->segments, h->current);
		h->current = g;
		/* As in recovery: a killed process may not have synced it. */
		rc = segment_sync(g->fd);
		if (rc != RC_OK)
			break;
		h->next.segment = uses[i].number;
		h->next.offset = SEGMENT_HEADER_BYTES;
		if (h->next.seq < uses[i].first_seq)
			h->next.seq = uses[i].first_seq;
		/* The index must not know more than the disk has. */
		rc = segment_sync(g->fd);
		if (rc != RC_OK)
			break;
		rc = take_segment(h, &uses[i], next_first_seq(uses, count, i));
	}
	return rc;
}

enum rc
rebuild_shard(struct shard *h)
{
	size_t count;
	struct segment_use *uses = segments_list(h->segments, &count);
	enum rc rc;

	if (h->damaged > 0)
		say(h, 0, 0, "segments with damaged headers are left out");
	h->next = (struct position){ .offset = SEGMENT_HEADER_BYTES, .seq = 1 };
	rc = take_segments(h, uses, count);
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
	segments_settle(h->segments);
	return RC_OK;
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
	for (unsigned i = 0; rc == RC_OK && i < s->shard_count; i++)
		rc = exchange(&s->shards[i]);
	if (rc != RC_OK && why[0] != '\0' && report != NULL)
		report(arg, why);
	store_close(s);
	return rc;
}
