/* SPDX-License-Identifier: MIT
 *
 * Object identifiers: "F", "M" or "T" in front, so that they are no numbers and
 * differ from each other (RFC 8474 section 8.1).
 */
#include "imap/objectid.h"

#define TEXT_BYTES_MAX 64
#define DIGITS_MAX     16

/* In hexadecimal; a list of messages has very many. */
static void
add_hex(struct buf *to, uint64_t number)
{
	char digits[DIGITS_MAX];
	size_t n = DIGITS_MAX;

	do {
		digits[--n] = "0123456789abcdef"[number % 16];
		number /= 16;
	} while (number > 0);
	buf_add(to, digits + n, DIGITS_MAX - n);
}

static void
add_id(struct buf *to, const char *kind, uint64_t account, uint64_t number)
{
	buf_add_text(to, kind);
	add_hex(to, account);
	buf_add_byte(to, '-');
	add_hex(to, number);
	buf_add_byte(to, ')');
}

void
objectid_write_mailbox(
    const struct imap_session *s, uint32_t mailbox, struct buf *to)
{
	add_id(to, "(F", s->account, mailbox);
}

void
objectid_write_email(
    const struct imap_session *s, uint64_t email, struct buf *to)
{
	add_id(to, "(M", s->account, email);
}

void
objectid_write_thread(
    const struct imap_session *s, uint64_t thread, struct buf *to)
{
	add_id(to, "(T", s->account, thread);
}

/* The number in hexadecimal behind the last "-", whatever else is there. */
static uint64_t
last_number(struct str id)
{
	uint64_t number = 0;

	for (size_t i = str_find(id, '-') + 1; i < id.n; i++) {
		char b = id.p[i];

		number =
		    number * 16 + (uint64_t)(b <= '9' ? b - '0' : b - 'a' + 10);
	}
	return number;
}

typedef void
write_fn(const struct imap_session *s, uint64_t number, struct buf *to);

/* The number of ${id}, if that is exactly as ${write} writes it. */
static bool
read_id(const struct imap_session *s, struct str id, write_fn *write,
    uint64_t *ret_number)
{
	uint64_t number = last_number(id);
	char room[TEXT_BYTES_MAX];
	struct buf text;
	bool good;

	buf_init_room(&text, sizeof(room), room, sizeof(room));
	write(s, number, &text);
	good = text.n == id.n + 2 && memcmp(text.p + 1, id.p, id.n) == 0;
	buf_fini(&text);
	if (good)
		*ret_number = number;
	return good;
}

bool
objectid_read_email(
    const struct imap_session *s, struct str id, uint64_t *ret_email)
{
	return read_id(s, id, objectid_write_email, ret_email);
}

bool
objectid_read_thread(
    const struct imap_session *s, struct str id, uint64_t *ret_thread)
{
	return read_id(s, id, objectid_write_thread, ret_thread);
}
