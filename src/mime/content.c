/* SPDX-License-Identifier: MIT
 *
 * What a part's header says of its body (RFC 2045, 2183, 1864, 3282, 2557), as
 * pieces of BODYSTRUCTURE.  Of a field that is there twice the first counts.
 *
 * Content-Type is taken for what it most likely means:
 *  - missing: text/plain, or message/rfc822 in a multipart/digest;
 *  - "text" and no more: text/plain; otherwise without a subtype, or not to be
 *    read at all: text/plain, or application/octet-stream when it is base64;
 *  - a multipart without a boundary has no parts: text/plain;
 *  - a message in base64 or quoted-printable, which RFC 2046 section 5.2.1
 *    does not allow: its header cannot be read where it stands, and IMAP has
 *    no way to show a message/rfc822 without ENVELOPE.  As an
 *    application/octet-stream a client decodes and opens it by its file name.
 */
#include "base/limits.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

#define TYPE_BYTES_MAX	     127 /* RFC 6838 section 4.2 */
#define FIELD_TEXT_BYTES_MAX (40 * 1024)
#define ENCODING_BYTES_MAX   40

void
mime_content_init(struct mime_content *c)
{
	*c = (struct mime_content){ 0 };
	buf_init(&c->type, TYPE_BYTES_MAX);
	buf_init(&c->subtype, TYPE_BYTES_MAX);
	buf_init(&c->media, 4 * TYPE_BYTES_MAX);
	buf_init(&c->fields, FIELD_TEXT_BYTES_MAX);
	buf_init(&c->extension, 2 * FIELD_TEXT_BYTES_MAX);
	mime_parameters_init(&c->parameters);
}

void
mime_content_fini(struct mime_content *c)
{
	buf_fini(&c->type);
	buf_fini(&c->subtype);
	buf_fini(&c->media);
	buf_fini(&c->fields);
	buf_fini(&c->extension);
	mime_parameters_fini(&c->parameters);
}

/* Take ASCII token characters, after white space and comments. */
static struct str
take_token(struct cursor *c)
{
	const char *from;

	mime_skip_cfws(c);
	from = c->at;
	while (c->at < c->end && mime_is_token(*c->at) &&
	       (unsigned char)*c->at < 0x80)
		c->at++;
	return str_until(from, c);
}

static void
set_lower(struct buf *to, struct str text)
{
	buf_clear(to);
	for (size_t i = 0; i < text.n; i++)
		buf_add_byte(to, str_lower(text.p[i]));
}

static void
set_text(struct buf *to, struct str text)
{
	buf_clear(to);
	buf_add_str(to, text);
}

static void
set_type(struct mime_content *c, struct str type, struct str subtype)
{
	set_lower(&c->type, type);
	set_lower(&c->subtype, subtype);
}

static bool
is_type(const struct mime_content *c, struct str type, struct str subtype)
{
	return str_eq(buf_str(&c->type), type) &&
	       str_eq(buf_str(&c->subtype), subtype);
}

/* What text is that nobody described. */
static void
set_plain(struct mime_content *c)
{
	struct mime_parameters *p = &c->parameters;

	set_type(c, STR("text"), STR("plain"));
	set_text(&p->text, STR("(\"CHARSET\" \"US-ASCII\")"));
	set_text(&p->charset, STR("US-ASCII"));
	buf_clear(&p->boundary);
}

static void
set_invalid(struct mime_content *c)
{
	if (c->encoding != MIME_ENCODING_BASE64) {
		set_plain(c);
		return;
	}
	set_type(c, STR("application"), STR("octet-stream"));
	mime_parameters_read(&c->parameters, STR(""));
}

/* content := "Content-Type" ":" type "/" subtype *(";" parameter)
 *                                                RFC 2045 section 5.1 */
