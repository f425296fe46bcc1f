/* SPDX-License-Identifier: MIT
 *
 * envelope = "(" env-date SP env-subject SP env-from SP env-sender SP
 *            env-reply-to SP env-to SP env-cc SP env-bcc SP env-in-reply-to
 *            SP env-message-id ")"                RFC 9051 section 9
 *
 * Of a field that is there twice the first counts.  Long strings are cut
 * (MIME_STRING_BYTES_MAX) and so are long lists, between addresses
 * (MIME_ADDRESSES_BYTES_MAX).
 */
#include "base/limits.h"
#include "mime/address.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

#define GROUP_END "(NIL NIL NIL NIL)"

/* Room kept for the ends of a group and of the list. */
#define LIST_TAIL_BYTES 32

enum env_field {
	ENV_DATE,
	ENV_SUBJECT,
	ENV_FROM,
	ENV_SENDER,
	ENV_REPLY_TO,
	ENV_TO,
	ENV_CC,
	ENV_BCC,
	ENV_IN_REPLY_TO,
	ENV_MESSAGE_ID,
	ENV_COUNT,
};

static const struct str names[ENV_COUNT] = { MIME_STR("Date"),
	MIME_STR("Subject"), MIME_STR("From"), MIME_STR("Sender"),
	MIME_STR("Reply-To"), MIME_STR("To"), MIME_STR("Cc"), MIME_STR("Bcc"),
	MIME_STR("In-Reply-To"), MIME_STR("Message-ID") };

/* Put the first of each field in its place; p stays NULL for the others. */
static void
find_fields(struct str header, struct str values[ENV_COUNT])
{
	struct cursor c = str_cursor(header);
	struct mime_field field;

	while (mime_field_next(&c, &field)) {
		for (size_t i = 0; i < ENV_COUNT; i++) {
			if (values[i].p == NULL &&
			    str_eq_nocase(names[i], field.name))
				values[i] = field.value;
		}
	}
}

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

/* Append what there is room for.  False when there was not. */
static bool
add_address(const struct mime_address *address, struct buf *list)
{
	size_t before = list->n;

	write_address(address, list);
	if (!list->overflowed && list->n + LIST_TAIL_BYTES <= list->max)
		return true;
	buf_truncate(list, before);
	list->overflowed = false;
	return false;
}

/* env-from = "(" 1*address ")" / nil             RFC 9051 section 9 */
static void
write_addresses(struct str value, struct buf *list)
{
	struct mime_addresses a;
	struct mime_address address;
	bool in_group = false;

	buf_init(list, MIME_ADDRESSES_BYTES_MAX);
	mime_addresses_init(&a, value);
	buf_add_byte(list, '(');
	while (mime_addresses_next(&a, &address)) {
		if (!add_address(&address, list))
			break;
		in_group = address.kind != MIME_ADDRESS_MAILBOX
			       ? address.kind == MIME_ADDRESS_GROUP
			       : in_group;
	}
	mime_addresses_fini(&a);
	if (in_group)
		buf_add_text(list, GROUP_END);
	buf_add_byte(list, ')');
	if (list->n == 2) {
		buf_clear(list);
		buf_add_text(list, "NIL");
	}
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

/* One list; ${otherwise} (unless NULL) when it is empty. */
static void
write_list(struct str value, const struct buf *otherwise, struct buf *to)
{
	struct buf list;

	write_addresses(value, &list);
	if (otherwise != NULL && str_eq(buf_str(&list), STR("NIL")))
		buf_add_str(to, buf_str(otherwise));
	else
		buf_add_str(to, buf_str(&list));
	buf_fini(&list);
}

void
mime_write_envelope(struct str header, struct buf *to)
{
	struct str values[ENV_COUNT] = { 0 };
	struct buf from;

	find_fields(header, values);
	write_addresses(values[ENV_FROM], &from);
	for (size_t i = 0; i < ENV_COUNT; i++) {
		buf_add_byte(to, i == 0 ? '(' : ' ');
		if (i == ENV_FROM)
			buf_add_str(to, buf_str(&from));
		else if (i == ENV_SENDER || i == ENV_REPLY_TO)
			write_list(values[i], &from, to);
		else if (i > ENV_FROM && i < ENV_IN_REPLY_TO)
			write_list(values[i], NULL, to);
		else
			write_string(values[i], to);
	}
	buf_add_byte(to, ')');
	buf_fini(&from);
}
