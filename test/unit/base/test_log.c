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
#include <sys/socket.h>
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

/* More than a pipe or socket holds, with nobody reading; then the reader is
 * back. */
static void
stall(int read_end, int write_end)
{
	static char bytes[4 * 1024 * 1024];
	ssize_t count, total = 0;
	struct str out;

	log_setup(write_end, LOG_INFO);
	for (int i = 0; i < 20000; i++)
		log_event(LOG_INFO, "many", "number=%d", i);
	while ((count = read(read_end, bytes + total,
		    sizeof(bytes) - (size_t)total)) > 0)
		total += count;
	out = (struct str){ bytes, (size_t)total };
	assert_true(holds(out, "number=0\n"));
	assert_false(holds(out, "number=19999\n"));
	assert_false(holds(out, "log-lost"));
	log_event(LOG_INFO, "back", "a=%d", 1);
	count = read(read_end, bytes, sizeof(bytes));
	out = (struct str){ bytes, count > 0 ? (size_t)count : 0 };
	assert_true(holds(out, "level=warn event=log-lost lines="));
	log_event(LOG_INFO, "back", "a=%d", 2);
	count = read(read_end, bytes, sizeof(bytes));
	out = (struct str){ bytes, count > 0 ? (size_t)count : 0 };
	assert_true(holds(out, "event=back a=2\n"));
	assert_false(holds(out, "log-lost"));
	log_setup(ends[1], LOG_INFO);
}

static void
test_stalled_pipe(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(pipe2(pair, 0), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	stall(pair[0], pair[1]);
	assert_int_equal(fcntl(pair[1], F_GETFL) & O_NONBLOCK, 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
test_stalled_socket(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	stall(pair[0], pair[1]);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_stalled_pipe),
		cmocka_unit_test(test_stalled_socket),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
