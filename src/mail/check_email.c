/* SPDX-License-Identifier: MIT
 *
 * Checking emails: that each is referred to as often as its record says, and
 * that its bytes are what the record says of them.
 */
#include <inttypes.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/limits.h"
#include "base/mem.h"
#include "mail/check_internal.h"
#include "mime/parser.h"

/* -- references ---------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* An email that messages refer to ${count} times. */
static enum rc
check_referred(
    struct check *c, struct store_read *r, uint64_t email, uint64_t count)
{
	uint32_t said;
	struct email record;
	enum rc rc = email_get(r, email, &record);

	if (rc == RC_NOTFOUND) {
		check_fault(c, "email %" PRIu64 " is missing", email);
		rc = RC_OK;
	}
	if (rc == RC_OK || rc == RC_CORRUPT) /* told of by the walk */
		rc = record_references(r, email, &said);
	if (rc == RC_OK && said != count)
		check_fault(c,
		    "email %" PRIu64 " has %" PRIu64
		    " messages, but its record says %u",
		    email, count, said);
	if (rc == RC_CORRUPT)
		check_fault(c,
		    "the references of email %" PRIu64 " cannot be read",
		    email);
	return rc == RC_CORRUPT ? RC_OK : rc;
}

static enum rc
check_all_referred(struct check *c, struct store_read *r)
{
	enum rc rc = RC_OK;
	size_t i = 0;

	while (i < c->emails.n && rc == RC_OK) {
		size_t end = i;

		while (end < c->emails.n && c->emails.v[end] == c->emails.v[i])
			end++;
		rc = check_referred(c, r, c->emails.v[i], end - i);
		i = end;
	}
	return rc;
}

