/* SPDX-License-Identifier: MIT
 *
 * A body part without its transfer encoding, as a source of output.
 */
#include "imap/decoded_source.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "store/store.h"

/* Encoded octets that are read at once. */
#define CHUNK_BYTES (16 * 1024)

/* -- decoding a blob --------------------------------------------------- */

/* A place in the encoded octets, and what came out last. */
struct decoding {
	struct blob *blob;
	struct encoded from;
	struct mime_decoder decoder;
	uint64_t taken; /* encoded octets read */
	bool ended;
	char chunk[CHUNK_BYTES];
	struct buf ready;
};

static struct decoding *
decoding_new(struct blob *b, const struct encoded *from)
{
	struct decoding *d = mem_alloc(sizeof(*d));

	d->blob = b;
	d->from = *from;
	mime_decoder_init(&d->decoder, from->encoding);
	buf_init(&d->ready, CHUNK_BYTES + 2 * MIME_DECODER_HELD);
	return d;
}

static void
decoding_free(struct decoding *d)
{
	if (d == NULL)
		return;
	buf_fini(&d->ready);
	mem_free(d);
}

/* Put the next decoded octets into d->ready; none is the end. */
static enum rc
decoding_next(struct decoding *d)
{
	buf_clear(&d->ready);
	while (d->ready.n == 0 && !d->ended) {
		uint64_t left = d->from.range.size - d->taken;
		size_t got = 0;
		enum rc rc;

		if (left == 0) {
			mime_decoder_finish(&d->decoder, &d->ready);
			d->ended = true;
			break;
		}
		rc = blob_read(d->blob, d->from.range.offset + d->taken,
		    d->chunk, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES,
		    &got);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			return RC_CORRUPT; /* shorter than its table says */
		d->taken += got;
		mime_decoder_write(
		    &d->decoder, (struct str){ d->chunk, got }, &d->ready);
	}
	return RC_OK;
}

enum rc
decoded_scan(
    struct blob *b, const struct encoded *from, struct decoded_facts *ret_facts)
{
	struct decoding *d = decoding_new(b, from);
	struct decoded_facts facts = { 0 };
	enum rc rc;

	do {
		rc = decoding_next(d);
		facts.size += d->ready.n;
		if (memchr(d->ready.n > 0 ? d->ready.p : "", '\0',
			d->ready.n) != NULL)
			facts.has_nul = true;
	} while (rc == RC_OK && !d->ended);
	facts.malformed = d->decoder.malformed;
	decoding_free(d);
	if (rc == RC_OK)
		*ret_facts = facts;
	return rc;
}

/* -- the source -------------------------------------------------------- */

struct decoded_source {
	struct out_source base; /* first: the queue knows only this */
	struct blob_source *blob;
	struct encoded from;
	struct decoding *decoding; /* NULL until its turn has come */
	uint64_t at;		   /* of the first octet in decoding->ready */
};

/* The queue reads on and on; what lies before the first offset is passed
 * over. */
static enum rc
source_read(struct out_source *s, uint64_t offset, void *to, size_t size,
    size_t *ret_count)
{
	struct decoded_source *source = (struct decoded_source *)s;
	struct decoding *d = source->decoding;
	size_t skip;

	if (d == NULL)
		d = source->decoding =
		    decoding_new(blob_source_blob(source->blob), &source->from);
	assert(offset >= source->at);
	while (offset - source->at >= d->ready.n) {
		enum rc rc;

		source->at += d->ready.n;
		if (d->ended)
			return RC_CORRUPT; /* shorter than it was before */
		rc = decoding_next(d);
		if (rc != RC_OK)
			return rc;
	}
	skip = (size_t)(offset - source->at);
	if (size > d->ready.n - skip)
		size = d->ready.n - skip;
	memcpy(to, d->ready.p + skip, size);
	*ret_count = size;
	return RC_OK;
}

static void
source_release(struct out_source *s)
{
	struct decoded_source *source = (struct decoded_source *)s;

	decoding_free(source->decoding);
	blob_source_unref(&source->blob);
	mem_free(source);
}

void
decoded_source_queue(struct blob_source *source, const struct encoded *from,
    struct mime_range part, struct conn *c)
{
	struct decoded_source *d;

	if (part.size == 0)
		return;
	d = mem_alloc(sizeof(*d));
	d->base.read = source_read;
	d->base.release = source_release;
	d->blob = source;
	d->from = *from;
	blob_source_ref(source);
	conn_out_source(c, &d->base, part.offset, part.size);
}