static void
read_type(struct mime_content *c, struct str value)
{
	struct cursor at = str_cursor(value);
	struct str type = take_token(&at), subtype = STR("");

	mime_skip_cfws(&at);
	if (at.at < at.end && *at.at == '/') {
		at.at++;
		subtype = take_token(&at);
	}
	if (subtype.n == 0 && str_eq_nocase(type, STR("text")))
		subtype = STR("plain");
	if (type.n == 0 || subtype.n == 0 || type.n > TYPE_BYTES_MAX ||
	    subtype.n > TYPE_BYTES_MAX) {
		set_invalid(c);
		return;
	}
	set_type(c, type, subtype);
	mime_parameters_read(
	    &c->parameters, (struct str){ at.at, (size_t)(at.end - at.at) });
}

static bool
is_message(const struct mime_content *c)
{
	return is_type(c, STR("message"), STR("rfc822")) ||
	       is_type(c, STR("message"), STR("global"));
}

static void
decide_kind(struct mime_content *c)
{
	bool encoded = c->encoding == MIME_ENCODING_BASE64 ||
		       c->encoding == MIME_ENCODING_QUOTED_PRINTABLE ||
		       c->encoding == MIME_ENCODING_UNKNOWN;

	c->kind = MIME_LEAF;
	if (str_eq(buf_str(&c->type), STR("multipart"))) {
		if (c->parameters.boundary.n > 0)
			c->kind = MIME_MULTIPART;
		else
			set_plain(c);
	} else if (is_message(c)) {
		if (encoded)
			set_type(c, STR("application"), STR("octet-stream"));
		else
			c->kind = MIME_MESSAGE;
	}
}

/* -- texts -------------------------------------------------------------- */

static void
write_upper(const struct buf *text, struct buf *to)
{
	buf_add_byte(to, '"');
	for (size_t i = 0; i < text->n; i++) {
		char byte = text->p[i];

		buf_add_byte(to, str_upper(byte));
	}
	buf_add_byte(to, '"');
}

static void
write_media(struct mime_content *c)
{
	buf_clear(&c->media);
	if (c->kind != MIME_MULTIPART) {
		write_upper(&c->type, &c->media);
		buf_add_byte(&c->media, ' ');
	}
	write_upper(&c->subtype, &c->media);
}

/* encoding := "Content-Transfer-Encoding" ":" mechanism
 *                                                RFC 2045 section 6.1 */
static struct str
encoding_name(struct str value)
{
	struct cursor at = str_cursor(value);
	struct str name = take_token(&at);

	return name.n == 0 || name.n > ENCODING_BYTES_MAX ? STR("7bit") : name;
}

static void
write_encoding(struct str value, struct buf *to)
{
	struct str name = encoding_name(value);
	char room[ENCODING_BYTES_MAX];
	struct buf text;

	buf_init_room(&text, sizeof(room), room, sizeof(room));
	buf_add_str(&text, name);
	write_upper(&text, to);
	buf_fini(&text);
}

/* disposition := "Content-Disposition" ":" type *(";" parameter)
 *                                                RFC 2183 section 2
 * A missing type is "attachment", as an unknown one is taken for it. */
static void
write_disposition(struct str value, struct buf *to)
{
	struct mime_parameters parameters;
	struct cursor at = str_cursor(value);
	char room[TYPE_BYTES_MAX];
	struct buf name;
	struct str type;

	type = take_token(&at);
	if (str_trim(value).n == 0) {
		buf_add_text(to, "NIL");
		return;
	}
	/* "filename=x" without a type before it. */
	if (at.at < at.end && *at.at == '=') {
		type = STR("");
		at = str_cursor(value);
	}
	if (type.n == 0 || type.n > TYPE_BYTES_MAX)
		type = STR("attachment");
	buf_init_room(&name, sizeof(room), room, sizeof(room));
	buf_add_str(&name, type);
	buf_add_byte(to, '(');
	write_upper(&name, to);
	buf_add_byte(to, ' ');
	mime_parameters_init(&parameters);
	mime_parameters_read(
	    &parameters, (struct str){ at.at, (size_t)(at.end - at.at) });
	buf_add_str(to, buf_str(&parameters.text));
	buf_add_byte(to, ')');
	mime_parameters_fini(&parameters);
	buf_fini(&name);
}

