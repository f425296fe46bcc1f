/* SPDX-License-Identifier: MIT
 *
 * The date-time of a Date field (RFC 5322 section 3.3 and the obsolete forms
 * of 4.3), read as RFC 5256 section 2.2 wants it: an invalid zone counts as
 * UTC, an invalid time as 00:00:00.
 */
#ifndef AVOCET_MIME_DATE_H
#define AVOCET_MIME_DATE_H

#include "base/str.h"

struct mime_date {
	int64_t seconds; /* since 1970-01-01 00:00:00 UTC */
	int64_t day;	 /* days since 1970-01-01 of the date as written,
			  * whatever the zone: for SENTON and the like */
};

/* Read the value of a Date field.  False when there is no valid date in it. */
bool mime_date_parse(struct str value, struct mime_date *ret_date);

#endif
