/* SPDX-License-Identifier: MIT
 *
 * PREVIEW: choosing the part, and reading it as far as is needed.
 *
 * Nothing is kept: a preview costs the reading of the first kilobytes of a
 * message, which a client asks for once.
 */
#include "imap/preview.h"

#include "base/limits.h"
#include "mime/charset.h"
#include "mime/preview.h"
#include "store/store.h"

#define CHUNK_BYTES 2048

struct reading {
	struct mime_decoder decoder;
	struct mime_charset *charset;
	struct mime_preview preview;
	struct buf decoded;
	struct buf converted;
	char chunk[CHUNK_BYTES];
};

/* Show what has been decoded.  False: no more is wanted. */
static bool
show_decoded(struct reading *r, bool last)
{
	buf_clear(&r->converted);
	mime_charset_write(r->charset, buf_str(&r->decoded), &r->converted);
	if (last)
		mime_charset_finish(r->charset, &r->converted);
	buf_clear(&r->decoded);
	return mime_preview_write(&r->preview, buf_str(&r->converted));
}

static enum rc
read_octets(struct reading *r, struct blob *blob, struct mime_range range)
{
	uint64_t end = range.offset + range.size;
	bool more = true;

	while (more && range.offset < end) {
		uint64_t left = end - range.offset;
		size_t got = 0;
		enum rc rc = blob_read(blob, range.offset, r->chunk,
		    left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, &got);

		if (rc != RC_OK)
			return rc;
		if (got == 0)
			return RC_CORRUPT; /* shorter than its table says */
		mime_decoder_write(
		    &r->decoder, (struct str){ r->chunk, got }, &r->decoded);
		more = show_decoded(r, false);
		range.offset += got;
	}
	if (more) {
		mime_decoder_finish(&r->decoder, &r->decoded);
		(void)show_decoded(r, true);
	}
	return RC_OK;
}

/* The preview of one part, in the arena; "" when it shows nothing. */
static enum rc
preview_part(struct body *b, const struct mime_part *part, struct arena *a,
    struct str *ret_text)
{
	struct mime_range range = part->body;
	struct reading r;
	enum rc rc;

	if (range.size > PREVIEW_BYTES_MAX)
		range.size = PREVIEW_BYTES_MAX;
	range.offset += b->prefix;
	mime_decoder_init(&r.decoder, part->encoding);
	mime_preview_init(&r.preview, str_eq(part->subtype, STR("html")));
	r.charset = mime_charset_new(part->charset);
	buf_init(&r.decoded, CHUNK_BYTES + 2 * MIME_DECODER_HELD);
	buf_init(&r.converted,
	    MIME_CHARSET_GROWTH * (CHUNK_BYTES + 2 * MIME_DECODER_HELD) +
		MIME_CHARSET_HELD);
	rc = read_octets(&r, blob_source_blob(b->source), range);
	if (rc == RC_OK) {
		*ret_text = arena_str(a, mime_preview_finish(&r.preview));
		rc = ret_text->p != NULL ? RC_OK : RC_LIMIT;
	}
	buf_fini(&r.decoded);
	buf_fini(&r.converted);
	mime_charset_free(r.charset);
	return rc;
}

static bool
is_readable(const struct mime_part *part)
{
	return part->kind == MIME_LEAF && str_eq(part->type, STR("text")) &&
	       (str_eq(part->subtype, STR("plain")) ||
		   str_eq(part->subtype, STR("html"))) &&
	       part->encoding != MIME_ENCODING_UNKNOWN;
}

/* What is encrypted (RFC 1847 section 2.2) has nothing to say before it is
 * opened. */
static bool
is_encrypted(const struct mime_part *part)
{
	return part->kind == MIME_MULTIPART &&
	       str_eq(part->subtype, STR("encrypted"));
}

/* The same within a text, as OpenPGP has it (RFC 9580). */
static bool
is_armor(struct str text)
{
	return str_begins(text, STR("-----BEGIN PGP MESSAGE-----"));
}

static enum rc
preview_message(struct body *b, struct arena *a, struct str *ret_text)
{
	struct mime_parts parts = mime_parts_begin(b->table);
	struct mime_part part;
	struct str text = STR("");
	unsigned tried = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && text.n == 0 && tried < PREVIEW_PARTS_MAX &&
	       mime_parts_next(&parts, &part) && !is_encrypted(&part)) {
		if (!is_readable(&part))
			continue;
		tried++;
		rc = preview_part(b, &part, a, &text);
	}
	if (rc == RC_OK)
		*ret_text = is_armor(text) ? STR("") : text;
	return rc;
}

enum rc
preview_find(struct body *b, const struct fetch_att *att, struct arena *a,
    struct body_piece *ret_piece)
{
	struct body_piece piece = { .form = BODY_NIL };
	enum rc rc = RC_OK;

	if (!att->lazy || b->size <= PREVIEW_LAZY_BYTES_MAX) {
		piece.form = BODY_STRING;
		rc = preview_message(b, a, &piece.text);
	}
	if (rc == RC_OK)
		*ret_piece = piece;
	return rc;
}
