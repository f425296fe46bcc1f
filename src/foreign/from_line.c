/* SPDX-License-Identifier: MIT
 *
 * Dates as asctime() makes them, and what was added to those.
 */
#include "foreign/from_line.h"

#include "base/clock.h"

#define DAY_SECONDS 86400
#define SECONDS_MIN INT64_C(-62167219200) /* of the year 0 */
#define SECONDS_MAX INT64_C(253402300799) /* of the year 9999 */

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static struct str
take_word(struct str *rest)
{
	size_t at = 0;
	struct str word;

	while (at < rest->n && rest->p[at] == ' ')
		at++;
	*rest = str_skip(*rest, at);
	word = str_head(*rest, str_find(*rest, ' '));
	*rest = str_skip(*rest, word.n);
	return word;
}

/* Which name of three letters is it?  -1: none. */
static int
find_name(struct str word, const char *names)
{
	for (int i = 0; names[3 * i] != '\0'; i++)
		if (str_eq_nocase(word, (struct str){ names + 3 * i, 3 }))
			return i;
	return -1;
}

static bool
take_number(struct str word, uint64_t least, uint64_t most, int *ret_number)
{
	uint64_t number;

	if (!str_number(word, most, &number) || number < least)
		return false;
	*ret_number = (int)number;
	return true;
}

/* "12:34" or "12:34:56" */
static bool
take_time(struct str word, struct clock_civil *civil)
{
	size_t colon = str_find(word, ':');
	struct str rest = str_skip(word, colon + 1);
	size_t second = str_find(rest, ':');

	return colon < word.n &&
	       take_number(str_head(word, colon), 0, 23, &civil->hour) &&
	       take_number(str_head(rest, second), 0, 59, &civil->minute) &&
	       (second == rest.n || take_number(str_skip(rest, second + 1), 0,
					60, &civil->second));
}

/* "+0130" */
static bool
take_zone(struct str word, int *ret_seconds)
{
	int hours, minutes;

	if (word.n != 5 || (word.p[0] != '+' && word.p[0] != '-') ||
	    !take_number((struct str){ word.p + 1, 2 }, 0, 23, &hours) ||
	    !take_number((struct str){ word.p + 3, 2 }, 0, 59, &minutes))
		return false;
	*ret_seconds = (hours * 60 + minutes) * (word.p[0] == '-' ? -60 : 60);
	return true;
}

/* What follows the name of a weekday. */
static bool
take_date(struct str rest, int64_t *ret_seconds)
{
	struct clock_civil civil = {
		.month = find_name(take_word(&rest), months) + 1
	};
	bool has_year = false;
	int zone = 0;

	if (civil.month == 0 ||
	    !take_number(take_word(&rest), 1, 31, &civil.day) ||
	    !take_time(take_word(&rest), &civil))
		return false;
	/* The year, with zones on either side of it. */
	for (struct str word; (word = take_word(&rest)).n > 0;) {
		if (take_zone(word, &zone))
			continue;
		if (!has_year && word.n == 4)
			has_year = take_number(word, 0, 9999, &civil.year);
	}
	if (has_year)
		*ret_seconds = clock_seconds_of(civil) - zone;
	return has_year;
}

bool
from_line_parse(struct str line, int64_t *ret_seconds)
{
	struct str rest = str_skip(line, 5);

	if (!str_begins(line, STR("From ")) || line.n > FROM_LINE_BYTES_MAX)
		return false;
	while (rest.n > 0) {
		struct str word = take_word(&rest);

		if (find_name(word, weekdays) >= 0 &&
		    take_date(rest, ret_seconds))
			return true;
	}
	return false;
}

void
from_line_add(struct buf *to, int64_t seconds)
{
	struct clock_civil c;
	int64_t days;

	if (seconds < SECONDS_MIN)
		seconds = SECONDS_MIN;
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	c = clock_civil_of(seconds);
	days =
	    (seconds - ((seconds % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS) /
	    DAY_SECONDS;

	buf_add_format(to,
	    "From MAILER-DAEMON %.3s %.3s %2d %02d:%02d:%02d %04d\n",
	    weekdays + (size_t)(3 * clock_weekday(days)),
	    months + (size_t)(3 * (c.month - 1)), c.day, c.hour, c.minute,
	    c.second, c.year);
}
