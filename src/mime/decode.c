/* SPDX-License-Identifier: MIT
 *
 * Transfer decoding.  What may go on in the next piece (a digit of a base64
 * group, white space that may turn out to stand at a line's end, the start of
 * an escape) is held back.  RFC 2045 sections 6.7 and 6.8.
 */
#include "mime/decode.h"

#include <string.h>

#include "mime/mime_internal.h"

#define NOT_DIGIT 64

enum mime_encoding
mime_encoding_of(struct str name)
{
	static const struct {
		struct str name;
		enum mime_encoding encoding;
	} table[] = {
		{ MIME_STR("7bit"), MIME_ENCODING_7BIT },
		{ MIME_STR("8bit"), MIME_ENCODING_8BIT },
		{ MIME_STR("binary"), MIME_ENCODING_BINARY },
		{ MIME_STR("quoted-printable"),
		    MIME_ENCODING_QUOTED_PRINTABLE },
		{ MIME_STR("base64"), MIME_ENCODING_BASE64 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_eq_nocase(table[i].name, name))
			return table[i].encoding;
	}
	return MIME_ENCODING_UNKNOWN;
}

void
mime_decoder_init(struct mime_decoder *d, enum mime_encoding encoding)
{
	*d = (struct mime_decoder){ .encoding = encoding };
}

/* Output is written in place and counted at the end, so the loops below call
 * nothing for a byte.  ${at} is NULL when there is no room: then it is only
 * counted. */
struct output {
	char *at;
	size_t count;
};

static void
put(struct output *o, int byte)
{
	if (o->at != NULL)
		o->at[o->count] = (char)byte;
	o->count++;
}

static void
put_bytes(struct output *o, const char *bytes, size_t count)
{
	if (o->at != NULL && count > 0)
		memcpy(o->at + o->count, bytes, count);
	o->count += count;
}

/* -- base64 ------------------------------------------------------------- */

/* The value of a digit. */
static unsigned
digit_of(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (unsigned)(byte - 'A');
	if (byte >= 'a' && byte <= 'z')
		return (unsigned)(byte - 'a' + 26);
	if (byte >= '0' && byte <= '9')
		return (unsigned)(byte - '0' + 52);
	if (byte == '+')
		return 62;
	return byte == '/' ? 63 : NOT_DIGIT;
}

/* Write the octets of ${digits} digits that are held, two to four. */
static void
put_group(struct mime_decoder *d, struct output *o)
{
	unsigned bits = 0;

	for (size_t i = 0; i < 4; i++)
		bits =
		    bits << 6 | (i < d->held_count ? (unsigned)d->held[i] : 0);
	if (d->held_count > 1)
		put(o, (int)(bits >> 16 & 255));
	if (d->held_count > 2)
		put(o, (int)(bits >> 8 & 255));
	if (d->held_count > 3)
		put(o, (int)(bits & 255));
	d->held_count = 0;
}

/* "=" ends a group, and with it usually everything.  What follows all the
 * same (joined attachments) is decoded too. */
static void
take_padding(struct mime_decoder *d, struct output *o)
{
	if (d->held_count < 2)
		d->malformed |= d->held_count == 1 || !d->ended;
	put_group(d, o);
	d->ended = true;
}

static void
base64_write(struct mime_decoder *d, struct str bytes, struct output *o)
{
	for (size_t i = 0; i < bytes.n; i++) {
		char byte = bytes.p[i];
		unsigned digit = digit_of(byte);

		if (digit < NOT_DIGIT) {
			d->malformed |= d->ended;
			d->held[d->held_count++] = (char)digit;
			if (d->held_count == 4)
				put_group(d, o);
		} else if (byte == '=') {
			take_padding(d, o);
		} else if (byte != '\r' && byte != '\n' && byte != ' ' &&
			   byte != '\t') {
			d->malformed = true;
		}
	}
}

/* -- quoted-printable --------------------------------------------------- */

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* The value of a hexadecimal digit; -1 for none.  Small letters are not
 * legal but common. */
static int
hex_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = str_upper(byte);
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

