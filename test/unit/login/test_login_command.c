/* SPDX-License-Identifier: MIT
 *
 * login/imap_command: cutting, byte by byte too; taking apart, every prefix too.
 */
#include "login/imap_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

/* -- cutting ------------------------------------------------------------ */

static const struct {
	const char *input;
	enum login_cut cuts[4]; /* one after another, MORE ends them */
	size_t count;
} cut_cases[] = {
	{ "a NOOP\r\nb", { LOGIN_CUT_COMMAND }, 8 },
	{ "\r\n", { LOGIN_CUT_COMMAND }, 2 },
	{ "a NOOP\n", { LOGIN_CUT_MORE }, 0 },
	{ "a NOOP\r", { LOGIN_CUT_MORE }, 0 },
	{ "a NO\rOP\r\n", { LOGIN_CUT_COMMAND }, 9 },
	{ "a LOGIN {1}\r\nx y\r\n", { LOGIN_CUT_CONTINUE, LOGIN_CUT_COMMAND },
	    18 },
	{ "a LOGIN {1+}\r\nx y\r\n", { LOGIN_CUT_COMMAND }, 19 },
	{ "a LOGIN {1}\r\nx {2}\r\nyz\r\n",
	    { LOGIN_CUT_CONTINUE, LOGIN_CUT_CONTINUE, LOGIN_CUT_COMMAND }, 24 },
	{ "a LOGIN {0}\r\n x\r\n", { LOGIN_CUT_CONTINUE, LOGIN_CUT_COMMAND },
	    17 },
	{ "a LOGIN {2}\r\n\r\n x\r\n",
	    { LOGIN_CUT_CONTINUE, LOGIN_CUT_COMMAND }, 19 },
	{ "a LOGIN {4097}\r\n", { LOGIN_CUT_TOOBIG }, 16 },
	{ "a LOGIN {99999999999999999999}\r\n", { LOGIN_CUT_TOOBIG }, 32 },
	{ "a LOGIN {99999999999999999999+}\r\n", { LOGIN_CUT_LOST }, 0 },
	{ "a LOGIN {9999999999999999999x}\r\n", { LOGIN_CUT_COMMAND }, 32 },
	{ "a LOGIN {4097+}\r\n", { LOGIN_CUT_LOST }, 0 },
	{ "a LOGIN {x}\r\n", { LOGIN_CUT_COMMAND }, 13 },
	{ "a LOGIN {}\r\n", { LOGIN_CUT_COMMAND }, 12 },
	{ "a LOGIN }\r\n", { LOGIN_CUT_COMMAND }, 11 },
};

static void
test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cut_cases) / sizeof(cut_cases[0]); i++) {
		struct str in = str_of(cut_cases[i].input);
		struct login_scan scan = { 0 };

		for (size_t j = 0; j < 4; j++) {
			enum login_cut want = cut_cases[i].cuts[j];
			size_t count = 0;

			assert_int_equal(
			    login_cut_command(in, &scan, &count), want);
			if (want == LOGIN_CUT_CONTINUE)
				continue;
			if (want == LOGIN_CUT_COMMAND ||
			    want == LOGIN_CUT_TOOBIG)
				assert_int_equal(count, cut_cases[i].count);
			break;
		}
	}
}

/* The same, seeing one byte more each time. */
static void
test_cut_bytewise(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cut_cases) / sizeof(cut_cases[0]); i++) {
		struct str in = str_of(cut_cases[i].input);
		struct login_scan scan = { 0 };
		size_t step = 0;

		for (size_t seen = 1; seen <= in.n; seen++) {
			char *copy = mem_copy(in.p, seen);
			size_t count = 0;
			enum login_cut cut = login_cut_command(
			    (struct str){ copy, seen }, &scan, &count);

			mem_free(copy);
			if (cut == LOGIN_CUT_MORE)
				continue;
			assert_int_equal(cut, cut_cases[i].cuts[step++]);
			if (cut == LOGIN_CUT_CONTINUE)
				continue;
			if (cut != LOGIN_CUT_LOST)
				assert_int_equal(count, cut_cases[i].count);
			break;
		}
		assert_int_equal(cut_cases[i].cuts[step], LOGIN_CUT_MORE);
	}
}

static void
test_too_long(void **state)
{
	static char line[LINE_BYTES_MAX_PRELOGIN + 1];
	struct login_scan scan = { 0 };
	size_t count;

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_int_equal(
	    login_cut_command(
		(struct str){ line, sizeof(line) - 1 }, &scan, &count),
	    LOGIN_CUT_MORE);
	assert_int_equal(login_cut_command(
			     (struct str){ line, sizeof(line) }, &scan, &count),
	    LOGIN_CUT_LOST);
	assert_int_equal(
	    login_cut_line((struct str){ line, sizeof(line) }, &count),
	    LOGIN_CUT_LOST);
}

