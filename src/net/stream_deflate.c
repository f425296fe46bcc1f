/* SPDX-License-Identifier: MIT
 *
 * The compressed stream (RFC 4978): above a plain one or TLS.
 *
 * What is written is gathered compressed and goes below in full pieces; the
 * rest of it with the flush, so that a flush costs its five octets when there
 * is nothing more to say, and not at each line.
 *
 * Every flush ends at an octet's end (RFC 1951 section 3.2.4), where a new
 * compressor may go on as well, though it knows nothing of what it could refer
 * to.  So none is kept at rest.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "net/inflate.h"
#include "net/poll.h"
#include "net/stream.h"
#include "net/zlib_internal.h"

#include <assert.h>
#include <string.h>

#define IN_BYTES   4096
#define FLUSH_ROOM 7 /* with less zlib may flush twice */

struct deflate_stream {
	struct stream stream;
	struct stream *below;
	/* Compressed input: in[in_begin, in_end), NULL when there is none. */
	char *in;
	size_t in_begin;
	size_t in_end;
	size_t barren; /* octets in a row that made none */
	struct inflater *inflater;
	/* What makes the compressed output, and that, the same way, in its
	 * memory; NULL at rest. */
	z_stream *deflater;
	char *out;
	size_t out_begin;
	size_t out_end;
	bool unflushed; /* it has taken octets since the last flush */
};

/* -- input ------------------------------------------------------------- */

/* More from below, when all is used up. */
static enum rc
read_below(struct deflate_stream *d, unsigned *ret_wants)
{
	size_t count;
	enum rc rc;

	if (d->in == NULL)
		d->in = mem_resize(NULL, IN_BYTES);
	rc = d->below->ops->read(d->below, d->in, IN_BYTES, &count, ret_wants);
	if (rc != RC_OK)
		return rc;
	d->in_begin = 0;
	d->in_end = count;
	return RC_OK;
}

/* What can be made of the octets in hand; RC_AGAIN: none. */
static enum rc
read_inflated(
    struct deflate_stream *d, char *to, size_t size, size_t *ret_count)
{
	struct str from = { d->in + d->in_begin, d->in_end - d->in_begin };
	size_t before = from.n;
	enum rc rc = inflater_read(d->inflater, &from, to, size, ret_count);

	d->in_begin = d->in_end - from.n;
	d->barren = rc == RC_OK ? 0 : d->barren + before - from.n;
	if (rc == RC_AGAIN && d->barren > INFLATE_BARREN_BYTES_MAX)
		return RC_INVALID;
	return rc;
}

static enum rc
deflate_read(struct stream *s, void *to, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct deflate_stream *d = (struct deflate_stream *)s;
	enum rc rc = RC_AGAIN;

	if (d->in_begin < d->in_end || inflater_has_more(d->inflater))
		rc = read_inflated(d, to, size, ret_count);
	while (rc == RC_AGAIN) {
		rc = read_below(d, ret_wants);
		if (rc != RC_OK)
			return rc;
		rc = read_inflated(d, to, size, ret_count);
	}
	return rc;
}

static bool
deflate_has_input(const struct stream *s)
{
	const struct deflate_stream *d = (const struct deflate_stream *)s;

	return d->in_begin < d->in_end || inflater_has_more(d->inflater) ||
	       d->below->ops->has_input(d->below);
}

/* -- output ------------------------------------------------------------ */

/* Send what is compressed, until the piece is empty. */
static enum rc
write_below(struct deflate_stream *d, unsigned *ret_wants)
{
	while (d->out_begin < d->out_end) {
		size_t count;
		enum rc rc =
		    d->below->ops->write(d->below, d->out + d->out_begin,
			d->out_end - d->out_begin, &count, ret_wants);

		if (rc != RC_OK)
			return rc;
		d->out_begin += count;
	}
	d->out_begin = 0;
	d->out_end = 0;
	return RC_OK;
}

