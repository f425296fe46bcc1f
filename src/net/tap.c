/* SPDX-License-Identifier: MIT
 *
 * The stream that shows what is written.
 */
#include "net/tap.h"

static enum rc
tapped_write(struct stream *s, const void *from, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct tapped *t = (struct tapped *)s;
	enum rc rc =
	    t->below->ops->write(t->below, from, size, ret_count, ret_wants);
	struct str sent;
	size_t skip;

	if (rc != RC_OK)
		return rc;
	sent = (struct str){ from, *ret_count };
	skip = t->tap->skip < sent.n ? (size_t)t->tap->skip : sent.n;
	t->tap->skip -= skip;
	sent = str_skip(sent, skip);
	if (sent.n > 0)
		t->tap->bytes(t->tap, TAP_SERVER, sent);
	return RC_OK;
}

static enum rc
tapped_flush(struct stream *s, unsigned *ret_wants)
{
	const struct tapped *t = (struct tapped *)s;

	return t->below->ops->flush != NULL
		   ? t->below->ops->flush(t->below, ret_wants)
		   : RC_OK;
}

struct stream *
tapped_init(struct tapped *t, struct stream *below, struct tap *tap)
{
	static const struct stream_ops ops = {
		.write = tapped_write,
		.flush = tapped_flush,
	};

	t->stream.ops = &ops;
	t->below = below;
	t->tap = tap;
	return &t->stream;
}
