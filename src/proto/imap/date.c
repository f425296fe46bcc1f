/* SPDX-License-Identifier: MIT
 *
 * Dates: RFC 9051 section 9.
 */
#include "proto/imap/date.h"

#include "base/clock.h"
#include "proto/imap/string.h"

#define DAY_SECONDS (24 * 60 * 60)

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* -- parsing ------------------------------------------------------------- */

/* ${count} DIGITs */
static bool
take_digits(struct parser *p, int count, int *ret_number)
{
	int number = 0;

	for (int i = 0; i < count; i++) {
		if (p->c.at == p->c.end || *p->c.at < '0' || *p->c.at > '9')
			return parser_expected(p, p->c.at, "digit");
		number = number * 10 + (*p->c.at++ - '0');
	}
	*ret_number = number;
	return true;
}

/* The next byte must be ${want}. */
static bool
need_byte(struct parser *p, char want, const char *what)
{
	return take_byte(p, want) || parser_expected(p, p->c.at, what);
}

/* date-month = "Jan" / "Feb" / ...                RFC 9051 section 9 */
static bool
take_month(struct parser *p, int *ret_month)
{
	struct str rest = { p->c.at, (size_t)(p->c.end - p->c.at) };

	for (int i = 0; i < 12; i++) {
		if (!str_begins_nocase(rest, (struct str){ months + 3 * i, 3 }))
			continue;
		p->c.at += 3;
		*ret_month = i + 1;
		return true;
	}
	return parser_expected(p, p->c.at, "month");
}

static int
days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* "-" date-month "-" date-year behind the day, which must exist */
static bool
take_month_year(struct parser *p, struct clock_civil *civil)
{
	const char *from = p->c.at;

	if (!need_byte(p, '-', "\"-\"") || !take_month(p, &civil->month) ||
	    !need_byte(p, '-', "\"-\"") || !take_digits(p, 4, &civil->year))
		return false;
	return (civil->day > 0 &&
		   civil->day <= days_of_month(civil->year, civil->month)) ||
	       parser_expected(p, from, "day that exists");
}

/* date-day = 1*2DIGIT                             RFC 9051 section 9 */
static bool
take_day(struct parser *p, int *ret_day)
{
	int digit = 0;

	if (!take_digits(p, 1, ret_day))
		return false;
	if (p->c.at == p->c.end || *p->c.at == '-')
		return true;
	if (!take_digits(p, 1, &digit))
		return false;
	*ret_day = *ret_day * 10 + digit;
	return true;
}

/* date-text = date-day "-" date-month "-" date-year
 *                                                 RFC 9051 section 9 */
static bool
take_date_text(struct parser *p, struct clock_civil *civil)
{
	return take_day(p, &civil->day) && take_month_year(p, civil);
}

bool
parse_date(struct parser *p, int64_t *ret_day)
{
	const char *from = p->c.at;
	struct clock_civil civil = { 0 };
	bool quoted = take_byte(p, '"');

	if (!take_date_text(p, &civil) ||
	    (quoted && !need_byte(p, '"', "end of quoted string")))
		return parser_expected(p, from, "date");
	*ret_day = clock_seconds_of(civil) / DAY_SECONDS;
	return true;
}

/* date-day-fixed = (SP DIGIT) / 2DIGIT            RFC 9051 section 9
 * and a digit alone, which some clients send. */
static bool
take_day_fixed(struct parser *p, int *ret_day)
{
	return take_byte(p, ' ') ? take_digits(p, 1, ret_day)
				 : take_day(p, ret_day);
}

/* time = 2DIGIT ":" 2DIGIT ":" 2DIGIT             RFC 9051 section 9 */
static bool
take_time(struct parser *p, struct clock_civil *civil)
{
	const char *from = p->c.at;

	if (!take_digits(p, 2, &civil->hour) || !need_byte(p, ':', "\":\"") ||
	    !take_digits(p, 2, &civil->minute) || !need_byte(p, ':', "\":\"") ||
	    !take_digits(p, 2, &civil->second))
		return false;
	return (civil->hour < 24 && civil->minute < 60 &&
		   civil->second <= 60) ||
	       parser_expected(p, from, "time that exists");
}

/* zone = ("+" / "-") 4DIGIT                       RFC 9051 section 9
 * Gives the seconds east of Greenwich. */
static bool
take_zone(struct parser *p, int *ret_east)
{
	const char *from = p->c.at;
	bool west = take_byte(p, '-');
	int hours = 0, minutes = 0;

	if ((!west && !need_byte(p, '+', "zone")) ||
	    !take_digits(p, 2, &hours) || !take_digits(p, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return parser_expected(p, from, "zone that exists");
	*ret_east = (hours * 60 + minutes) * (west ? -60 : 60);
	return true;
}

bool
parse_date_time(struct parser *p, int64_t *ret_seconds)
{
	const char *from = p->c.at;
	struct clock_civil civil = { 0 };
	int east = 0;

	if (!take_byte(p, '"') || !take_day_fixed(p, &civil.day) ||
	    !take_month_year(p, &civil) || !take_sp(p) ||
	    !take_time(p, &civil) || !take_sp(p) || !take_zone(p, &east) ||
	    !need_byte(p, '"', "end of quoted string"))
		return parser_expected(p, from, "date-time");
	*ret_seconds = clock_seconds_of(civil) - east;
	return true;
}

/* -- writing ------------------------------------------------------------- */

/* The nearest moment whose year has four digits. */
static struct clock_civil
civil_of(int64_t seconds)
{
	static const struct clock_civil first = { 0, 1, 1, 0, 0, 0 };
	static const struct clock_civil last = { 9999, 12, 31, 23, 59, 59 };

	if (seconds < clock_seconds_of(first))
		return first;
	if (seconds > clock_seconds_of(last))
		return last;
	return clock_civil_of(seconds);
}

void
write_date(struct buf *to, int64_t day)
{
	/* Days beyond what fits into seconds are beyond the year 9999. */
	int64_t limit = INT64_MAX / DAY_SECONDS;
	int64_t near = day > limit ? limit : day < -limit ? -limit : day;
	struct clock_civil civil = civil_of(near * DAY_SECONDS);

	buf_add_format(to, "%d-%.3s-%04d", civil.day,
	    months + 3 * (civil.month - 1), civil.year);
}

void
write_date_time(struct buf *to, int64_t seconds)
{
	struct clock_civil civil = civil_of(seconds);

	buf_add_format(to, "\"%02d-%.3s-%04d %02d:%02d:%02d +0000\"", civil.day,
	    months + 3 * (civil.month - 1), civil.year, civil.hour,
	    civil.minute, civil.second);
}
