/* SPDX-License-Identifier: MIT
 *
 * Proving what mail/ keeps: account by account, and with repair once more
 * after it, so that what is told as whole has been seen whole.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "mail/check_internal.h"

static void say(struct check *c, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
say(struct check *c, const char *format, va_list args)
{
	char line[CHECK_LINE_BYTES_MAX];
	int head =
	    snprintf(line, sizeof(line), "account %" PRIu64 ": ", c->account);

	(void)vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
	c->report(c->arg, line);
}

void
check_say(struct check *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(c, format, args);
	va_end(args);
}

void
check_fault(struct check *c, const char *format, ...)
{
	va_list args;

	if (c->faults++ >= CHECK_REPORTS_MAX)
		return;
	va_start(args, format);
	say(c, format, args);
	va_end(args);
}

enum rc
check_damage(struct check *c, enum rc rc, const char *what)
{
	if (rc != RC_CORRUPT)
		return rc;
	check_fault(c, "%s cannot be read", what);
	return RC_OK;
}

static enum rc
look_at_records(struct check *c)
{
	struct store_read *r;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = record_account(r, &c->record);
	if (rc == RC_OK)
		rc = check_mailboxes(c, r);
	else if (rc == RC_NOTFOUND)
		check_fault(c, "its record is missing");
	else if (rc == RC_CORRUPT)
		check_fault(c, "its record cannot be read");
	if (rc == RC_OK)
		rc = check_references(c, r);
	store_read_end(r);
	return rc == RC_NOTFOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

static enum rc
look_at_account(struct check *c)
{
	enum rc rc;

	c->faults = 0;
	c->emails.n = 0;
	rc = look_at_records(c);
	if (rc == RC_OK)
		rc = check_contents(c);
	if (c->faults > CHECK_REPORTS_MAX)
		check_fault(c, "%" PRIu64 " faults in all", c->faults);
	return rc;
}

/* *ret_whole: there is no fault (any more). */
static enum rc
check_account(struct check *c, bool repair, bool *ret_whole)
{
	bool lost = store_lost(c->mail->store, c->account);
	enum rc rc = look_at_account(c);

	if (lost)
		check_fault(c, "some of its records may be lost");
	if (rc == RC_OK && c->faults > 0 && repair) {
		rc = repair_account(c, lost);
		if (rc == RC_OK)
			rc = look_at_account(c);
	}
	*ret_whole = c->faults == 0;
	return rc;
}

static enum rc
check_all(struct check *c, bool repair, bool *ret_whole)
{
	struct account_ids ids = { 0 };
	bool whole = false;
	enum rc rc = check_system(c, repair, &whole);

	if (rc == RC_OK)
		rc = account_all_ids(c->mail, &ids);
	if (rc == RC_CORRUPT)
		c->report(c->arg, "the list of accounts cannot be read");
	for (size_t i = 0; i < ids.v.n && rc == RC_OK; i++) {
		bool one = false;

		c->account = ids.v.v[i];
		rc = check_account(c, repair, &one);
		whole = whole && one;
	}
	vec_fini(&ids.v);
	*ret_whole = whole;
	return rc;
}

enum rc
mail_check(struct mail *m, bool repair, mail_report_fn *report, void *arg)
{
	struct check c = { .mail = m, .report = report, .arg = arg };
	bool whole = false;
	enum rc rc = check_all(&c, repair, &whole);

	if (rc == RC_OK && repair)
		rc = store_settle_loss(m->store);
	vec_fini(&c.emails);
	return rc == RC_OK && !whole ? RC_CORRUPT : rc;
}
