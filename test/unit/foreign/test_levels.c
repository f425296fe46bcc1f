/* SPDX-License-Identifier: MIT
 *
 * Names of mailboxes elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "foreign/levels.h"

static const struct {
	const char *there;
	char separator;
	bool escaped;
	const char *here; /* NULL: it means nothing */
} names[] = {
	{ "a.b.c", '.', false, "a/b/c" },
	{ "a.b.c", '/', false, "a.b.c" },
	{ "a.b/c", '.', false, "a/b_c" },
	{ "a/b", '\0', false, "a_b" },
	{ "a\\b", '\\', false, "a/b" },
	{ "a\\2eb\\5c", '.', false, "a\\2eb\\5c" },
	{ "a\\2eb\\5c", '.', true, "a.b\\" },
	{ "C&AOk-.x", '.', false, "C\xc3\xa9/x" },
	{ "C\xc3\xa9&b", '.', false, "C\xc3\xa9&b" },
	{ "a..b.", '.', false, "a/_/b/_" },
	{ "..", '/', false, ".._" },
	{ "a%b*c\td", '/', false, "a_b_c_d" },
	{ "", '/', false, "_" },
	{ "a\xff", '/', false, NULL },
	{ "a/\xc3", '/', false, NULL },
};

static void
test_levels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf here;
		bool good;

		buf_init(&here, MAILBOX_NAME_BYTES_MAX);
		buf_add_byte(&here, '>');
		good = levels_add(str_of(names[i].there), names[i].separator,
		    names[i].escaped, &here);
		assert_int_equal(good, names[i].here != NULL);
		buf_add_byte(&here, '\0');
		assert_string_equal(here.p + 1, good ? names[i].here : "");
		buf_fini(&here);
	}
}

static void
test_long(void **state)
{
	struct buf here;

	(void)state;
	buf_init(&here, 10);
	assert_false(levels_add(STR("abcdef.ghijkl"), '.', false, &here));
	assert_int_equal(here.n, 0);
	buf_fini(&here);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
