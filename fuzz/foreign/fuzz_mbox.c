/* SPDX-License-Identifier: MIT
 *
 * A file of messages reads alike however it is cut, and what is written of a
 * message reads back as that message.
 */
#include <assert.h>

#include "base/mem.h"
#include "foreign/mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc
on_begin(void *arg)
{
	buf_add_byte(arg, '{');
	return RC_OK;
}

static enum rc
on_piece(void *arg, struct str piece)
{
	buf_add_str(arg, piece);
	return RC_OK;
}

static enum rc
on_end(void *arg, const struct mbox_message *message)
{
	buf_add_format(arg, "}%u %zu", message->flags, message->keyword_count);
	return RC_OK;
}

static enum rc
read_by(struct str file, size_t step, struct buf *to)
{
	struct mbox_events events = { on_begin, on_piece, on_end, to };
	struct mbox *m = mbox_new(&events);
	enum rc rc = RC_OK;

	for (size_t at = 0; at < file.n && rc == RC_OK; at += step)
		rc = mbox_read(m, str_head(str_skip(file, at), step));
	if (rc == RC_OK)
		rc = mbox_read_end(m);
	mbox_free(m);
	return rc;
}

static void
write_back(struct str message, struct buf *file, struct buf *to)
{
	struct mbox_message *attributes = mem_alloc(sizeof(*attributes));
	struct mbox_quote q = { 0 };
	bool added;

	buf_clear(file);
	buf_clear(to);
	mbox_add_begin(file, attributes, false);
	mbox_quote(&q, message, file);
	added = mbox_add_end(&q, file);
	assert(read_by(buf_str(file), file->n, to) == RC_OK);
	assert(to->p[0] == '{' && to->n == message.n + added + 5);
	assert(str_eq(str_head(str_skip(buf_str(to), 1), message.n), message));
	mem_free(attributes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str file = { .p = (const char *)data, .n = size };
	struct buf whole, cut;

	buf_init(&whole, 4 * size + 1024);
	buf_init(&cut, 4 * size + 1024);
	assert(
	    read_by(file, size, &whole) == read_by(file, size % 7 + 1, &cut));
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	write_back(file, &cut, &whole);
	buf_fini(&whole);
	buf_fini(&cut);
	return 0;
}
