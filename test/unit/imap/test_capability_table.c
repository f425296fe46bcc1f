/* SPDX-License-Identifier: MIT
 *
 * imap/capability_table: what is announced when, and what switching off does.
 */
#include "imap/capability_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *
written(capability_set set, unsigned offered)
{
	static char text[2048];
	struct buf b;

	buf_init(&b, sizeof(text) - 1);
	capability_write(set, offered, 1000, &b);
	assert_int_equal(buf_check(&b), RC_OK);
	memcpy(text, b.p, b.n);
	text[b.n] = '\0';
	buf_fini(&b);
	return text;
}

static void
test_before_login(void **state)
{
	(void)state;
	assert_string_equal(written(capability_all(), OFFERED_BEFORE_LOGIN),
	    "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ENABLE ID");
}

static void
test_after_login(void **state)
{
	(void)state;
	assert_string_equal(written(capability_all(), OFFERED_AFTER_LOGIN),
	    "IMAP4rev1 IMAP4rev2 LITERAL+ ENABLE ID NAMESPACE CHILDREN UNSELECT"
	    " IDLE UIDPLUS MOVE SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED"
	    " LIST-STATUS STATUS=SIZE ESEARCH SEARCHRES BINARY UTF8=ACCEPT"
	    " APPENDLIMIT=1000 WITHIN MULTIAPPEND CONDSTORE QRESYNC"
	    " COMPRESS=DEFLATE REPLACE SAVEDATE OBJECTID"
	    " PREVIEW INPROGRESS");
}

static void
test_every_row_is_complete(void **state)
{
	(void)state;
	for (int i = CAPABILITY_NONE + 1; i < CAPABILITY_COUNT; i++) {
		assert_non_null(capability_table[i].name);
		assert_true(capability_table[i].rfc != 0);
		assert_true(capability_table[i].offered != 0);
	}
}

static void
test_switching_off_takes_one_out(void **state)
{
	capability_set set = capability_all();

	(void)state;
	assert_true(capability_has(set, CAPABILITY_MOVE));
	assert_true(capability_switch_off(&set, STR("move")));
	assert_false(capability_has(set, CAPABILITY_MOVE));
	assert_true(capability_has(set, CAPABILITY_UIDPLUS));
	assert_null(strstr(written(set, OFFERED_AFTER_LOGIN), "MOVE"));
}

static void
test_needing_none_is_always_met(void **state)
{
	capability_set set = capability_all();

	(void)state;
	for (int i = CAPABILITY_NONE + 1; i < CAPABILITY_COUNT; i++)
		(void)capability_switch_off(
		    &set, str_of(capability_table[i].name));
	assert_true(capability_has(set, CAPABILITY_NONE));
}

static void
test_limit_is_switched_off_by_its_bare_name(void **state)
{
	capability_set set = capability_all();

	(void)state;
	assert_true(capability_switch_off(&set, STR("APPENDLIMIT")));
	assert_null(strstr(written(set, OFFERED_AFTER_LOGIN), "APPENDLIMIT"));
}

static void
test_what_login_needs_stays(void **state)
{
	static const char *const fixed[] = { "IMAP4rev1", "LITERAL+", "SASL-IR",
		"ID", "STARTTLS", "NOSUCH", "" };
	capability_set set = capability_all();

	(void)state;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		assert_false(capability_switch_off(&set, str_of(fixed[i])));
	assert_int_equal(set, capability_all());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_login),
		cmocka_unit_test(test_after_login),
		cmocka_unit_test(test_every_row_is_complete),
		cmocka_unit_test(test_switching_off_takes_one_out),
		cmocka_unit_test(test_needing_none_is_always_met),
		cmocka_unit_test(test_limit_is_switched_off_by_its_bare_name),
		cmocka_unit_test(test_what_login_needs_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