/* Compress into what is left of the piece. */
static void
deflate_some(struct deflate_stream *d, int flush)
{
	int rc;

	d->deflater->next_out = (Bytef *)d->out + d->out_end;
	d->deflater->avail_out = (uInt)(ZLIB_OUT_BYTES - d->out_end);
	rc = deflate(d->deflater, flush);
	assert(rc == Z_OK || rc == Z_BUF_ERROR);
	d->out_end = ZLIB_OUT_BYTES - d->deflater->avail_out;
}

static enum rc
deflate_write(struct stream *s, const void *from, size_t size,
    size_t *ret_count, unsigned *ret_wants)
{
	struct deflate_stream *d = (struct deflate_stream *)s;
	enum rc rc = RC_OK;

	if (d->deflater == NULL)
		d->deflater = zlib_deflate_new(&d->out);
	d->deflater->next_in = from;
	d->deflater->avail_in = (uInt)size;
	while (rc == RC_OK && d->deflater->avail_in > 0) {
		if (d->out_end == ZLIB_OUT_BYTES)
			rc = write_below(d, ret_wants);
		if (rc == RC_OK)
			deflate_some(d, Z_NO_FLUSH);
	}
	*ret_count = size - d->deflater->avail_in;
	if (*ret_count == 0)
		return rc;
	d->deflater->avail_in = 0;
	d->unflushed = true;
	return RC_OK;
}

static enum rc
deflate_flush(struct stream *s, unsigned *ret_wants)
{
	struct deflate_stream *d = (struct deflate_stream *)s;
	enum rc rc = RC_OK;

	while (rc == RC_OK && d->unflushed) {
		if (d->out_end + FLUSH_ROOM > ZLIB_OUT_BYTES)
			rc = write_below(d, ret_wants);
		if (rc != RC_OK)
			break;
		deflate_some(d, Z_SYNC_FLUSH);
		/* With room left it is complete. */
		d->unflushed = d->out_end == ZLIB_OUT_BYTES;
	}
	return rc == RC_OK ? write_below(d, ret_wants) : rc;
}

static size_t
deflate_held(const struct stream *s)
{
	const struct deflate_stream *d = (const struct deflate_stream *)s;

	return d->out_end - d->out_begin + d->unflushed;
}

/* -- life -------------------------------------------------------------- */

static void
deflate_rest(struct stream *s)
{
	struct deflate_stream *d = (struct deflate_stream *)s;

	if (d->in_begin == d->in_end) {
		mem_free(d->in);
		d->in = NULL;
		d->in_begin = 0;
		d->in_end = 0;
		inflater_rest(d->inflater);
	}
	if (deflate_held(s) == 0) {
		zlib_deflate_free(d->deflater);
		d->deflater = NULL;
	}
}

static const char *
deflate_name(const struct stream *s)
{
	const struct deflate_stream *d = (const struct deflate_stream *)s;

	return d->below->ops->name(d->below);
}

static void
deflate_free(struct stream *s)
{
	struct deflate_stream *d = (struct deflate_stream *)s;

	zlib_deflate_free(d->deflater);
	inflater_free(d->inflater);
	mem_free(d->in);
	d->below->ops->free(d->below);
	mem_free(d);
}

struct stream *
stream_deflate_new(struct stream *below, struct str input)
{
	static const struct stream_ops ops = {
		.read = deflate_read,
		.write = deflate_write,
		.flush = deflate_flush,
		.held = deflate_held,
		.has_input = deflate_has_input,
		.rest = deflate_rest,
		.name = deflate_name,
		.free = deflate_free,
	};
	struct deflate_stream *d = mem_alloc(sizeof(*d));

	d->stream.ops = &ops;
	d->below = below;
	d->inflater = inflater_new();
	if (input.n > 0) {
		d->in =
		    mem_resize(NULL, input.n > IN_BYTES ? input.n : IN_BYTES);
		memcpy(d->in, input.p, input.n);
		d->in_end = input.n;
	}
	return &d->stream;
}
