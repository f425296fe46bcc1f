/* SPDX-License-Identifier: MIT
 *
 * Modified UTF-7: RFC 3501 section 5.1.3, RFC 9051 appendix A.1, with UTF-16
 * inside (RFC 2152).
 *
 * "&" begins a run of base64 (with "," in place of "/", without padding) and
 * "-" ends it; "&-" is "&".  Each name has exactly one form: two spellings of
 * one name would be two mailboxes to a client.
 */
#include "proto/imap/utf7.h"

#include <string.h>

#include "base/utf8.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool
is_printable(uint32_t character)
{
	return character >= ' ' && character <= '~';
}

/* -- decoding ------------------------------------------------------------ */

/* A run of base64 on its way to UTF-8. */
struct run {
	uint32_t bits; /* those not yet used are the lowest */
	unsigned bit_count;
	uint32_t high; /* surrogate that waits for its other half; 0: none */
};

/* One unit of UTF-16. */
static bool
take_unit(struct run *r, uint32_t unit, struct buf *to)
{
	bool is_low = unit >= 0xdc00 && unit <= 0xdfff;

	if (is_low != (r->high != 0))
		return false;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		r->high = unit;
		return true;
	}
	if (is_low)
		unit = 0x10000 + ((r->high - 0xd800) << 10) + (unit - 0xdc00);
	r->high = 0;
	if (is_printable(unit))
		return false;
	utf8_add(to, unit);
	return true;
}

static bool
take_base64(struct run *r, char byte, struct buf *to)
{
	const char *found = byte == '\0' ? NULL : strchr(alphabet, byte);

	if (found == NULL)
		return false;
	r->bits = r->bits << 6 | (uint32_t)(found - alphabet);
	r->bit_count += 6;
	if (r->bit_count < 16)
		return true;
	r->bit_count -= 16;
	return take_unit(r, r->bits >> r->bit_count & 0xffff, to);
}

/* Nothing but padding is left, and not too much of it. */
static bool
run_is_complete(const struct run *r)
{
	uint32_t left = r->bits & ((1u << r->bit_count) - 1);

	return r->high == 0 && r->bit_count < 6 && left == 0;
}

/* What is between "&" and "-", and the "-"; not empty. */
static bool
take_run(struct cursor *c, struct buf *to)
{
	struct run r = { 0 };

	while (c->at < c->end && *c->at != '-')
		if (!take_base64(&r, *c->at++, to))
			return false;
	if (c->at == c->end || !run_is_complete(&r))
		return false;
	c->at++;
	return true;
}

/* Another run begins right here? */
static bool
at_run(const struct cursor *c)
{
	return c->end - c->at >= 2 && c->at[0] == '&' && c->at[1] != '-';
}

static bool
decode(struct cursor *c, struct buf *to)
{
	while (c->at < c->end) {
		if (at_run(c)) {
			c->at++;
			if (!take_run(c, to) || at_run(c))
				return false;
			continue;
		}
		if (!is_printable((unsigned char)*c->at))
			return false;
		buf_add_byte(to, *c->at);
		if (*c->at++ == '&' && (c->at == c->end || *c->at++ != '-'))
			return false;
	}
	return buf_check(to) == RC_OK;
}

bool
utf7_decode(struct str name, struct buf *to)
{
	struct cursor c = str_cursor(name);
	size_t before = to->n;

	if (decode(&c, to))
		return true;
	buf_truncate(to, before);
	return false;
}

/* -- encoding ------------------------------------------------------------ */

static void
add_unit(struct run *r, uint32_t unit, struct buf *to)
{
	r->bits = r->bits << 16 | unit;
	r->bit_count += 16;
	while (r->bit_count >= 6) {
		r->bit_count -= 6;
		buf_add_byte(to, alphabet[r->bits >> r->bit_count & 0x3f]);
	}
}

static void
add_character(struct run *r, uint32_t character, struct buf *to)
{
	if (character >= 0x10000) {
		character -= 0x10000;
		add_unit(r, 0xd800 + (character >> 10), to);
		character = 0xdc00 + (character & 0x3ff);
	}
	add_unit(r, character, to);
}

/* Take characters as long as they need encoding, and write the run. */
static bool
add_run(struct cursor *c, struct buf *to)
{
	struct run r = { 0 };
	uint32_t character;

	buf_add_byte(to, '&');
	while (c->at < c->end && !is_printable((unsigned char)*c->at)) {
		if (!utf8_next(c, &character))
			return false;
		add_character(&r, character, to);
	}
	if (r.bit_count > 0)
		buf_add_byte(to, alphabet[r.bits << (6 - r.bit_count) & 0x3f]);
	buf_add_byte(to, '-');
	return true;
}

bool
utf7_encode(struct str name, struct buf *to)
{
	struct cursor c = str_cursor(name);
	size_t before = to->n;
	bool good = true;

	while (good && c.at < c.end) {
		if (!is_printable((unsigned char)*c.at)) {
			good = add_run(&c, to);
			continue;
		}
		buf_add_byte(to, *c.at);
		if (*c.at++ == '&')
			buf_add_byte(to, '-');
	}
	if (good && buf_check(to) == RC_OK)
		return true;
	buf_truncate(to, before);
	return false;
}
