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

void
mime_header_read(struct str header, struct mime_header *ret_header)
{
	struct cursor c = str_cursor(header);
	struct mime_field field;

	*ret_header = (struct mime_header){ 0 };
	while (mime_field_next(&c, &field)) {
		for (size_t i = 0; i < MIME_FIELD_COUNT; i++) {
			struct str *value = &ret_header->values[i];

			if (field.name.n == names[i].n && value->p == NULL &&
			    str_eq_nocase(names[i], field.name))
				*value = field.value;
		}
	}
}
