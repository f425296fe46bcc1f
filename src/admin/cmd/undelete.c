/* SPDX-License-Identifier: MIT
 *
 * avocet undelete
 */
#include <inttypes.h>
#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "admin/perform.h"
#include "base/clock.h"
#include "config/unit.h"
#include "mail/message.h"

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

static bool
parse_since(const char *text, int64_t *ret_seconds)
{
	uint64_t ago;

	if (parse_moment(str_of(text), ret_seconds))
		return true;
	if (!unit_parse_duration(str_of(text), &ago) || ago > INT32_MAX)
		return false;
	*ret_seconds = clock_wall() - (int64_t)ago;
	return true;
}

int
cmd_undelete(struct admin *a)
{
	const char *since = a->args.since != NULL ? a->args.since : "1d";
	struct perform_request request = {
		.words = { STR("undelete"), str_of(a->args.words[0]) },
		.word_count = 3,
	};
	int64_t seconds;
	char number[24];

	if (!parse_since(since, &seconds) || seconds < 0) {
		(void)fprintf(stderr,
		    "avocet: %s is no time: write \"2h\", \"3d\", "
		    "\"2026-01-31\" or \"2026-01-31T12:00:00Z\"\n",
		    since);
		return ADMIN_USAGE;
	}
	(void)snprintf(number, sizeof(number), "%" PRId64, seconds);
	request.words[2] = str_of(number);
	return perform(a->config, &request);
}

enum rc
op_undelete(struct operation *o)
{
	uint64_t account, since, count;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	if (!str_number(o->words[2], INT64_MAX, &since))
		return RC_INVALID;
	rc = message_undelete(o->mail, account, (int64_t)since, &count);
	if (rc == RC_OK)
		operation_say(o, "%" PRIu64 " messages are back", count);
	return rc;
}
