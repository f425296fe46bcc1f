/* SPDX-License-Identifier: MIT
 *
 * A connection that looks at its own output: all that is queued is shown to the
 * check, and the process ends with what it refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output_check.h"
#include "net/conn.h"

#define EXIT_SKIPPED 77 /* meson's */

#ifdef AVOCET_CHECK_OUTPUT
struct seen {
	struct output_check base;
	struct buf text; /* of stored octets "<count>" */
	bool freed;
};

static bool
see_text(struct output_check *o, struct str octets)
{
	struct seen *s = (struct seen *)o;

	buf_add_str(&s->text, octets);
	return !str_eq(octets, STR("bad"));
}

static bool
see_stored(struct output_check *o, uint64_t count)
{
	struct seen *s = (struct seen *)o;

	buf_add_byte(&s->text, '<');
	buf_add_number(&s->text, count);
	buf_add_byte(&s->text, '>');
	return count != 666;
}

static void
explain(const struct output_check *o, struct buf *to)
{
	(void)o;
	buf_add_text(to, "expected something else");
}

static void
see_end(struct output_check *o)
{
	struct seen *s = (struct seen *)o;

	s->freed = true;
}

static void
release(struct out_source *s)
{
	(void)s;
}

static struct conn *
conn_seen_by(struct poll *p, struct seen *s)
{
	struct conn *c = conn_new(p, dup(STDIN_FILENO), NULL, 0);

	*s =
	    (struct seen){ .base = { see_text, see_stored, explain, see_end } };
	buf_init(&s->text, 1000);
	conn_check_output(c, &s->base);
	return c;
}

static void
test_all_is_shown(void **state)
{
	struct out_source source = { .release = release };
	struct poll *p = poll_new(1);
	struct seen s;
	struct conn *c = conn_seen_by(p, &s);

	(void)state;
	conn_out(c, STR("one "));
	conn_out_source(c, &source, 5, 0);
	conn_out_source(c, &source, 5, 12);
	conn_out(c, STR(" two"));
	assert_true(str_eq(buf_str(&s.text), STR("one <0><12> two")));
	assert_false(s.freed);
	conn_free(c);
	assert_true(s.freed);
	buf_fini(&s.text);
	poll_free(p);
}

/* In a process of its own: queue ${text} and ${count} stored octets.  The signal
 * that ended it. */
static int
end_of(struct str text, uint64_t count)
{
	struct out_source source = { .release = release };
	struct poll *p = poll_new(1);
	struct seen s;
	struct conn *c = conn_seen_by(p, &s);
	pid_t child = fork();
	int status;

	if (child == 0) {
		conn_out(c, text);
		conn_out_source(c, &source, 0, count);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	conn_free(c);
	buf_fini(&s.text);
	poll_free(p);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_what_is_refused_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(end_of(STR("good"), 665), 0);
	assert_int_equal(end_of(STR("bad"), 1), SIGABRT);
	assert_int_equal(end_of(STR("good"), 666), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_shown),
		cmocka_unit_test(test_what_is_refused_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int
main(void)
{
	return EXIT_SKIPPED;
}
#endif
