/* SPDX-License-Identifier: MIT
 *
 * base/log: one line, escaped, never longer than its maximum.
 */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

static int ends[2];

/* What came out since the last call. */
static struct str
logged(void)
{
	static char bytes[8192];
	ssize_t count = read(ends[0], bytes, sizeof(bytes));

	return (struct str){ bytes, count > 0 ? (size_t)count : 0 };
}

static bool
holds(struct str line, const char *text)
{
	return memmem(line.p, line.n, text, strlen(text)) != NULL;
}

static int
set_up(void **state)
{
	(void)state;
	if (pipe2(ends, O_NONBLOCK) != 0)
		return -1;
	log_setup(ends[1], LOG_INFO);
	return 0;
}

static void
test_escapes(void **state)
{
	struct log_line line;
	struct str out;

	(void)state;
	log_begin(&line, LOG_WARN, "event-name");
	log_text(&line, "plain", "word");
	log_text(&line, "empty", "");
	log_text(&line, "spaced", "two words");
	log_str(&line, "evil", STR("a\"b\\c\r\nlevel=x\0\x7f\xc3\xa4"));
	log_number(&line, "number", 42);
	log_end(&line);
	out = logged();
	assert_true(str_begins(out, STR("time=")));
	assert_true(
	    holds(out, " level=warn event=event-name plain=word "
		       "empty=\"\" spaced=\"two words\" evil=\""
		       "a\\\"b\\\\c\\x0d\\x0alevel=x\\x00\\x7f\\xc3\\xa4"
		       "\" number=42\n"));
	assert_int_equal(str_find(out, '\n'), out.n - 1);
}

static void
test_levels(void **state)
{
	(void)state;
	log_event(LOG_DEBUG, "quiet", "a=%d", 1);
	assert_int_equal(logged().n, 0);
	log_event(LOG_INFO, "loud", "a=%d", 1);
	assert_true(holds(logged(), "level=info event=loud a=1\n"));
}

static void
test_long(void **state)
{
	struct log_line line;
	char text[3 * LOG_LINE_BYTES_MAX];
	struct str out;

	(void)state;
	memset(text, '\n', sizeof(text));
	log_begin(&line, LOG_ERROR, "long");
	for (int i = 0; i < 5; i++)
		log_str(&line, "text", (struct str){ text, sizeof(text) });
	log_end(&line);
	out = logged();
	assert_int_equal(out.n, LOG_LINE_BYTES_MAX);
	assert_int_equal(str_find(out, '\n'), out.n - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
