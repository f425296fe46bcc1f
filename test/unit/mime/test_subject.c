/* SPDX-License-Identifier: MIT
 *
 * The base subject of RFC 5256 section 2.1.
 */
#include "mime_check.h"

#include "mime/subject.h"

static void
test_base_subject(void **state)
{
	const struct {
		struct str subject, base;
		bool is_reply;
	} cases[] = {
		{ STR(""), STR(""), false },
		{ STR("hello"), STR("hello"), false },
		{ STR("  a \t b\r\n c "), STR("a b c"), false },
		{ STR("Re: hello"), STR("hello"), true },
		{ STR("RE:hello"), STR("hello"), true },
		{ STR("re : Fwd: FW: hello"), STR("hello"), true },
		{ STR("Re[2]: hello"), STR("hello"), true },
		{ STR("Re [x] : hello"), STR("hello"), true },
		{ STR("[list] hello"), STR("hello"), false },
		{ STR("[list] Re: [list] hello"), STR("hello"), true },
		{ STR("[a][b] hello"), STR("hello"), false },
		{ STR("[only]"), STR("[only]"), false },
		{ STR("Re: [only]"), STR("[only]"), true },
		{ STR("[a] [only]"), STR("[only]"), false },
		{ STR("hello (fwd)"), STR("hello"), true },
		{ STR("hello (fwd) (FWD) "), STR("hello"), true },
		{ STR("[fwd: hello]"), STR("hello"), true },
		{ STR("[Fwd: Re: [x] hello (fwd)]"), STR("hello"), true },
		{ STR("[fwd: [fwd: x]]"), STR("x"), true },
		{ STR("[fwd: hello"), STR("[fwd: hello"), false },
		{ STR("Re:"), STR(""), true },
		{ STR("Regards"), STR("Regards"), false },
		{ STR("Fwdx: y"), STR("Fwdx: y"), false },
		{ STR("[[x] y"), STR("[[x] y"), false },
		{ STR("[x"), STR("[x"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		bool is_reply;

		buf_init(&out, cases[i].subject.n);
		mime_base_subject(cases[i].subject, &out, &is_reply);
		check_str("base", i, buf_str(&out), cases[i].base);
		if (is_reply != cases[i].is_reply)
			fail_msg("case %zu: is_reply", i);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