/* body-fld-lang = nstring / "(" string *(SP string) ")"
 *                                                RFC 9051 section 9 */
static void
write_language(struct str value, struct buf *to)
{
	struct cursor at = str_cursor(str_head(value, MIME_STRING_BYTES_MAX));
	struct buf list;
	size_t count = 0;

	buf_init(&list, 4 * (size_t)MIME_STRING_BYTES_MAX);
	while (at.at < at.end) {
		struct str tag = take_token(&at);

		if (tag.n == 0) {
			at.at += at.at < at.end;
			continue;
		}
		if (count++ > 0)
			buf_add_byte(&list, ' ');
		mime_write_string(tag, &list);
	}
	if (count > 1)
		buf_add_byte(to, '(');
	buf_add_str(to, count == 0 ? STR("NIL") : buf_str(&list));
	if (count > 1)
		buf_add_byte(to, ')');
	buf_fini(&list);
}

/* body-fields = body-fld-param SP body-fld-id SP body-fld-desc SP
 *               body-fld-enc SP body-fld-octets  RFC 9051 section 9
 * The octets are not known yet. */
static void
write_fields(struct mime_content *c, const struct mime_header *h)
{
	buf_clear(&c->fields);
	buf_add_str(&c->fields, buf_str(&c->parameters.text));
	buf_add_byte(&c->fields, ' ');
	mime_write_raw_nstring(h->values[MIME_CONTENT_ID], &c->fields);
	buf_add_byte(&c->fields, ' ');
	mime_write_raw_nstring(h->values[MIME_CONTENT_DESCRIPTION], &c->fields);
	buf_add_byte(&c->fields, ' ');
	write_encoding(h->values[MIME_CONTENT_TRANSFER_ENCODING], &c->fields);
}

/* body-ext-1part and body-ext-mpart              RFC 9051 section 9 */
static void
write_extension(struct mime_content *c, const struct mime_header *h)
{
	struct buf *to = &c->extension;

	buf_clear(to);
	if (c->kind == MIME_MULTIPART)
		buf_add_str(to, buf_str(&c->parameters.text));
	else
		mime_write_raw_nstring(h->values[MIME_CONTENT_MD5], to);
	buf_add_byte(to, ' ');
	write_disposition(h->values[MIME_CONTENT_DISPOSITION], to);
	buf_add_byte(to, ' ');
	write_language(h->values[MIME_CONTENT_LANGUAGE], to);
	buf_add_byte(to, ' ');
	mime_write_raw_nstring(h->values[MIME_CONTENT_LOCATION], to);
}

void
mime_content_set_opaque(struct mime_content *c)
{
	static const struct mime_header none;

	c->kind = MIME_LEAF;
	c->encoding = MIME_ENCODING_7BIT;
	set_type(c, STR("application"), STR("octet-stream"));
	mime_parameters_read(&c->parameters, STR(""));
	write_media(c);
	write_fields(c, &none);
	write_extension(c, &none);
}

void
mime_content_read(
    struct mime_content *c, const struct mime_header *h, bool in_digest)
{
	c->encoding = mime_encoding_of(
	    encoding_name(h->values[MIME_CONTENT_TRANSFER_ENCODING]));
	if (h->values[MIME_CONTENT_TYPE].p != NULL)
		read_type(c, h->values[MIME_CONTENT_TYPE]);
	else if (in_digest)
		read_type(c, STR("message/rfc822"));
	else
		set_plain(c);
	decide_kind(c);
	write_media(c);
	write_fields(c, h);
	write_extension(c, h);
	if (c->fields.overflowed || c->extension.overflowed)
		mime_content_set_opaque(c);
}
