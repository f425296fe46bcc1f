/* SPDX-License-Identifier: MIT
 *
 * auth/passwd_file: lines, finding without case, changes of the file, and what
 * lets nobody in.
 */
#include "auth/passwd_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/credentials.h"
#include "base/clock.h"
#include "base/limits.h"

static const struct {
	const char *line;
	const char *name;
	const char *hash;
	bool fine;
} lines[] = {
	{ "ann:{PLAIN}x", "ann", "{PLAIN}x", true },
	{ "ann:{PLAIN}x:1000:1000:Ann:/home/ann:/bin/sh:userdb_quota=1G", "ann",
	    "{PLAIN}x", true },
	{ "ann:{PLAIN}x\r\n", "ann", "{PLAIN}x", true },
	{ "ann", "ann", "", true },
	{ "ann:", "ann", "", true },
	{ "", "", "", true },
	{ "   ", "", "", true },
	{ "# ann:x", "", "", true },
	{ ":{PLAIN}x", "", "", false },
	{ "\xff:{PLAIN}x", "", "", false },
	{ "ann:{PLAIN}x::::::nologin", "ann", "{PLAIN}x", false },
	{ "ann:{PLAIN}x::::::a=b nopassword=y", "ann", "{PLAIN}x", false },
	{ "ann:{PLAIN}x::::::allow_nets=10.0.0.0/8 x", "ann", "{PLAIN}x",
	    false },
	{ "ann:{PLAIN}x::::::Allow_Nets=10.0.0.0/8", "ann", "{PLAIN}x", false },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct str name, hash;
		const char *why =
		    passwd_file_parse_line(str_of(lines[i].line), &name, &hash);

		if ((why == NULL) != lines[i].fine ||
		    !str_eq(name, str_of(lines[i].name)) ||
		    !str_eq(hash, str_of(lines[i].hash)))
			fail_msg("case %zu: %.*s %.*s %s", i, STR_ARG(name),
			    STR_ARG(hash), why);
	}
}

struct fixture {
	char path[64];
	struct passwd_file *file;
};

static void
write_file(struct fixture *f, const char *text)
{
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	assert_int_equal(fputs(text, out) < 0, 0);
	assert_int_equal(fclose(out), 0);
}

static void
begin(struct fixture *f, const char *text)
{
	int fd;

	clock_fake(1000, 1000);
	(void)snprintf(f->path, sizeof(f->path), "/tmp/passwd-file-XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	(void)close(fd);
	write_file(f, text);
	assert_int_equal(passwd_file_open(f->path, &f->file), RC_OK);
}

static void
end(struct fixture *f)
{
	passwd_file_close(f->file);
	(void)unlink(f->path);
}

/* ${password} lets ${name} in, who is then called ${canonical}; NULL: nobody
 * is. */
static void
expect(struct fixture *f, const char *name, const char *canonical,
    const char *password)
{
	struct arena *a = arena_new(LOGIN_ARENA_BYTES_MAX);
	struct str found = { 0 }, packed = { 0 };
	enum rc rc =
	    passwd_file_find(f->file, str_of(name), a, &found, &packed);
	struct credentials c;

	assert_int_equal(rc, canonical == NULL ? RC_NOTFOUND : RC_OK);
	if (canonical != NULL)
		assert_true(str_eq(found, str_of(canonical)));
	if (password == NULL) {
		assert_int_equal(packed.n, 0);
	} else {
		assert_int_equal(credentials_unpack(packed, &c), RC_OK);
		assert_true(credentials_verify(&c, str_of(password)));
		assert_false(credentials_verify(&c, STR("other")));
	}
	arena_free(a);
}

static void
test_find(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "# users\nAnn:{PLAIN}one\nbob@x.example:{PLAIN}two:::\n"
		  "ann:{PLAIN}three\ncarl:{NTLM}four\ndora\n"
		  "evil:{PLAIN}x::::::nopassword\n:{PLAIN}y\nlast:{PLAIN}z");
	expect(&f, "ann", "Ann", "one"); /* the first line counts */
	expect(&f, "ANN", "Ann", "one");
	expect(&f, "BOB@X.example", "bob@x.example", "two");
	expect(&f, "bob", NULL, NULL);
	expect(&f, "", NULL, NULL);
	expect(&f, "carl", "carl", NULL);
	expect(&f, "dora", "dora", NULL);
	expect(&f, "evil", "evil", NULL);
	expect(&f, "last", "last", "z");
	end(&f);
}

static void
test_changes(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "ann:{PLAIN}one\n");
	write_file(&f, "ann:{PLAIN}two\nbob:{PLAIN}three\n");
	expect(&f, "ann", "ann", "one"); /* looked at just now */
	clock_fake(1000 + WATCHED_REST_MS, 1001);
	expect(&f, "ann", "ann", "two");
	expect(&f, "bob", "bob", "three");
	/* What cannot be read changes nothing. */
	assert_int_equal(unlink(f.path), 0);
	clock_fake(1000 + 2 * WATCHED_REST_MS, 1002);
	expect(&f, "ann", "ann", "two");
	write_file(&f, "bob:{PLAIN}four\n");
	clock_fake(1000 + 3 * WATCHED_REST_MS, 1003);
	expect(&f, "ann", NULL, NULL);
	expect(&f, "bob", "bob", "four");
	end(&f);
}

static void
test_cannot_be_read(void **state)
{
	struct passwd_file *file;

	(void)state;
	assert_int_equal(passwd_file_open("/nowhere/users", &file), RC_IO);
	assert_int_equal(passwd_file_open("/tmp", &file), RC_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
