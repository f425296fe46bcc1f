/* SPDX-License-Identifier: MIT
 *
 * The two clocks.  Deadlines use the monotonic one, dates in messages and
 * records the wall clock.  Tests set both by hand, so nothing sleeps.
 */
#ifndef AVOCET_BASE_CLOCK_H
#define AVOCET_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_STAMP_BYTES 32

/* Milliseconds since some moment; never goes back. */
uint64_t clock_ms(void);

/* Seconds since 1970-01-01 UTC. */
int64_t clock_wall(void);

/* Write the wall time as "2026-01-31T12:34:56.789Z" with its terminator. */
void clock_stamp(char ret_stamp[CLOCK_STAMP_BYTES]);

/* The next moment after ${now_ms} of those that lie ${interval_ms} apart, which
 * is not 0: the same ones for everybody with the same ${key}, others for most
 * other keys. */
uint64_t clock_next(uint64_t now_ms, uint64_t interval_ms, uint64_t key);

/* For tests: from now on clock_ms() gives ${ms} and clock_wall() ${wall};
 * ${wall} of 0 goes back to the real clocks. */
void clock_fake(uint64_t ms, int64_t wall);

/* A civil date and time; month 1..12, day 1..31. */
struct clock_civil {
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;
};

/* Convert between seconds since 1970 and civil UTC time.  Proleptic
 * Gregorian calendar, any year that fits; no time zone data, no locale. */
struct clock_civil clock_civil_of(int64_t seconds);
int64_t clock_seconds_of(struct clock_civil civil);

/* The day of the week of the day ${days} after 1970-01-01; 0 is Sunday. */
int clock_weekday(int64_t days);

#endif
