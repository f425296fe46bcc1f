/* SPDX-License-Identifier: MIT
 *
 * One walk over a header for all that is made of it.
 */
#include "mime/fields.h"
#include "mime/mime_internal.h"

static const struct str names[MIME_FIELD_COUNT] = {
	[MIME_DATE] = MIME_STR("Date"),
	[MIME_SUBJECT] = MIME_STR("Subject"),
	[MIME_FROM] = MIME_STR("From"),
	[MIME_SENDER] = MIME_STR("Sender"),
	[MIME_REPLY_TO] = MIME_STR("Reply-To"),
	[MIME_TO] = MIME_STR("To"),
	[MIME_CC] = MIME_STR("Cc"),
	[MIME_BCC] = MIME_STR("Bcc"),
	[MIME_IN_REPLY_TO] = MIME_STR("In-Reply-To"),
	[MIME_MESSAGE_ID] = MIME_STR("Message-ID"),
	[MIME_REFERENCES] = MIME_STR("References"),
	[MIME_CONTENT_TYPE] = MIME_STR("Content-Type"),
	[MIME_CONTENT_TRANSFER_ENCODING] =
	    MIME_STR("Content-Transfer-Encoding"),
	[MIME_CONTENT_ID] = MIME_STR("Content-ID"),
	[MIME_CONTENT_DESCRIPTION] = MIME_STR("Content-Description"),
	[MIME_CONTENT_MD5] = MIME_STR("Content-MD5"),
	[MIME_CONTENT_DISPOSITION] = MIME_STR("Content-Disposition"),
	[MIME_CONTENT_LANGUAGE] = MIME_STR("Content-Language"),
	[MIME_CONTENT_LOCATION] = MIME_STR("Content-Location"),
};

static bool
is_field(const struct mime_field *field, size_t id)
{
	return field->name.n == names[id].n &&
	       str_eq_nocase(names[id], field->name);
}

/* Of these the last counts, of others the first. */
static bool
last_counts(size_t id)
{
	return id == MIME_DATE || id == MIME_SUBJECT ||
	       id == MIME_IN_REPLY_TO || id == MIME_MESSAGE_ID;
}

static void
take_value(struct mime_header *h, size_t id, struct str value)
{
	bool is_first = h->values[id].p == NULL;

	if (!is_first)
		h->repeated |= UINT32_C(1) << id;
	if (is_first || last_counts(id))
		h->values[id] = value;
}

void
mime_header_read(struct str header, struct mime_header *ret_header)
{
	struct cursor c = str_cursor(header);
	struct mime_field field;

	*ret_header = (struct mime_header){ .text = header };
	while (mime_field_next(&c, &field)) {
		for (size_t i = 0; i < MIME_FIELD_COUNT; i++) {
			if (is_field(&field, i))
				take_value(ret_header, i, field.value);
		}
	}
}

bool
mime_header_next(
    enum mime_field_id id, struct cursor *rest, struct str *ret_value)
{
	struct mime_field field;

	while (mime_field_next(rest, &field)) {
		if (is_field(&field, id)) {
			*ret_value = field.value;
			return true;
		}
	}
	return false;
}
