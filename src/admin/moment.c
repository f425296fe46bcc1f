/* SPDX-License-Identifier: MIT
 *
 * Moments as text.
 */
#include "admin/moment.h"

#include "base/clock.h"
#include "config/unit.h"

/* Take a number of exactly ${digits} digits and then ${mark} (if not NUL). */
static bool
take_number(struct cursor *c, size_t digits, char mark, int *ret_number)
{
	struct str in = { .p = c->at, .n = (size_t)(c->end - c->at) };
	uint64_t number;

	if (in.n < digits || !str_number(str_head(in, digits), 9999, &number))
		return false;
	c->at += digits;
	if (mark != '\0' && (c->at == c->end || *c->at++ != mark))
		return false;
	*ret_number = (int)number;
	return true;
}

/* "2026-01-31" or "2026-01-31T12:34:56Z", in UTC. */
static bool
parse_moment(struct str text, int64_t *ret_seconds)
{
	struct cursor c = str_cursor(text);
	struct clock_civil civil = { 0 };

	if (!take_number(&c, 4, '-', &civil.year) ||
	    !take_number(&c, 2, '-', &civil.month) ||
	    !take_number(&c, 2, '\0', &civil.day))
		return false;
	if (c.at < c.end &&
	    (*c.at++ != 'T' || !take_number(&c, 2, ':', &civil.hour) ||
		!take_number(&c, 2, ':', &civil.minute) ||
		!take_number(&c, 2, 'Z', &civil.second)))
		return false;
	if (c.at != c.end || civil.month < 1 || civil.month > 12 ||
	    civil.day < 1 || civil.day > 31 || civil.hour > 23 ||
	    civil.minute > 59 || civil.second > 60)
		return false;
	*ret_seconds = clock_seconds_of(civil);
	return true;
}

bool
moment_parse(const char *text, enum moment_way way, int64_t *ret_seconds)
{
	uint64_t distance;

	if (parse_moment(str_of(text), ret_seconds))
		return true;
	if (!unit_parse_duration(str_of(text), &distance) ||
	    distance > INT32_MAX)
		return false;
	*ret_seconds = way == MOMENT_AGO ? clock_wall() - (int64_t)distance
					 : clock_wall() + (int64_t)distance;
	return true;
}
