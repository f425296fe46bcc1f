/* SPDX-License-Identifier: MIT
 *
 * Packing and reading sort keys:
 *
 *   octet   VERSION
 *   octet   bits: IS_REPLY, SENT_VALID
 *   le64    sent, sent_day
 *   TEXTS times: le16 length, octets
 *   for each parent: le16 length, octets
 */
#include "mime/sort_keys.h"

#include "base/endian.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mime/address.h"
#include "mime/date.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"
#include "mime/subject.h"

#define VERSION	   1
#define IS_REPLY   1
#define SENT_VALID 2
#define HEAD_BYTES 18
#define TEXTS	   7

/* -- writing ------------------------------------------------------------ */

static void
add_text(struct str text, struct buf *to)
{
	buf_add_le16(to, (uint16_t)text.n);
	buf_add_str(to, text);
}

/* Cut to the limit, between characters. */
static struct str
cut(struct str utf8)
{
	size_t n = MIME_SORT_TEXT_BYTES_MAX;

	if (utf8.n <= n)
		return utf8;
	while (n > 0 && (utf8.p[n] & 0xc0) == 0x80)
		n--;
	return str_head(utf8, n);
}

static void
add_folded(struct str utf8, struct buf *to)
{
	size_t at = to->n + 2;
	struct str folded;

	buf_add_le16(to, 0);
	utf8_fold(cut(utf8), to);
	folded = cut(str_skip(buf_str(to), at));
	buf_truncate(to, at + folded.n);
	endian_put_le16(to->p + at - 2, (uint16_t)folded.n);
}

static void
decode(struct str raw, struct buf *utf8, char room[MIME_TEXT_ROOM])
{
	raw = str_head(raw, MIME_STRING_BYTES_MAX);
	buf_init_room(
	    utf8, raw.n * MIME_DECODED_GROWTH + 64, room, MIME_TEXT_ROOM);
	mime_decode_text(raw, utf8);
}

static void
add_decoded(struct str raw, struct buf *to)
{
	char room[MIME_TEXT_ROOM];
	struct buf utf8;

	decode(raw, &utf8, room);
	add_folded(buf_str(&utf8), to);
	buf_fini(&utf8);
}

static void
add_base_subject(struct str subject, struct buf *to, bool *ret_is_reply)
{
	char utf8_room[MIME_TEXT_ROOM], base_room[MIME_TEXT_ROOM];
	struct buf utf8, base;

	decode(subject, &utf8, utf8_room);
	buf_init_room(&base, utf8.n + 1, base_room, sizeof(base_room));
	mime_base_subject(buf_str(&utf8), &base, ret_is_reply);
	add_folded(buf_str(&base), to);
	buf_fini(&base);
	buf_fini(&utf8);
}

/* [mailbox] is the local part of the first address, a group's name if it is a
 * group (RFC 5256 section 3, "FROM").  [display] is RFC 5957's. */
static void
add_first_address(struct str value, struct buf *mailbox, struct buf *display)
{
	struct mime_addresses list;
	struct mime_address first = { 0 };
	char room[MIME_TEXT_ROOM];
	struct buf whole;

	mime_addresses_init(&list, str_head(value, MIME_STRING_BYTES_MAX));
	if (!mime_addresses_next(&list, &first))
		first = (struct mime_address){ 0 };
	if (first.kind == MIME_ADDRESS_GROUP)
		first.mailbox = first.name;
	add_decoded(first.mailbox, mailbox);
	buf_init_room(
	    &whole, first.mailbox.n + first.host.n + 1, room, sizeof(room));
	buf_add_str(&whole, first.mailbox);
	if (first.host.n > 0) {
		buf_add_byte(&whole, '@');
		buf_add_str(&whole, first.host);
	}
	if (display != NULL)
		add_decoded(
		    first.name.n > 0 ? first.name : buf_str(&whole), display);
	buf_fini(&whole);
	mime_addresses_fini(&list);
}

static void
add_addresses(const struct mime_header *h, struct buf *to)
{
	char room[MIME_TEXT_ROOM];
	struct buf display;

	buf_init_room(&display, SIZE_MAX, room, sizeof(room));
	add_first_address(h->values[MIME_FROM], to, &display);
	add_first_address(h->values[MIME_TO], to, &display);
	add_first_address(h->values[MIME_CC], to, NULL);
	buf_add_str(to, buf_str(&display));
	buf_fini(&display);
}

/* -- message-ids -------------------------------------------------------- */

/* Take the next "<...>" without its brackets, quoting and white space, so that
 * ids that mean the same are the same (RFC 5256 section 3). */
static bool
next_id(struct cursor *c, struct buf *ret_id)
{
	buf_clear(ret_id);
	while (c->at < c->end && *c->at != '<')
		c->at++;
	if (c->at == c->end)
		return false;
	for (c->at++; c->at < c->end && *c->at != '>' && *c->at != '<';
	     c->at++) {
		char byte = *c->at;

		if (!mime_is_space(byte) && byte != '"' && byte != '\\' &&
		    byte != 0)
			buf_add_byte(ret_id, byte);
	}
	return true;
}

