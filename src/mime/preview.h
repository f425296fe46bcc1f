/* SPDX-License-Identifier: MIT
 *
 * The beginning of a text as one line for a list of messages (RFC 8970): white
 * space is joined, what cannot be seen is left out, and of HTML only what a
 * reader would see.
 *
 * It is read piece by piece and costs what struct mime_preview holds.  Any text
 * gives a preview; what is no HTML after all is taken for the text it looks
 * like.
 */
#ifndef AVOCET_MIME_PREVIEW_H
#define AVOCET_MIME_PREVIEW_H

#include "base/limits.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Of UTF-8: the longest character has four octets. */
#define MIME_PREVIEW_BYTES_MAX (4 * MIME_PREVIEW_CHARACTERS_MAX)
#define MIME_PREVIEW_NAME_MAX  12 /* of elements and entities that matter */

struct mime_preview {
	bool html;
	unsigned count; /* characters in text */
	size_t n;
	char text[MIME_PREVIEW_BYTES_MAX];

	/* preview.c's */
	bool space;  /* there was white space behind it */
	bool joiner; /* the last character is one */
	uint8_t state;
	bool closing;	/* the tag is an end tag */
	uint8_t dashes; /* of a comment */
	uint8_t name_n; /* more than MIME_PREVIEW_NAME_MAX: too long */
	char name[MIME_PREVIEW_NAME_MAX];
	uint8_t hidden_n; /* the element whose text is not shown */
	char hidden[MIME_PREVIEW_NAME_MAX];
};

/* Begin with HTML, or with plain text, whose lines that begin with ">" are
 * somebody else's words and left out. */
void mime_preview_init(struct mime_preview *p, bool html);

/* Go on with ${text}, whole characters of well-formed UTF-8.  False: the
 * preview is complete, and no more is wanted. */
bool mime_preview_write(struct mime_preview *p, struct str text);

/* The text has ended; the preview, without white space at either end, good as
 * long as ${p}. */
struct str mime_preview_finish(struct mime_preview *p);

#endif
