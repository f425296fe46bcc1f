/* SPDX-License-Identifier: MIT
 *
 * What a server says reads alike however it is cut into pieces.
 */
#include <assert.h>

#include "base/buf.h"
#include "foreign/imap_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct talk {
	struct str rest;
	size_t step;
	struct buf *to;
};

static enum rc
on_read(void *arg, struct str *ret_bytes)
{
	struct talk *t = arg;

	if (t->rest.n == 0)
		return RC_EOF;
	*ret_bytes = str_head(t->rest, t->step);
	t->rest = str_skip(t->rest, ret_bytes->n);
	return RC_OK;
}

static enum rc
on_piece(void *arg, struct str piece)
{
	struct talk *t = arg;

	assert(piece.n > 0);
	buf_add_str(t->to, piece);
	return RC_OK;
}

static void
write_reply(const struct imap_reply *reply, struct buf *to)
{
	const struct imap_message *m = &reply->message;

	buf_add_format(to, "\n%d %d %u %u %d|", (int)reply->kind,
	    (int)reply->state, reply->number, reply->attributes,
	    reply->delimiter);
	buf_add_str(to, reply->tag);
	buf_add_str(to, reply->code);
	buf_add_str(to, reply->text);
	buf_add_str(to, reply->name);
	for (size_t i = 0; i < reply->namespace_count; i++)
		buf_add_str(to, reply->namespaces[i].prefix);
	buf_add_format(to, "|%u %u %zu %d", m->uid, m->flags, m->keyword_count,
	    (int)m->body);
	for (size_t i = 0; i < m->keyword_count; i++)
		buf_add_str(to, m->keywords[i]);
}

static void
read_by(struct str bytes, size_t step, struct buf *to)
{
	struct talk t = { bytes, step, to };
	struct imap_reader_source source = { on_read, on_piece, &t };
	struct imap_reader *r = imap_reader_new(&source);
	struct imap_reply reply;
	enum rc rc;

	while ((rc = imap_reader_next(r, &reply)) == RC_OK)
		write_reply(&reply, to);
	assert(rc == RC_EOF || imap_reader_why(r)[0] != '\0');
	assert(imap_reader_next(r, &reply) == rc);
	buf_add_format(to, "\n%d %s", (int)rc, imap_reader_why(r));
	imap_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { .p = (const char *)data, .n = size };
	struct buf whole, cut;

	buf_init(&whole, 64 * 1024 * 1024);
	buf_init(&cut, 64 * 1024 * 1024);
	read_by(bytes, size + 1, &whole);
	read_by(bytes, 1, &cut);
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_fini(&whole);
	buf_fini(&cut);
	return 0;
}
