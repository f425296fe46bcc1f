/* SPDX-License-Identifier: MIT
 *
 * Texts for a check of output: each is looked at as a whole and octet by octet,
 * with the same result.
 */
#ifndef AVOCET_TEST_OUTPUT_TEXT_H
#define AVOCET_TEST_OUTPUT_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/output_check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The check, which each test that includes this defines: where the greeting is
 * to come, or is over. */
static struct output_check *new_check(bool greeted);

/* All of ${text} in pieces of ${step} octets.  False, and why, if refused. */
static bool
look(struct str text, size_t step, bool greeted, struct buf *why)
{
	struct output_check *o = new_check(greeted);
	bool good = true;

	buf_clear(why);
	while (good && text.n > 0) {
		good = o->text(o, str_head(text, step));
		text = str_skip(text, step);
	}
	if (!good)
		o->why(o, why);
	o->free(o);
	return good;
}

static void
check_good_str(struct str text, bool greeted)
{
	struct buf why;

	buf_init(&why, 4096);
	if (!look(text, SIZE_MAX, greeted, &why) ||
	    !look(text, 1, greeted, &why))
		fail_msg("%.*s: %.*s", STR_ARG(text), STR_ARG(buf_str(&why)));
	buf_fini(&why);
}

static void
check_good(const char *text, bool greeted)
{
	check_good_str(str_of(text), greeted);
}

/* Refused because ${expected} was. */
static void
check_bad_str(struct str text, bool greeted, const char *expected)
{
	struct buf whole, pieces;
	char begin[120];

	buf_init(&whole, 4096);
	buf_init(&pieces, 4096);
	(void)snprintf(begin, sizeof(begin), "expected %s at octet", expected);
	if (look(text, SIZE_MAX, greeted, &whole) ||
	    look(text, 1, greeted, &pieces))
		fail_msg("taken: %.*s", STR_ARG(text));
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		fail_msg("%.*s: %.*s, or %.*s", STR_ARG(text),
		    STR_ARG(buf_str(&whole)), STR_ARG(buf_str(&pieces)));
	if (!str_begins(buf_str(&whole), str_of(begin)))
		fail_msg("%.*s: %.*s, not %s", STR_ARG(text),
		    STR_ARG(buf_str(&whole)), begin);
	buf_fini(&whole);
	buf_fini(&pieces);
}

static void
check_bad(const char *text, bool greeted, const char *expected)
{
	check_bad_str(str_of(text), greeted, expected);
}

#endif
