/* SPDX-License-Identifier: MIT
 *
 * avocet undelete
 */
#include <inttypes.h>
#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "admin/moment.h"
#include "admin/perform.h"
#include "mail/message.h"

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

	if (!moment_parse(since, MOMENT_AGO, &seconds) || seconds < 0) {
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
