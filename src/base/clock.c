/* SPDX-License-Identifier: MIT
 *
 * Clocks and the civil calendar.
 */
#include "base/clock.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define DAY_SECONDS 86400

static _Atomic uint64_t fake_ms;
static _Atomic int64_t fake_wall;

uint64_t
clock_ms(void)
{
	struct timespec now;

	if (fake_wall != 0)
		return fake_ms;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t
clock_wall(void)
{
	struct timespec now;

	if (fake_wall != 0)
		return fake_wall;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

uint64_t
clock_next(uint64_t now_ms, uint64_t interval_ms, uint64_t key)
{
	/* A large prime spreads keys that follow each other. */
	uint64_t phase = key * 2654435761u % interval_ms;

	return now_ms + interval_ms - (now_ms + phase) % interval_ms;
}

/* Write ${number} as ${count} digits. */
static void
put_digits(char *to, unsigned number, size_t count)
{
	while (count-- > 0) {
		to[count] = (char)('0' + number % 10);
		number /= 10;
	}
}

void
clock_stamp(char ret_stamp[CLOCK_STAMP_BYTES])
{
	static const char form[] = "yyyy-mm-ddThh:mm:ss.mmmZ";
	struct timespec now;
	struct clock_civil c;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	c = clock_civil_of(now.tv_sec);
	memcpy(ret_stamp, form, sizeof(form));
	put_digits(ret_stamp, (unsigned)c.year, 4);
	put_digits(ret_stamp + 5, (unsigned)c.month, 2);
	put_digits(ret_stamp + 8, (unsigned)c.day, 2);
	put_digits(ret_stamp + 11, (unsigned)c.hour, 2);
	put_digits(ret_stamp + 14, (unsigned)c.minute, 2);
	put_digits(ret_stamp + 17, (unsigned)c.second, 2);
	put_digits(ret_stamp + 20, (unsigned)(now.tv_nsec / 1000000), 3);
}

void
clock_fake(uint64_t ms, int64_t wall)
{
	fake_ms = ms;
	fake_wall = wall;
}

static int64_t
divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to a civil date, counting years from March so that
 * the leap day comes last; 719468 is the number of days from 0000-03-01. */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	int64_t era, of_era;
	int64_t of_year;

	year -= month <= 2;
	era = divide_down(year, 400);
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

int64_t
clock_seconds_of(struct clock_civil civil)
{
	return days_from_civil(civil.year, civil.month, civil.day) *
		   DAY_SECONDS +
	       civil.hour * 3600 + civil.minute * 60 + civil.second;
}

struct clock_civil
clock_civil_of(int64_t seconds)
{
	int64_t days = divide_down(seconds, DAY_SECONDS);
	int rest = (int)(seconds - days * DAY_SECONDS);
	int64_t shifted = days + 719468;
	int64_t era = divide_down(shifted, 146097);
	int64_t of_era = shifted - era * 146097;
	int64_t year_of_era =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = (int)(of_era - (365 * year_of_era + year_of_era / 4 -
					 year_of_era / 100));
	int shifted_month = (5 * of_year + 2) / 153;
	struct clock_civil c;

	c.day = of_year - (153 * shifted_month + 2) / 5 + 1;
	c.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
	c.year = (int)(year_of_era + era * 400 + (c.month <= 2));
	c.hour = rest / 3600;
	c.minute = rest / 60 % 60;
	c.second = rest % 60;
	return c;
}

int
clock_weekday(int64_t days)
{
	int64_t weekday = (days + 4) % 7;

	return (int)(weekday < 0 ? weekday + 7 : weekday);
}
