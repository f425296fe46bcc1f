/* SPDX-License-Identifier: MIT
 *
 * A stored message as a source of output.
 */
#include "pop3/message_source.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "store/store.h"

/* For so little room octets are made here first. */
#define SMALL_BYTES 64

struct message_source {
	struct out_source base; /* first: the queue knows only this */
	struct blob *blob;
	struct pop3_lines lines;
	uint64_t at;	/* of the blob */
	uint64_t given; /* octets of output, held ones too */
	unsigned *open;
	size_t held_from; /* octets of output that had no room */
	size_t held_count;
	char held[SMALL_BYTES];
};

/* Make output from the next octets, at most half of ${size}. */
static enum rc
make(struct message_source *s, char *to, size_t size, size_t *ret_count)
{
	size_t want = size / 2, got = 0;
	/* What is read lies at the end of the room that it grows into. */
	char *from = to + size - want;
	struct cursor c;
	enum rc rc = blob_read(s->blob, s->at, from, want, &got);

	if (rc == RC_OK && got == 0)
		rc = RC_CORRUPT; /* shorter than it was before */
	if (rc != RC_OK)
		return rc;
	s->at += got;
	c = (struct cursor){ from, from + got };
	*ret_count = pop3_lines_put(&s->lines, &c, to);
	s->given += *ret_count;
	return RC_OK;
}

static enum rc
source_read(struct out_source *base, uint64_t offset, void *to, size_t size,
    size_t *ret_count)
{
	struct message_source *s = (struct message_source *)base;
	enum rc rc = RC_OK;

	/* The queue reads on and on. */
	assert(offset == s->given - s->held_count);
	if (s->held_count == 0 && size >= SMALL_BYTES)
		return make(s, to, size, ret_count);
	if (s->held_count == 0) {
		s->held_from = 0;
		rc = make(s, s->held, sizeof(s->held), &s->held_count);
	}
	if (rc != RC_OK)
		return rc;
	if (size > s->held_count)
		size = s->held_count;
	memcpy(to, s->held + s->held_from, size);
	s->held_from += size;
	s->held_count -= size;
	*ret_count = size;
	return RC_OK;
}

static void
source_release(struct out_source *base)
{
	struct message_source *s = (struct message_source *)base;

	(*s->open)--;
	blob_close(s->blob);
	mem_free(s);
}

void
message_source_queue(struct blob *b, const struct pop3_lines *lines,
    uint64_t count, unsigned *open, struct conn *c)
{
	struct message_source *s = mem_alloc(sizeof(*s));

	s->base.read = source_read;
	s->base.release = source_release;
	s->blob = b;
	s->lines = *lines;
	s->open = open;
	(*open)++;
	conn_out_source(c, &s->base, 0, count);
}
