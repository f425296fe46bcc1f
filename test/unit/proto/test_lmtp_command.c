/* SPDX-License-Identifier: MIT
 *
 * LMTP command lines: good ones, bad ones, and every prefix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/lmtp/command.h"

static struct str
local_of(const struct lmtp_command *m)
{
	return (struct str){ .p = m->path.local, .n = m->path.local_size };
}

static void
test_paths(void **state)
{
	static const struct {
		const char *line, *text, *local, *domain;
	} cases[] = {
		{ "RCPT TO:<a>", "a", "a", "" },
		{ "rcpt to:<a@b.example>", "a@b.example", "a", "b.example" },
		{ "RCPT TO:<a.b+c@[127.0.0.1]>  ", "a.b+c@[127.0.0.1]", "a.b+c",
		    "[127.0.0.1]" },
		{ "RCPT TO:<@x,@y.z:a@b>", "a@b", "a", "b" },
		{ "RCPT TO:<\"a b\"@c>", "\"a b\"@c", "a b", "c" },
		{ "RCPT TO:<\"a\\\"\\\\b\">", "\"a\\\"\\\\b\"", "a\"\\b", "" },
		{ "RCPT TO:<\"\">", "\"\"", "", "" },
		{ "RCPT TO:<\"\"@d>", "\"\"@d", "", "d" },
		{ "RCPT TO:<\"a>b\"@d>", "\"a>b\"@d", "a>b", "d" },
		{ "RCPT TO:<\xc3\xa9@\xc3\xa9.fr>", "\xc3\xa9@\xc3\xa9.fr",
		    "\xc3\xa9", "\xc3\xa9.fr" },
		{ "RCPT TO:<\"\xc3\xa9\"@d>", "\"\xc3\xa9\"@d", "\xc3\xa9",
		    "d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lmtp_command m;
		enum lmtp_fault fault;

		if (!lmtp_parse_command(
			str_of(cases[i].line), false, &m, &fault))
			fail_msg("refused: %s", cases[i].line);
		assert_int_equal(m.verb, LMTP_RCPT);
		assert_true(str_eq(m.path.text, str_of(cases[i].text)));
		assert_true(str_eq(local_of(&m), str_of(cases[i].local)));
		assert_true(str_eq(m.path.domain, str_of(cases[i].domain)));
	}
}

static void
test_refused(void **state)
{
	const struct {
		struct str line;
		enum lmtp_fault fault;
	} cases[] = {
		{ STR(""), LMTP_FAULT_VERB },
		{ STR("NONSENSE"), LMTP_FAULT_VERB },
		{ STR(" LHLO x"), LMTP_FAULT_VERB },
		{ STR("LHLO\tx"), LMTP_FAULT_VERB },
		{ STR("LHLO"), LMTP_FAULT_ARGUMENT },
		{ STR("DATA x"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM: <a@b>"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:a@b"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:<a@b"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:<a@b>SIZE=1"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:<a@b> SIZE="), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:<a@b> SIZE=-1"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:<a@b> BODY=BINARYMIME"), LMTP_FAULT_ARGUMENT },
		{ STR("MAIL FROM:<a@b>  SIZE=1"), LMTP_FAULT_PARAMETER },
		{ STR("MAIL FROM:<a@b> RET=FULL"), LMTP_FAULT_PARAMETER },
		{ STR("RCPT TO:<>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<a@b> ORCPT=rfc822;a+0D"),
		    LMTP_FAULT_PARAMETER },
		{ STR("RCPT TO:<a..b@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<.a@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<a@>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<a@-b>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<a@b@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<a b@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<a@b\0c>"), LMTP_FAULT_VERB },
		{ STR("RCPT TO:<\"a\0b\"@c>"), LMTP_FAULT_VERB },
		{ STR("RCPT TO:<\"a\nb\"@c>"), LMTP_FAULT_VERB },
		{ STR("RCPT TO:<\"a\\\r\"@c>"), LMTP_FAULT_VERB },
		{ STR("RCPT TO:<\xff@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<\xc3@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<\"\xc3\"@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("RCPT TO:<\"\\\xc3\xa9\"@c>"), LMTP_FAULT_ARGUMENT },
		{ STR("BDAT"), LMTP_FAULT_ARGUMENT },
		{ STR("BDAT -1"), LMTP_FAULT_ARGUMENT },
		{ STR("BDAT +1"), LMTP_FAULT_ARGUMENT },
		{ STR("BDAT 1 LASTX"), LMTP_FAULT_ARGUMENT },
		{ STR("BDAT 1 FIRST"), LMTP_FAULT_ARGUMENT },
		{ STR("BDAT LAST"), LMTP_FAULT_ARGUMENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lmtp_command m;
		enum lmtp_fault fault;

		if (lmtp_parse_command(cases[i].line, false, &m, &fault))
			fail_msg("taken: %s", cases[i].line.p);
		if (fault != cases[i].fault)
			fail_msg("%s: fault %d, not %d", cases[i].line.p,
			    (int)fault, (int)cases[i].fault);
	}
}

static struct lmtp_command
parse(const char *line)
{
	struct lmtp_command m;
	enum lmtp_fault fault;

	if (!lmtp_parse_command(str_of(line), false, &m, &fault))
		fail_msg("refused: %s", line);
	return m;
}

static void
test_parameters(void **state)
{
	struct lmtp_command m;

	(void)state;
	m = parse("MAIL FROM:<> SIZE=12345 BODY=8bitmime smtputf8");
	assert_int_equal(m.path.text.n, 0);
	assert_int_equal(m.size, 12345);
	assert_true(m.smtputf8);
	m = parse("MAIL FROM:<a@b>");
	assert_int_equal(m.size, 0);
	assert_false(m.smtputf8);
	m = parse("BDAT 0 LAST");
	assert_true(m.last);
	assert_int_equal(m.size, 0);
	m = parse("bdat 86 last");
	assert_true(m.last);
	assert_int_equal(m.size, 86);
	m = parse("BDAT 99999999999999999999999999");
	assert_true(m.size == UINT64_MAX);
	assert_true(str_eq(parse("LHLO host x").argument, STR("host x")));
}

/* Each prefix, at the end of its own allocation, is refused or means less, and
 * reads nothing beyond. */