/* -- taking apart ------------------------------------------------------- */

static struct login_command
parse(const char *text, char **ret_bytes)
{
	struct login_command command;
	size_t count = strlen(text);

	*ret_bytes = mem_copy(text, count);
	login_parse_command(*ret_bytes, count, &command);
	return command;
}

static void
test_login(void **state)
{
	static const char *const cases[] = {
		"t login u p\r\n",
		"t LOGIN \"u\" \"p\"\r\n",
		"t LoGiN {1}\r\nu {1+}\r\np\r\n",
		"t LOGIN \"u\" {1}\r\np\r\n",
	};
	struct login_command c;
	char *bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = parse(cases[i], &bytes);
		assert_int_equal(c.verb, LOGIN_VERB_LOGIN);
		assert_true(str_eq(c.tag, STR("t")));
		assert_true(str_eq(c.user, STR("u")));
		assert_true(str_eq(c.secret, STR("p")));
		mem_free(bytes);
	}
	c = parse("t LOGIN u \"a\\\"b\\\\c\"\r\n", &bytes);
	assert_true(str_eq(c.secret, STR("a\"b\\c")));
	mem_free(bytes);
	c = parse("t LOGIN \"\" \"\"\r\n", &bytes);
	assert_int_equal(c.verb, LOGIN_VERB_LOGIN);
	assert_int_equal(c.user.n + c.secret.n, 0);
	mem_free(bytes);
}

static void
test_authenticate(void **state)
{
	struct login_command c;
	char *bytes;

	(void)state;
	c = parse("t AUTHENTICATE PLAIN\r\n", &bytes);
	assert_int_equal(c.verb, LOGIN_VERB_AUTHENTICATE);
	assert_true(str_eq(c.mechanism, STR("PLAIN")));
	assert_null(c.secret.p);
	mem_free(bytes);
	c = parse("t authenticate SCRAM-SHA-256 =\r\n", &bytes);
	assert_true(str_eq(c.secret, STR("=")));
	mem_free(bytes);
}

static void
test_id(void **state)
{
	struct login_command c;
	char *bytes;

	(void)state;
	c = parse("t ID NIL\r\n", &bytes);
	assert_int_equal(c.verb, LOGIN_VERB_ID);
	assert_int_equal(c.id_count, 0);
	mem_free(bytes);
	c = parse("t ID ()\r\n", &bytes);
	assert_int_equal(c.verb, LOGIN_VERB_ID);
	mem_free(bytes);
	c = parse("t ID (\"name\" \"x\" \"os\" NIL)\r\n", &bytes);
	assert_int_equal(c.id_count, 2);
	assert_true(str_eq(c.id[0].value, STR("x")));
	assert_null(c.id[1].value.p);
	mem_free(bytes);
}

static void
test_malformed(void **state)
{
	static const char *const cases[] = { "\r\n", " \r\n", "a\r\n", "a \r\n",
		"+a NOOP\r\n", "a+b NOOP\r\n", "a  NOOP\r\n", "a NOOP \r\n",
		"a NOOP x\r\n", "a LOGIN\r\n", "a LOGIN u\r\n",
		"a LOGIN u p q\r\n", "a LOGIN u  p\r\n", "a LOGIN \"u p\r\n",
		"a LOGIN \"u\\x\" p\r\n", "a LOGIN (u) p\r\n",
		"a LOGIN {9}\r\nu p\r\n", "a ID\r\n", "a ID (\r\n",
		"a ID (\"x\")\r\n", "a ID (x \"y\")\r\n",
		"a ID (\"x\" \"y\"\r\n", "a AUTHENTICATE\r\n",
		"a AUTHENTICATE PLAIN a b\r\n", "a STARTTLS now\r\n",
		"\xff NOOP\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *bytes;
		struct login_command c = parse(cases[i], &bytes);

		if (c.verb != LOGIN_VERB_NONE)
			print_error("accepted: %s", cases[i]);
		assert_int_equal(c.verb, LOGIN_VERB_NONE);
		assert_non_null(c.wrong);
		mem_free(bytes);
	}
}

/* No prefix is taken for the whole, or read beyond. */
static void
test_prefixes(void **state)
{
	static const char text[] =
	    "t ID (\"name\" {1+}\r\nx \"os\" NIL \"v\" \"\\\"\")\r\n";

	(void)state;
	for (size_t n = 2; n < sizeof(text) - 1; n++) {
		struct login_command c;
		char *bytes = mem_copy(text, n);

		login_parse_command(bytes, n, &c);
		assert_int_equal(c.verb, LOGIN_VERB_NONE);
		mem_free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_bytewise),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_authenticate),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