/* Every record of ${kind} is of an email that some message has. */
static enum rc
check_all_records(struct check *c, struct store_read *r, enum key_kind kind)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, kind);
	struct str key, value;
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	for (;;) {
		struct key_parts parts;

		rc = store_iter_next(it, &key, &value, NULL);
		if (rc == RC_CORRUPT)
			check_fault(c, "a record of kind %c cannot be read",
			    (char)kind);
		else if (rc != RC_OK)
			break;
		else if (key_parse(key, &parts) &&
			 (c->emails.n == 0 ||
			     bsearch(&parts.number, c->emails.v, c->emails.n,
				 sizeof(uint64_t), compare_ids) == NULL))
			check_fault(c, "email %" PRIu64 " has no message (%c)",
			    parts.number, (char)kind);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
check_references(struct check *c, struct store_read *r)
{
	enum rc rc;

	if (c->emails.n > 0)
		qsort(c->emails.v, c->emails.n, sizeof(uint64_t), compare_ids);
	rc = check_all_referred(c, r);
	if (rc == RC_OK)
		rc = check_all_records(c, r, KEY_EMAIL);
	if (rc == RC_OK)
		rc = check_all_records(c, r, KEY_COMMON);
	if (rc == RC_OK)
		rc = check_all_records(c, r, KEY_REFERENCES);
	return rc;
}

/* -- contents ------------------------------------------------------------ */

/* Feed all but the prefix of the blob to parser and digest. */
static enum rc
feed(struct blob *blob, uint32_t prefix, struct content *content,
    XXH3_state_t *hash)
{
	char *bytes = mem_alloc(CHECK_READ_BYTES);
	uint64_t at = prefix;
	enum rc rc = RC_OK;

	while (at < blob_size(blob) && rc == RC_OK) {
		size_t count = 0;

		rc = blob_read(blob, at, bytes, CHECK_READ_BYTES, &count);
		if (rc == RC_OK && count == 0)
			rc = RC_CORRUPT;
		if (rc != RC_OK)
			break;
		mime_parser_write(
		    content->parser, (struct str){ .p = bytes, .n = count });
		mime_line_ends_add(&content->line_ends,
		    (struct str){ .p = bytes, .n = count });
		(void)XXH3_128bits_update(hash, bytes, count);
		at += count;
	}
	mem_free(bytes);
	return rc;
}

static void
finish(
    struct content *content, uint64_t size, uint32_t prefix, XXH128_hash_t hash)
{
	XXH128_canonical_t digest;
	struct mime_result parsed;

	XXH128_canonicalFromHash(&digest, hash);
	memcpy(content->digest, &digest, sizeof(content->digest));
	mime_parser_finish(content->parser, &parsed);
	content->email = (struct email){ .prefix = prefix,
		.size = size,
		.envelope = parsed.envelope,
		.body = parsed.body,
		.bodystructure = parsed.bodystructure,
		.table = parsed.table,
		.sort_keys = parsed.sort_keys,
		.common = parsed.common };
}

enum rc
content_read(struct blob *blob, uint32_t prefix, struct content *ret_content)
{
	XXH3_state_t *hash;
	enum rc rc;

	if (prefix > blob_size(blob))
		return RC_CORRUPT;
	hash = XXH3_createState();
	if (hash == NULL)
		return RC_LIMIT;
	(void)XXH3_128bits_reset(hash);
	ret_content->parser = mime_parser_new();
	ret_content->line_ends = (struct mime_line_ends){ 0 };
	rc = feed(blob, prefix, ret_content, hash);
	if (rc == RC_OK) {
		finish(ret_content, blob_size(blob), prefix,
		    XXH3_128bits_digest(hash));
		ret_content->email.digest =
		    (struct str){ .p = ret_content->digest,
			    .n = sizeof(ret_content->digest) };
	} else {
		mime_parser_free(ret_content->parser);
	}
	(void)XXH3_freeState(hash);
	return rc;
}

void
content_fini(struct content *content)
{
	mime_parser_free(content->parser);
}

bool
content_matches(const struct content *content, const struct email *email)
{
	const struct email *e = &content->email;

	return e->size == email->size && str_eq(e->envelope, email->envelope) &&
	       str_eq(e->body, email->body) &&
	       str_eq(e->bodystructure, email->bodystructure) &&
	       str_eq(e->table, email->table) &&
	       str_eq(e->sort_keys, email->sort_keys) &&
	       (email->common.p == NULL ||
		   (e->common.p != NULL && str_eq(e->common, email->common)));
}

enum rc
email_copy(
    struct store_read *r, uint64_t id, struct buf *to, struct email *ret_email)
{
	struct email email = { .id = id };
	struct key_space space;
	struct str value, common = { 0 };
	size_t split;
	enum rc rc = store_get(r, key_email(&space, id), &value);

	if (rc != RC_OK)
		return rc;
	buf_add_str(to, value);
	split = to->n;
	rc = email_get_common(r, id, &common);
	if (rc != RC_OK && rc != RC_NOTFOUND && rc != RC_CORRUPT)
		return rc;
	buf_add_str(to, common);
	value = buf_str(to);
	if (!email_record_unpack(str_head(value, split), &email))
		return RC_CORRUPT;
	if (rc != RC_NOTFOUND)
		email.common = str_skip(value, split);
	*ret_email = email;
	return RC_OK;
}

/* Open the email's bytes, and copy its records: no view may be held while the
 * bytes are read. */
static enum rc
open_email(struct check *c, uint64_t id, struct buf *copy,
    struct email *ret_email, struct blob **ret_blob)
{
	struct store_read *r;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = email_copy(r, id, copy, ret_email);
	if (rc == RC_OK) {
		rc = email_open(r, id, ret_blob);
		if (rc == RC_NOTFOUND)
			rc = RC_CORRUPT; /* a record without bytes */
	}
	store_read_end(r);
	return rc;
}

static void
compare(
    struct check *c, const struct content *content, const struct email *email)
{
	if (!str_eq(content->email.digest, email->digest))
		check_fault(c,
		    "email %" PRIu64 ": its bytes are not what came in",
		    email->id);
	else if (!content_matches(content, email))
		check_fault(c,
		    "email %" PRIu64 ": its record is not what its bytes say",
		    email->id);
}

static enum rc
check_content(struct check *c, uint64_t id)
{
	struct content content;
	struct email email;
	struct blob *blob;
	struct buf copy;
	enum rc rc;

	buf_init(&copy, 2 * STORE_VALUE_BYTES_MAX);
	rc = open_email(c, id, &copy, &email, &blob);
	if (rc == RC_OK) {
		rc = content_read(blob, email.prefix, &content);
		if (rc == RC_OK) {
			compare(c, &content, &email);
			content_fini(&content);
		}
		blob_close(blob);
	}
	buf_fini(&copy);
	if (rc == RC_CORRUPT)
		check_fault(c, "email %" PRIu64 " cannot be read", id);
	/* RC_NOTFOUND: gone meanwhile, or told of as missing. */
	return rc == RC_CORRUPT || rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
check_contents(struct check *c)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < c->emails.n && rc == RC_OK; i++)
		if (i == 0 || c->emails.v[i] != c->emails.v[i - 1])
			rc = check_content(c, c->emails.v[i]);
	return rc;
}
