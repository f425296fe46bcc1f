/* SPDX-License-Identifier: MIT
 *
 * envelope = "(" env-date SP env-subject SP env-from SP env-sender SP
 *            env-reply-to SP env-to SP env-cc SP env-bcc SP env-in-reply-to
 *            SP env-message-id ")"                RFC 9051 section 9
 *
 * Of a field that is there twice the last counts, but of those with addresses
 * all do (RFC 5322 section 4.5 allows several).  Long strings are cut
 * (MIME_STRING_BYTES_MAX) and so are long lists, between addresses
 * (MIME_ADDRESSES_BYTES_MAX).
 */
#include <string.h>

#include "base/limits.h"
#include "mime/address.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

#define GROUP_END "(NIL NIL NIL NIL)"

/* Room kept for the ends of a group and of the list. */
#define LIST_TAIL_BYTES 32

/* address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
 *                                                RFC 9051 section 9
 * NIL as a host would make it a group, so a missing one is "". */
static void
write_address(const struct mime_address *address, struct buf *to)
{
	bool is_group = address->kind == MIME_ADDRESS_GROUP;

	if (address->kind == MIME_ADDRESS_GROUP_END) {
		buf_add_text(to, GROUP_END);
		return;
	}
	buf_add_byte(to, '(');
	mime_write_raw_nstring(is_group ? STR("") : address->name, to);
	buf_add_byte(to, ' ');
	mime_write_raw_nstring(address->route, to);
	buf_add_byte(to, ' ');
	mime_write_raw_string(is_group ? address->name : address->mailbox, to);
	buf_add_byte(to, ' ');
	if (is_group)
		buf_add_text(to, "NIL");
	else
		mime_write_raw_string(address->host, to);
	buf_add_byte(to, ')');
}

/* Append what there is room for up to ${limit}.  False when there was not. */
static bool
add_address(const struct mime_address *address, size_t limit, struct buf *to)
{
	size_t before = to->n;

	write_address(address, to);
	if (to->n + LIST_TAIL_BYTES <= limit)
		return true;
	buf_truncate(to, before);
	return false;
}

/* Append the addresses of one field. */
static void
add_addresses(struct str value, size_t limit, struct buf *to)
{
	struct mime_addresses a;
	struct mime_address address;
	bool in_group = false;

	mime_addresses_init(&a, value);
	while (mime_addresses_next(&a, &address)) {
		if (!add_address(&address, limit, to))
			break;
		in_group = address.kind != MIME_ADDRESS_MAILBOX
			       ? address.kind == MIME_ADDRESS_GROUP
			       : in_group;
	}
	mime_addresses_fini(&a);
	if (in_group)
		buf_add_text(to, GROUP_END);
}

/* env-from = "(" 1*address ")" / nil             RFC 9051 section 9
 * False, with nothing written, when it is nil. */
static bool
write_addresses(
    const struct mime_header *h, enum mime_field_id id, struct buf *to)
{
	size_t start = to->n, limit = start + MIME_ADDRESSES_BYTES_MAX;
	struct str value = h->values[id];
	struct cursor rest = str_cursor(h->text);

	buf_add_byte(to, '(');
	if (!(h->repeated & UINT32_C(1) << id)) {
		if (value.n > 0)
			add_addresses(value, limit, to);
	} else {
		while (mime_header_next(id, &rest, &value))
			add_addresses(value, limit, to);
	}
	buf_add_byte(to, ')');
	if (to->n > start + 2)
		return true;
	buf_truncate(to, start);
	return false;
}

/* The value: NIL when the field is missing, "" when it is empty. */
static void
write_string(struct str value, struct buf *to)
{
	if (value.p == NULL)
		buf_add_text(to, "NIL");
	else
		mime_write_raw_string(value, to);
}

/* env-sender and env-reply-to: what env-from is, written at ${from} with
 * ${from_n} octets, when there is none  RFC 9051 section 7.5.2 */
static void
write_or_from(const struct mime_header *h, enum mime_field_id id, size_t from,
    size_t from_n, struct buf *to)
{
	char *at;

	if (write_addresses(h, id, to))
		return;
	at = buf_reserve(to, from_n);
	if (at == NULL)
		return;
	memcpy(at, to->p + from, from_n);
	buf_added(to, from_n);
}

static void
write_list(const struct mime_header *h, enum mime_field_id id, struct buf *to)
{
	if (!write_addresses(h, id, to))
		buf_add_text(to, "NIL");
}

void
mime_write_envelope(const struct mime_header *header, struct buf *to)
{
	const struct str *values = header->values;
	size_t from, from_n;

	buf_add_byte(to, '(');
	write_string(values[MIME_DATE], to);
	buf_add_byte(to, ' ');
	write_string(values[MIME_SUBJECT], to);
	buf_add_byte(to, ' ');
	from = to->n;
	write_list(header, MIME_FROM, to);
	from_n = to->n - from;
	for (enum mime_field_id i = MIME_SENDER; i <= MIME_MESSAGE_ID; i++) {
		buf_add_byte(to, ' ');
		if (i <= MIME_REPLY_TO)
			write_or_from(header, i, from, from_n, to);
		else if (i <= MIME_BCC)
			write_list(header, i, to);
		else
			write_string(values[i], to);
	}
	buf_add_byte(to, ')');
}
