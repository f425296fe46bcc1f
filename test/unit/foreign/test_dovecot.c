/* SPDX-License-Identifier: MIT
 *
 * Dovecot's files, line by line, and lines of files at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "foreign/dovecot.h"
#include "foreign/lines.h"

static void
test_uidlist(void **state)
{
	static const struct {
		const char *line;
		uint32_t uidvalidity, uidnext;
	} cases[] = {
		{ "3 V1275660208 N25022 G3085f01b7f11", 1275660208, 25022 },
		{ "3 V7", 7, 0 },
		{ "1 1173189136 20", 1173189136, 20 },
		{ "1 1173189136", 0, 0 },
		{ "3 N5", 0, 0 },
		{ "3 V99999999999 N5", 0, 0 },
		{ "3 V1 N-5", 0, 0 },
		{ "2 V1 N5", 0, 0 },
		{ "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dovecot_uidlist u = { 0 };

		assert_int_equal(
		    dovecot_uidlist_parse(str_of(cases[i].line), &u),
		    cases[i].uidvalidity != 0);
		assert_int_equal(u.uidvalidity, cases[i].uidvalidity);
		assert_int_equal(u.uidnext, cases[i].uidnext);
	}
}

static void
test_uid(void **state)
{
	static const struct {
		const char *line;
		uint32_t uid;
		const char *base;
	} cases[] = {
		{ "25 :1276528487.M3P9.kurkku,S=1355:2,S", 25,
		    "1276528487.M3P9.kurkku,S=1355" },
		{ "26 W2481 X4 :12.a b", 26, "12.a b" },
		{ "27 12.a:2,", 27, "12.a" }, /* version 1 */
		{ "0 :a", 0, "" },
		{ "x :a", 0, "" },
		{ "4294967296 :a", 0, "" },
		{ "5 :", 0, "" },
		{ "5", 0, "" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t uid = 0;
		struct str base = { 0 };

		assert_int_equal(
		    dovecot_uid_parse(str_of(cases[i].line), &uid, &base),
		    cases[i].uid != 0);
		assert_int_equal(uid, cases[i].uid);
		assert_true(str_eq(base, str_of(cases[i].base)));
	}
}

static void
test_keyword(void **state)
{
	struct str name;
	unsigned place;

	(void)state;
	assert_true(dovecot_keyword_parse(STR("25 $Forwarded"), &place, &name));
	assert_int_equal(place, 25);
	assert_true(str_eq(name, STR("$Forwarded")));
	assert_false(dovecot_keyword_parse(STR("26 a"), &place, &name));
	assert_false(dovecot_keyword_parse(STR("1 "), &place, &name));
	assert_false(dovecot_keyword_parse(STR("a"), &place, &name));
	assert_false(dovecot_keyword_parse(STR(""), &place, &name));
}

static void
expect_names(const char *const *lines, char separator, const char *want)
{
	struct dovecot_subscriptions s = { .separator = separator };
	struct buf to;

	buf_init(&to, 1000);
	for (; *lines != NULL; lines++)
		if (dovecot_subscription_parse(&s, str_of(*lines), &to))
			buf_add_byte(&to, ';');
	assert_true(str_eq(buf_str(&to), str_of(want)));
	buf_fini(&to);
}

static void
test_subscriptions(void **state)
{
	static const char *const second[] = { "V\t2", "", "Lists\tCaf&AOk-",
		"a.b", NULL };
	static const char *const first[] = { "INBOX", "Lists.Caf&AOk-", "",
		"\xff", NULL };

	(void)state;
	expect_names(second, '.', "Lists/Caf\u00e9;a.b;");
	expect_names(first, '.', "INBOX;Lists/Caf\u00e9;");
	expect_names(first, '/', "INBOX;Lists.Caf\u00e9;");
}

/* A file with these bytes. */
static int
make_file(const char *bytes, size_t size)
{
	char path[] = "/tmp/avocet-lines-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_true(write(fd, bytes, size) == (ssize_t)size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void
test_lines(void **state)
{
	size_t size = 3 * LINES_BYTES_MAX;
	char *text = mem_array(size + 20, 1);
	struct lines l;
	struct str line;

	(void)state;
	memset(text, 'x', size);
	memcpy(text, "one\n\n", 5);
	memcpy(text + size, "\nafter\nend", 10);
	lines_init(&l, make_file(text, size + 10));
	assert_int_equal(lines_next(&l, &line), RC_OK);
	assert_true(str_eq(line, STR("one")));
	assert_int_equal(lines_next(&l, &line), RC_OK);
	assert_int_equal(line.n, 0);
	assert_int_equal(lines_next(&l, &line), RC_OK);
	assert_true(str_eq(line, STR("after")));
	assert_int_equal(l.too_long, 1);
	assert_int_equal(lines_next(&l, &line), RC_OK);
	assert_true(str_eq(line, STR("end")));
	assert_int_equal(lines_next(&l, &line), RC_EOF);
	lines_fini(&l);
	/* One that never ends, and one that just fits. */
	memset(text, 'x', size);
	lines_init(&l, make_file(text, size));
	assert_int_equal(lines_next(&l, &line), RC_EOF);
	lines_fini(&l);
	lines_init(&l, make_file(text, LINES_BYTES_MAX));
	assert_int_equal(lines_next(&l, &line), RC_OK);
	assert_int_equal(line.n, LINES_BYTES_MAX);
	lines_fini(&l);
	lines_init(&l, open("/tmp", O_RDONLY | O_DIRECTORY));
	assert_int_equal(lines_next(&l, &line), RC_IO);
	lines_fini(&l);
	mem_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uidlist),
		cmocka_unit_test(test_uid),
		cmocka_unit_test(test_keyword),
		cmocka_unit_test(test_subscriptions),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
