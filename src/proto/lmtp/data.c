/* SPDX-License-Identifier: MIT
 *
 * A machine of five places over the bytes after DATA.
 */
#include "proto/lmtp/data.h"

#include <string.h>

void
lmtp_data_init(struct lmtp_data *d)
{
	d->place = LMTP_DATA_LINE_START;
}

bool
lmtp_data_ended(const struct lmtp_data *d)
{
	return d->place == LMTP_DATA_END;
}

/* Where we are after passing on ${part}, which is not empty. */
static enum lmtp_data_place
place_after(enum lmtp_data_place place, struct str part)
{
	size_t n = part.n;

	if (part.p[n - 1] == '\r')
		return LMTP_DATA_CR;
	if (part.p[n - 1] != '\n')
		return LMTP_DATA_IN_LINE;
	if (n > 1 ? part.p[n - 2] == '\r' : place == LMTP_DATA_CR)
		return LMTP_DATA_LINE_START;
	return LMTP_DATA_IN_LINE;
}

/* Pass on everything up to a dot at the start of a line, at least an octet.
 * Dots are rarer than lines, so it is dots that are looked for. */
static struct str
take_run(struct lmtp_data *d, struct cursor *c)
{
	const char *from = c->at;
	enum lmtp_data_place place;

	do {
		c->at = memchr(c->at + 1, '.', (size_t)(c->end - c->at) - 1);
		if (c->at == NULL)
			c->at = c->end;
		place = place_after(d->place, str_until(from, c));
	} while (c->at < c->end && place != LMTP_DATA_LINE_START);
	d->place = place;
	return str_until(from, c);
}

/* A line began with a dot: it goes, what follows it stays. */
static void
take_after_dot(struct lmtp_data *d, struct cursor *c)
{
	if (*c->at == '\r') {
		c->at++;
		d->place = LMTP_DATA_DOT_CR;
	} else {
		d->place = LMTP_DATA_IN_LINE;
	}
}

bool
lmtp_data_next(struct lmtp_data *d, struct cursor *c, struct str *ret_piece)
{
	while (c->at < c->end && d->place != LMTP_DATA_END) {
		if (d->place == LMTP_DATA_DOT) {
			take_after_dot(d, c);
		} else if (d->place == LMTP_DATA_DOT_CR && *c->at == '\n') {
			c->at++;
			d->place = LMTP_DATA_END;
		} else if (d->place == LMTP_DATA_DOT_CR) {
			/* The CR that was held back stood alone. */
			d->place = LMTP_DATA_CR;
			*ret_piece = STR("\r");
			return true;
		} else if (d->place == LMTP_DATA_LINE_START && *c->at == '.') {
			c->at++;
			d->place = LMTP_DATA_DOT;
		} else {
			*ret_piece = take_run(d, c);
			return true;
		}
	}
	return false;
}
