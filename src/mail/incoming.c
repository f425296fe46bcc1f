/* SPDX-License-Identifier: MIT
 *
 * A message on its way in: each piece goes to the store's staging area, to the
 * parser and into the digest, and is forgotten.
 *
 * What parses and digests is a reader.  A message has one until it is all
 * there; then what was found is copied, and the reader goes on to another
 * message.
 */
#include "mail/incoming.h"

#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/lock.h"
#include "base/mem.h"
#include "mail/mail_internal.h"
#include "mime/line_ends.h"
#include "mime/parser.h"

struct reader {
	struct mime_parser *parser;
	XXH3_state_t *hash;
	struct reader *next;
};

/* So many wait for a message at most. */
#define READERS_MAX 8

struct readers {
	struct lock lock;
	struct reader *first; /* under lock, as is count */
	size_t count;
};

struct incoming {
	struct stage *stage;
	struct readers *readers;
	struct reader *reader; /* until it is finished */
	uint64_t size;
	uint64_t size_max;
	struct mime_line_ends line_ends;
	enum rc failure; /* of a write: the bytes are not whole */
	struct mime_result parsed;
	char *texts; /* of parsed; it is finished */
	char digest[EMAIL_DIGEST_BYTES];
};

/* -- readers --------------------------------------------------------------- */

static struct reader *
reader_new(void)
{
	struct reader *r = mem_alloc(sizeof(*r));

	r->parser = mime_parser_new();
	r->hash = XXH3_createState();
	assert(r->hash != NULL);
	return r;
}

static void
reader_free(struct reader *r)
{
	mime_parser_free(r->parser);
	(void)XXH3_freeState(r->hash);
	mem_free(r);
}

struct readers *
readers_new(void)
{
	struct readers *r = mem_alloc(sizeof(*r));

	lock_init(&r->lock);
	return r;
}

void
readers_free(struct readers *r)
{
	struct reader *next;

	for (struct reader *i = r->first; i != NULL; i = next) {
		next = i->next;
		reader_free(i);
	}
	lock_fini(&r->lock);
	mem_free(r);
}

static struct reader *
take_reader(struct readers *all)
{
	struct reader *r;

	lock_take(&all->lock);
	r = all->first;
	if (r != NULL) {
		all->first = r->next;
		all->count--;
	}
	lock_release(&all->lock);
	if (r == NULL)
		r = reader_new();
	(void)XXH3_128bits_reset(r->hash); /* fails for NULL alone */
	return r;
}

static void
give_reader(struct readers *all, struct reader *r)
{
	bool kept;

	mime_parser_restart(r->parser);
	lock_take(&all->lock);
	kept = all->count < READERS_MAX;
	if (kept) {
		r->next = all->first;
		all->first = r;
		all->count++;
	}
	lock_release(&all->lock);
	if (!kept)
		reader_free(r);
}

/* -- a message ------------------------------------------------------------- */

struct incoming *
incoming_new(struct mail *m, uint64_t account)
{
	struct incoming *in = mem_alloc(sizeof(*in));

	in->stage = stage_new(mail_store(m), account);
	in->readers = m->readers;
	in->reader = take_reader(m->readers);
	in->size_max = mail_message_bytes_max(m);
	return in;
}

enum rc
incoming_write(struct incoming *in, struct str bytes)
{
	assert(in->texts == NULL);
	if (in->failure != RC_OK)
		return in->failure;
	if (bytes.n > in->size_max - in->size) {
		in->failure = RC_LIMIT;
		return RC_LIMIT;
	}
	in->size += bytes.n;
	mime_line_ends_add(&in->line_ends, bytes);
	mime_parser_write(in->reader->parser, bytes);
	(void)XXH3_128bits_update(in->reader->hash, bytes.p, bytes.n);
	in->failure = stage_write(in->stage, bytes);
	return in->failure;
}

/* Copy what the parser found, which is gone with its next message. */
static void
keep_texts(struct incoming *in)
{
	struct str *all[] = { &in->parsed.envelope, &in->parsed.body,
		&in->parsed.bodystructure, &in->parsed.table,
		&in->parsed.sort_keys, &in->parsed.common };
	const size_t count = sizeof(all) / sizeof(*all);
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < count; i++)
		size += all[i]->n;
	at = in->texts = mem_resize(NULL, size);
	for (size_t i = 0; i < count; i++) {
		if (all[i]->p == NULL)
			continue;
		memcpy(at, all[i]->p, all[i]->n);
		all[i]->p = at;
		at += all[i]->n;
	}
}

enum rc
incoming_finish(struct incoming *in)
{
	XXH128_canonical_t digest;

	assert(in->texts == NULL);
	if (in->failure == RC_OK)
		in->failure = stage_finish(in->stage);
	if (in->failure != RC_OK)
		return in->failure;
	mime_parser_finish(in->reader->parser, &in->parsed);
	keep_texts(in);
	XXH128_canonicalFromHash(
	    &digest, XXH3_128bits_digest(in->reader->hash));
	_Static_assert(sizeof(digest) == sizeof(in->digest), "128 bits");
	memcpy(in->digest, &digest, sizeof(digest));
	give_reader(in->readers, in->reader);
	in->reader = NULL;
	return RC_OK;
}

uint64_t
incoming_size(const struct incoming *in)
{
	return in->size;
}

bool
incoming_has_8bit_header(const struct incoming *in)
{
	assert(in->texts != NULL);
	return in->parsed.has_8bit_header;
}

void
incoming_free(struct incoming *in)
{
	if (in == NULL)
		return;
	stage_free(in->stage);
	if (in->reader != NULL)
		give_reader(in->readers, in->reader);
	mem_free(in->texts);
	mem_free(in);
}

struct email
incoming_email(const struct incoming *in, size_t prefix)
{
	assert(in->texts != NULL);
	return (struct email){
		.prefix = (uint32_t)prefix,
		.size = in->size + prefix,
		.digest = { in->digest, sizeof(in->digest) },
		.envelope = in->parsed.envelope,
		.body = in->parsed.body,
		.bodystructure = in->parsed.bodystructure,
		.table = in->parsed.table,
		.sort_keys = in->parsed.sort_keys,
		.common = in->parsed.common,
	};
}

uint32_t
incoming_lacking(const struct incoming *in)
{
	return (uint32_t)mime_line_ends_lacking(&in->line_ends);
}

struct stage *
incoming_stage(const struct incoming *in)
{
	return in->stage;
}
