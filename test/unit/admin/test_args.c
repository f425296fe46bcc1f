/* SPDX-License-Identifier: MIT
 *
 * The command line: options, words and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/args.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static char **
mutable_argv(const char *const *argv, int argc)
{
	char **copy = calloc((size_t)argc, sizeof(char *));

	assert_non_null(copy);
	memcpy(copy, argv, (size_t)argc * sizeof(char *));
	return copy;
}

static void
test_options(void **state)
{
	static const char *const argv[] = { "-c", "x.conf", "deliver",
		"--mailbox", "Sent", "me", "--repair" };
	char **copy = mutable_argv(argv, COUNT(argv));
	char why[ARGS_WHY_BYTES];
	struct args a;

	(void)state;
	assert_true(args_parse(COUNT(argv), copy, &a, why));
	assert_string_equal(a.config, "x.conf");
	assert_string_equal(a.mailbox, "Sent");
	assert_null(a.since);
	assert_int_equal(a.given, ARGS_CONFIG | ARGS_MAILBOX | ARGS_REPAIR);
	assert_int_equal(a.word_count, 2);
	assert_string_equal(a.words[1], "me");
	free(copy);
}

static void
test_words_like_options(void **state)
{
	static const char *const argv[] = { "user", "add", "--", "-c", "--" };
	char **copy = mutable_argv(argv, COUNT(argv));
	char why[ARGS_WHY_BYTES];
	struct args a;

	(void)state;
	assert_true(args_parse(COUNT(argv), copy, &a, why));
	assert_int_equal(a.given, 0);
	assert_int_equal(a.word_count, 4);
	assert_string_equal(a.words[2], "-c");
	assert_string_equal(a.words[3], "--");
	free(copy);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *argv[10];
		const char *why;
	} cases[] = {
		{ { "-x" }, "no such option: -x" },
		{ { "--config=x" }, "no such option: --config=x" },
		{ { "serve", "-c" }, "needs a value: -c" },
		{ { "-c", "a", "--config", "b" }, "given twice: --config" },
		{ { "1", "2", "3", "4", "5", "6", "7", "8", "9" },
		    "too many words: 9" },
	};

	(void)state;
	for (int i = 0; i < COUNT(cases); i++) {
		int argc = 0;
		char **copy;
		char why[ARGS_WHY_BYTES];
		struct args a;

		while (
		    argc < COUNT(cases[i].argv) && cases[i].argv[argc] != NULL)
			argc++;
		copy = mutable_argv(cases[i].argv, argc);
		assert_false(args_parse(argc, copy, &a, why));
		assert_string_equal(why, cases[i].why);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_words_like_options),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