static void
hold(struct mime_decoder *d, char byte)
{
	d->held[d->held_count++] = byte;
}

static void
release(struct mime_decoder *d, struct output *o)
{
	put_bytes(o, d->held, d->held_count);
	d->held_count = 0;
}

/* Nothing is held. */
static void
take_first(struct mime_decoder *d, char byte, struct output *o)
{
	if (byte == '=' || is_space(byte))
		hold(d, byte);
	else
		put(o, byte);
}

/* White space is held: at the end of a line it was not meant. */
static void
take_after_space(struct mime_decoder *d, char byte, struct output *o)
{
	if (is_space(byte) && d->held_count < MIME_DECODER_HELD) {
		hold(d, byte);
		return;
	}
	if (byte == '\r' || byte == '\n')
		d->held_count = 0;
	else
		release(d, o);
	take_first(d, byte, o);
}

/* "=" and perhaps more is held, and ${byte} does not go on with it. */
static void
take_after_bad_escape(struct mime_decoder *d, char byte, struct output *o)
{
	d->malformed = true;
	release(d, o);
	take_first(d, byte, o);
}

/* "=" is held, or "=" with a digit, or "=" with white space. */
static void
take_after_equals(struct mime_decoder *d, char byte, struct output *o)
{
	char last = d->held[d->held_count - 1];
	int high = d->held_count == 2 ? hex_of(last) : -1;

	if (high >= 0 && hex_of(byte) >= 0) {
		put(o, high << 4 | hex_of(byte));
		d->held_count = 0;
	} else if (high < 0 && byte == '\n') {
		d->held_count = 0;
	} else if (last == '\r') {
		d->malformed = true;
		d->held_count = 0;
		take_first(d, byte, o);
	} else if (d->held_count < MIME_DECODER_HELD && high < 0 &&
		   (is_space(byte) || byte == '\r')) {
		hold(d, byte);
	} else if (d->held_count == 1 && hex_of(byte) >= 0) {
		hold(d, byte);
	} else {
		take_after_bad_escape(d, byte, o);
	}
}

/* How many bytes from ${at} on stand for themselves. */
static size_t
plain_run(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && *at != '=' && !is_space(*at))
		at++;
	return (size_t)(at - from);
}

static void
quoted_printable_write(
    struct mime_decoder *d, struct str bytes, struct output *o)
{
	struct cursor c = str_cursor(bytes);

	while (c.at < c.end) {
		if (d->held_count == 0) {
			size_t run = plain_run(c.at, c.end);

			put_bytes(o, c.at, run);
			c.at += run;
			if (c.at < c.end)
				take_first(d, *c.at++, o);
		} else if (d->held[0] == '=') {
			take_after_equals(d, *c.at++, o);
		} else {
			take_after_space(d, *c.at++, o);
		}
	}
}

/* -- all ---------------------------------------------------------------- */

void
mime_decoder_write(struct mime_decoder *d, struct str bytes, struct buf *to)
{
	struct output o = { 0 };

	if (bytes.n == 0)
		return;
	o.at = buf_reserve(to, bytes.n + MIME_DECODER_HELD);
	if (d->encoding == MIME_ENCODING_BASE64)
		base64_write(d, bytes, &o);
	else if (d->encoding == MIME_ENCODING_QUOTED_PRINTABLE)
		quoted_printable_write(d, bytes, &o);
	else
		put_bytes(&o, bytes.p, bytes.n);
	if (o.at != NULL)
		buf_added(to, o.count);
	d->size += o.count;
}

void
mime_decoder_finish(struct mime_decoder *d, struct buf *to)
{
	struct output o = { 0 };

	if (d->held_count == 0)
		return;
	o.at = buf_reserve(to, MIME_DECODER_HELD);
	if (d->encoding == MIME_ENCODING_BASE64) {
		d->malformed = true;
		put_group(d, &o);
	} else if (d->held_count == 2 && d->held[0] == '=' &&
		   hex_of(d->held[1]) >= 0) {
		d->malformed = true;
		release(d, &o);
	}
	d->held_count = 0;
	if (o.at != NULL)
		buf_added(to, o.count);
	d->size += o.count;
}
