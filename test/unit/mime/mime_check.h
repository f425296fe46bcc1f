/* SPDX-License-Identifier: MIT
 *
 * What the tests of this module share: cmocka, and a comparison that prints
 * both sides.
 */
#ifndef AVOCET_TEST_MIME_CHECK_H
#define AVOCET_TEST_MIME_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ${what} and ${index} say which case it is. */
static inline void
check_str(const char *what, size_t index, struct str got, struct str want)
{
	if (str_eq(got, want))
		return;
	fail_msg("%s, case %zu:\n got [%.*s]\nwant [%.*s]", what, index,
	    STR_ARG(got), STR_ARG(want));
}

#endif
