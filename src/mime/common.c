/* SPDX-License-Identifier: MIT
 *
 * Packed is a row of {field u8, octets u16, octets} in the order of the
 * header; the last has the number TAIL.  The numbers are stored: a field is
 * only ever added at the end.
 */
#include "mime/common.h"

#include "base/endian.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

#define HEAD_BYTES 3
#define TAIL	   255

/* What Thunderbird, Apple Mail, Outlook, K-9, mutt, Roundcube and others fetch
 * for their lists, where it is not in ENVELOPE or trace. */
static const struct str names[] = {
	MIME_STR("From"),
	MIME_STR("To"),
	MIME_STR("Cc"),
	MIME_STR("Bcc"),
	MIME_STR("Sender"),
	MIME_STR("Reply-To"),
	MIME_STR("Subject"),
	MIME_STR("Date"),
	MIME_STR("Message-ID"),
	MIME_STR("In-Reply-To"),
	MIME_STR("References"),
	MIME_STR("Newsgroups"),
	MIME_STR("Content-Type"),
	MIME_STR("Content-Transfer-Encoding"),
	MIME_STR("Content-Class"),
	MIME_STR("Content-Language"),
	MIME_STR("MIME-Version"),
	MIME_STR("Priority"),
	MIME_STR("X-Priority"),
	MIME_STR("X-MSMail-Priority"),
	MIME_STR("Importance"),
	MIME_STR("Sensitivity"),
	MIME_STR("List-Id"),
	MIME_STR("List-Post"),
	MIME_STR("Mail-Followup-To"),
	MIME_STR("Mail-Reply-To"),
	MIME_STR("Auto-Submitted"),
	MIME_STR("Precedence"),
	MIME_STR("Disposition-Notification-To"),
	MIME_STR("Return-Receipt-To"),
	MIME_STR("Thread-Topic"),
	MIME_STR("X-Label"),
	MIME_STR("X-Status"),
	MIME_STR("X-Mozilla-Draft-Info"),
	MIME_STR("X-Mozilla-Keys"),
	MIME_STR("X-Uniform-Type-Identifier"),
	MIME_STR("X-Universally-Unique-Identifier"),
	MIME_STR("X-Spam-Flag"),
	MIME_STR("X-Draft-Info"),
	MIME_STR("X-Forwarded-Message-Id"),
};
#define NAME_COUNT (sizeof(names) / sizeof(*names))

_Static_assert(NAME_COUNT <= 64, "a bit each");

/* The number of a field; NAME_COUNT when it has none. */
static size_t
number_of(struct str name)
{
	size_t i = 0;

	while (i < NAME_COUNT && !str_eq_nocase(name, names[i]))
		i++;
	return i;
}

bool
mime_common_set_of(
    const struct str *wanted, size_t count, mime_common_set *ret_set)
{
	mime_common_set set = 0;

	for (size_t i = 0; i < count; i++) {
		size_t number = number_of(wanted[i]);

		if (number == NAME_COUNT)
			return false;
		set |= (mime_common_set)1 << number;
	}
	*ret_set = set;
	return true;
}

static void
add(struct buf *to, size_t number, struct str octets)
{
	buf_add_byte(to, (char)(unsigned char)number);
	buf_add_le16(to, (uint16_t)octets.n);
	buf_add_str(to, octets);
}

void
mime_common_pack(struct str header, struct buf *to)
{
	struct cursor c = str_cursor(header);
	struct mime_field field;
	size_t start = to->n;

	while (mime_field_next(&c, &field)) {
		size_t number = number_of(field.name);

		if (number == NAME_COUNT)
			continue;
		if (to->n - start + field.whole.n > MIME_COMMON_BYTES_MAX) {
			buf_truncate(to, start);
			return;
		}
		add(to, number, field.whole);
	}
	/* What stands behind the last field is at most an empty line. */
	add(to, TAIL, (struct str){ c.at, (size_t)(c.end - c.at) });
}

bool
mime_common_choose(struct str packed, mime_common_set set, struct buf *to)
{
	size_t at = 0;

	while (packed.n - at >= HEAD_BYTES) {
		unsigned number = (unsigned char)packed.p[at];
		size_t octets = endian_get_le16(packed.p + at + 1);

		at += HEAD_BYTES;
		if (octets > packed.n - at)
			return false;
		if (number == TAIL ||
		    (number < NAME_COUNT && (set >> number & 1) != 0))
			buf_add(to, packed.p + at, octets);
		at += octets;
		if (number == TAIL)
			return at == packed.n;
	}
	return false;
}
