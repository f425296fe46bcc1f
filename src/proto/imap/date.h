/* SPDX-License-Identifier: MIT
 *
 * Dates (RFC 9051 section 9).  A day is a number of days since 1970-01-01, a
 * moment a number of seconds since then, UTC.
 */
#ifndef AVOCET_PROTO_IMAP_DATE_H
#define AVOCET_PROTO_IMAP_DATE_H

#include "proto/imap/parser.h"

/* date = date-text / DQUOTE date-text DQUOTE      RFC 9051 section 9
 * The day must exist: 29-Feb only in leap years. */
bool parse_date(struct parser *p, int64_t *ret_day);

/* date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time
 *             SP zone DQUOTE                      RFC 9051 section 9
 * Hours up to 23 (zone: 23), minutes up to 59, seconds up to 60. */
bool parse_date_time(struct parser *p, int64_t *ret_seconds);

/* Append a day as "1-Feb-2024", a moment as "\"01-Feb-2024 12:00:00 +0000\"".
 * Years outside 0..9999, which the grammar cannot hold, become the nearest. */
void write_date(struct buf *to, int64_t day);
void write_date_time(struct buf *to, int64_t seconds);

#endif