static bool
is_good_id(const struct buf *id)
{
	return id->n > 0 && buf_check(id) == RC_OK;
}

/* An id without brackets is taken when it is all there is. */
static struct str
bare_id(struct str value)
{
	struct str id = str_trim(value);

	if (id.n > MIME_MESSAGE_ID_BYTES_MAX || str_find(id, '@') == id.n)
		return STR("");
	for (size_t i = 0; i < id.n; i++) {
		if (mime_is_space(id.p[i]) || id.p[i] == 0)
			return STR("");
	}
	return id;
}

static void
add_message_id(struct str value, struct buf *to)
{
	struct cursor c = str_cursor(value);
	char room[MIME_TEXT_ROOM];
	struct buf id;

	buf_init_room(&id, MIME_MESSAGE_ID_BYTES_MAX, room, sizeof(room));
	if (!next_id(&c, &id))
		add_text(bare_id(value), to);
	else
		add_text(is_good_id(&id) ? buf_str(&id) : STR(""), to);
	buf_fini(&id);
}

/* Append the good ones among the first ${max} ids of ${value} that come after
 * ${skip}; count all. */
static size_t
add_ids(struct str value, size_t skip, size_t max, struct buf *to)
{
	struct cursor c = str_cursor(value);
	char room[MIME_TEXT_ROOM];
	struct buf id;
	size_t count = 0;

	buf_init_room(&id, MIME_MESSAGE_ID_BYTES_MAX, room, sizeof(room));
	while (count < max && next_id(&c, &id)) {
		if (count++ >= skip && is_good_id(&id))
			add_text(buf_str(&id), to);
	}
	buf_fini(&id);
	return count;
}

/* Of too many references the middle is left out: what the thread began with
 * counts, and who is near. */
static void
add_parents(struct str references, struct str in_reply_to, struct buf *to)
{
	size_t count = add_ids(references, SIZE_MAX, SIZE_MAX, to);
	size_t skip = 0;

	if (count > MIME_REFERENCES_MAX) {
		skip = count - (MIME_REFERENCES_MAX - 1);
		(void)add_ids(references, 0, 1, to);
	}
	if (count > 0)
		(void)add_ids(references, skip, SIZE_MAX, to);
	else
		(void)add_ids(in_reply_to, 0, 1, to);
}

void
mime_write_sort_keys(const struct mime_header *header, struct buf *to)
{
	const struct str *values = header->values;
	struct mime_date date = { 0 };
	bool valid = mime_date_parse(values[MIME_DATE], &date), is_reply;
	size_t at = to->n;

	buf_add_byte(to, VERSION);
	buf_add_byte(to, 0);
	buf_add_le64(to, (uint64_t)date.seconds);
	buf_add_le64(to, (uint64_t)date.day);
	add_base_subject(values[MIME_SUBJECT], to, &is_reply);
	to->p[at + 1] =
	    (char)((is_reply ? IS_REPLY : 0) | (valid ? SENT_VALID : 0));
	add_addresses(header, to);
	add_message_id(values[MIME_MESSAGE_ID], to);
	add_parents(values[MIME_REFERENCES], values[MIME_IN_REPLY_TO], to);
}

/* -- reading ------------------------------------------------------------ */

static bool
take_text(struct cursor *c, struct str *ret_text)
{
	size_t n;

	if (c->end - c->at < 2)
		return false;
	n = endian_get_le16(c->at);
	if ((size_t)(c->end - c->at) - 2 < n)
		return false;
	*ret_text = (struct str){ c->at + 2, n };
	c->at += 2 + n;
	return true;
}

bool
mime_sort_keys_read(struct str packed, struct mime_sort_keys *ret_keys)
{
	struct mime_sort_keys k = { 0 };
	struct str *texts[TEXTS] = { &k.base_subject, &k.from, &k.to, &k.cc,
		&k.display_from, &k.display_to, &k.message_id };
	struct cursor c;

	if (packed.n < HEAD_BYTES || packed.p[0] != VERSION)
		return false;
	k.is_reply = packed.p[1] & IS_REPLY;
	k.sent_valid = packed.p[1] & SENT_VALID;
	k.sent = (int64_t)endian_get_le64(packed.p + 2);
	k.sent_day = (int64_t)endian_get_le64(packed.p + 10);
	c = str_cursor(str_skip(packed, HEAD_BYTES));
	for (size_t i = 0; i < TEXTS; i++) {
		if (!take_text(&c, texts[i]))
			return false;
	}
	k.parents = (struct str){ c.at, (size_t)(c.end - c.at) };
	*ret_keys = k;
	return true;
}

bool
mime_sort_keys_parent(struct cursor *c, struct str *ret_id)
{
	return take_text(c, ret_id);
}

struct str
mime_sort_keys_origin(const struct mime_sort_keys *keys)
{
	struct cursor c = str_cursor(keys->parents);
	struct str id;

	return mime_sort_keys_parent(&c, &id) ? id : keys->message_id;
}