static void
test_prefixes(void **state)
{
	static const char line[] = "RCPT TO:<@x:\"a\\\"b\xc3\xa9\"@c.example>";

	(void)state;
	for (size_t n = 0; n < sizeof(line) - 1; n++) {
		char *copy = malloc(n + 1);
		struct lmtp_command m;
		enum lmtp_fault fault;

		assert_non_null(copy);
		memcpy(copy + 1, line, n);
		assert_false(lmtp_parse_command(
		    (struct str){ .p = copy + 1, .n = n }, false, &m, &fault));
		free(copy);
	}
}

/* What is taken only when asked to. */
static void
test_lenient(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "MAIL FROM:a@b.example", "a@b.example" },
		{ "MAIL FROM: <a@b.example>", "a@b.example" },
		{ "MAIL FROM:   a SIZE=7", "a" },
		{ "MAIL FROM: <>", "" },
		{ "MAIL FROM:\"a b\"@c BODY=7BIT", "\"a b\"@c" },
		{ "RCPT TO:a", "a" },
		{ "RCPT TO: <a@b>", "a@b" },
	};
	static const char *const bad[] = { "MAIL FROM:", "MAIL FROM: ",
		"MAIL FROM:a@", "MAIL FROM:a@b>", "MAIL FROM:<a@b",
		"MAIL FROM:a b", "RCPT TO:", "RCPT TO: <>", "RCPT TO:a,b",
		"RCPT TO:a SIZE=1" };
	struct lmtp_command m;
	enum lmtp_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str line = str_of(cases[i].line);

		assert_false(lmtp_parse_command(line, false, &m, &fault));
		if (!lmtp_parse_command(line, true, &m, &fault))
			fail_msg("refused: %s", cases[i].line);
		assert_true(str_eq(m.path.text, str_of(cases[i].text)));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (lmtp_parse_command(str_of(bad[i]), true, &m, &fault))
			fail_msg("taken: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_lenient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
