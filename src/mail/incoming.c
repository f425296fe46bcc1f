/* SPDX-License-Identifier: MIT
 *
 * A message on its way in: each piece goes to the store's staging area, to the
 * parser and into the digest, and is forgotten.
 */
#include "mail/incoming.h"

#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "mail/keys.h"
#include "mime/parser.h"

struct incoming {
	struct stage *stage;
	struct mime_parser *parser;
	XXH3_state_t *hash;
	uint64_t size;
	uint64_t size_max;
	enum rc failure; /* of a write: the bytes are not whole */
	bool finished;
	struct mime_result parsed;
	char digest[EMAIL_DIGEST_BYTES];
};

struct incoming *
incoming_new(struct mail *m, uint64_t account)
{
	struct incoming *in = mem_alloc(sizeof(*in));

	in->stage = stage_new(mail_store(m), account);
	in->parser = mime_parser_new();
	in->hash = XXH3_createState();
	assert(in->hash != NULL);
	(void)XXH3_128bits_reset(in->hash); /* fails for NULL alone */
	in->size_max = mail_message_bytes_max(m);
	return in;
}

enum rc
incoming_write(struct incoming *in, struct str bytes)
{
	assert(!in->finished);
	if (in->failure != RC_OK)
		return in->failure;
	if (bytes.n > in->size_max - in->size) {
		in->failure = RC_LIMIT;
		return RC_LIMIT;
	}
	in->size += bytes.n;
	mime_parser_write(in->parser, bytes);
	(void)XXH3_128bits_update(in->hash, bytes.p, bytes.n);
	in->failure = stage_write(in->stage, bytes);
	return in->failure;
}

enum rc
incoming_finish(struct incoming *in)
{
	XXH128_canonical_t digest;

	assert(!in->finished);
	if (in->failure == RC_OK)
		in->failure = stage_finish(in->stage);
	if (in->failure != RC_OK)
		return in->failure;
	mime_parser_finish(in->parser, &in->parsed);
	XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(in->hash));
	_Static_assert(sizeof(digest) == sizeof(in->digest), "128 bits");
	memcpy(in->digest, &digest, sizeof(digest));
	in->finished = true;
	return RC_OK;
}

uint64_t
incoming_size(const struct incoming *in)
{
	return in->size;
}

void
incoming_free(struct incoming *in)
{
	if (in == NULL)
		return;
	stage_free(in->stage);
	mime_parser_free(in->parser);
	(void)XXH3_freeState(in->hash);
	mem_free(in);
}

struct email
incoming_email(const struct incoming *in, size_t prefix)
{
	assert(in->finished);
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

struct stage *
incoming_stage(const struct incoming *in)
{
	return in->stage;
}
