/* SPDX-License-Identifier: MIT
 *
 * date-time = [ day-of-week "," ] date time [CFWS]   RFC 5322 section 3.3
 *
 * Read as words: which word is what shows in its form, so that the order of
 * day, month, year and time does not matter (ctime's order is met too).  What
 * is not understood is passed over.
 */
#include "mime/date.h"

#include "base/clock.h"
#include "mime/mime_internal.h"

#define SECONDS_A_DAY 86400
#define YEAR_MAX      9999

struct parsed {
	int day;     /* 0: not seen */
	int month;   /* 0: not seen */
	int year;    /* -1: not seen */
	int seconds; /* of the day; -1: not seen */
	int zone_minutes;
	bool has_zone;
};

/* Words end at white space, comments and commas. */
static struct str
next_word(struct cursor *c)
{
	const char *from;

	mime_skip_cfws(c);
	while (c->at < c->end && *c->at == ',') {
		c->at++;
		mime_skip_cfws(c);
	}
	from = c->at;
	while (c->at < c->end && !mime_is_space(*c->at) && *c->at != '(' &&
	       *c->at != ',')
		c->at++;
	return str_until(from, c);
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* 1..12 for a month's name or its beginning of at least three letters. */
static int
month_of(struct str word)
{
	static const struct str months[] = { MIME_STR("january"),
		MIME_STR("february"), MIME_STR("march"), MIME_STR("april"),
		MIME_STR("may"), MIME_STR("june"), MIME_STR("july"),
		MIME_STR("august"), MIME_STR("september"), MIME_STR("october"),
		MIME_STR("november"), MIME_STR("december") };

	if (word.n < 3)
		return 0;
	for (int i = 0; i < 12; i++) {
		if (str_begins_nocase(months[i], word))
			return i + 1;
	}
	return 0;
}

/* obs-year: two digits below 50 are 20xx, others and three digits count from
 * 1900.                                           RFC 5322 section 4.3 */
static int
year_of(struct str digits)
{
	uint64_t year;

	if (!str_number(digits, YEAR_MAX, &year))
		return -1;
	if (digits.n == 2 && year < 50)
		return (int)year + 2000;
	if (digits.n < 4)
		return (int)year + 1900;
	return (int)year;
}

/* One or two digits up to ${max}; takes them. */
static bool
take_number(struct cursor *c, int max, int *ret_number)
{
	int number = 0, count = 0;

	while (c->at < c->end && is_digit(*c->at) && count < 2) {
		number = number * 10 + (*c->at++ - '0');
		count++;
	}
	if (count == 0 || number > max)
		return false;
	*ret_number = number;
	return true;
}

static bool
take_colon(struct cursor *c)
{
	if (c->at == c->end || *c->at != ':')
		return false;
	c->at++;
	return true;
}

/* time-of-day = hour ":" minute [ ":" second ]    RFC 5322 section 3.3
 * -1 when it is not valid.  A leap second is allowed. */
static int
time_of(struct str word)
{
	struct cursor c = str_cursor(word);
	int hour, minute, second = 0;

	if (!take_number(&c, 23, &hour) || !take_colon(&c) ||
	    !take_number(&c, 59, &minute))
		return -1;
	if (take_colon(&c) && !take_number(&c, 60, &second))
		return -1;
	return (hour * 60 + minute) * 60 + second;
}

/* zone = ("+" / "-") 4DIGIT                       RFC 5322 section 3.3 */
static bool
numeric_zone(struct str word, int *ret_minutes)
{
	uint64_t number;
	int minutes;

	if (word.n != 5 || (word.p[0] != '+' && word.p[0] != '-') ||
	    !str_number(str_skip(word, 1), 9999, &number))
		return false;
	minutes = (int)(number / 100 * 60 + number % 100);
	if (number % 100 > 59 || minutes > 24 * 60)
		minutes = 0;
	*ret_minutes = word.p[0] == '-' ? -minutes : minutes;
	return true;
}

/* obs-zone.  The letters of the military are UTC, for their signs were given
 * wrong in RFC 822.                               RFC 5322 section 4.3 */
static bool
named_zone(struct str word, int *ret_minutes)
{
	static const struct {
		struct str name;
		int hours;
	} zones[] = { { MIME_STR("UT"), 0 }, { MIME_STR("GMT"), 0 },
		{ MIME_STR("UTC"), 0 }, { MIME_STR("EST"), -5 },
		{ MIME_STR("EDT"), -4 }, { MIME_STR("CST"), -6 },
		{ MIME_STR("CDT"), -5 }, { MIME_STR("MST"), -7 },
		{ MIME_STR("MDT"), -6 }, { MIME_STR("PST"), -8 },
		{ MIME_STR("PDT"), -7 } };

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (str_eq_nocase(zones[i].name, word)) {
			*ret_minutes = zones[i].hours * 60;
			return true;
		}
	}
	return false;
}

/* A number is the day when that is still missing, else the year. */
static void
take_digits(struct parsed *p, struct str word)
{
	uint64_t day;

	if (p->day == 0 && word.n <= 2 && str_number(word, 31, &day) && day > 0)
		p->day = (int)day;
	else if (p->year < 0)
		p->year = year_of(word);
}

static void
take_word(struct parsed *p, struct str word)
{
	if (str_find(word, ':') < word.n) {
		if (p->seconds < 0)
			p->seconds = time_of(word);
	} else if (is_digit(word.p[0])) {
		take_digits(p, word);
	} else if (p->month == 0 && month_of(word) > 0) {
		p->month = month_of(word);
	} else if (!p->has_zone) {
		p->has_zone = numeric_zone(word, &p->zone_minutes) ||
			      named_zone(word, &p->zone_minutes);
	}
}

/* "7-Apr-2026" is three words. */
static void
take_dashed(struct parsed *p, struct str word)
{
	size_t dash = str_find(word, '-');

	while (is_digit(word.p[0]) && dash < word.n - 1 && dash > 0) {
		take_word(p, str_head(word, dash));
		word = str_skip(word, dash + 1);
		if (!is_digit(word.p[0])) {
			dash = str_find(word, '-');
			if (dash == 0 || dash >= word.n - 1)
				break;
			take_word(p, str_head(word, dash));
			word = str_skip(word, dash + 1);
		}
		dash = str_find(word, '-');
	}
	take_word(p, word);
}

/* Is there such a day? */
static bool
is_date(const struct parsed *p)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap =
	    p->year % 4 == 0 && (p->year % 100 != 0 || p->year % 400 == 0);

	if (p->day == 0 || p->month == 0 || p->year < 1)
		return false;
	if (p->month == 2 && p->day == 29 && !leap)
		return false;
	return p->day <= days[p->month - 1];
}

bool
mime_date_parse(struct str value, struct mime_date *ret_date)
{
	struct parsed p = { .year = -1, .seconds = -1 };
	struct cursor c = str_cursor(value);
	struct str word;
	int64_t midnight;

	for (word = next_word(&c); word.n > 0; word = next_word(&c))
		take_dashed(&p, word);
	if (!is_date(&p))
		return false;
	midnight = clock_seconds_of((struct clock_civil){
	    .year = p.year, .month = p.month, .day = p.day });
	ret_date->day = midnight / SECONDS_A_DAY;
	if (midnight < 0 && midnight % SECONDS_A_DAY != 0)
		ret_date->day--;
	ret_date->seconds = midnight + (p.seconds > 0 ? p.seconds : 0) -
			    (int64_t)p.zone_minutes * 60;
	return true;
}
