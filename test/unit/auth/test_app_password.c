/* SPDX-License-Identifier: MIT
 *
 * auth/app_password: what is made lets itself in, however it is typed, and
 * nothing else does.
 */
#include "auth/app_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

struct made {
	char text[APP_PASSWORD_TEXT_BYTES + 1];
	unsigned char bytes[APP_PASSWORD_SECRET_BYTES];
	struct str secret;
};

static void
make(struct made *m)
{
	assert_true(app_password_make(m->text, m->bytes));
	m->secret = (struct str){ (char *)m->bytes, sizeof(m->bytes) };
}

static void
test_form(void **state)
{
	struct made m, other;

	(void)state;
	make(&m);
	make(&other);
	assert_int_equal(strlen(m.text), 34);
	for (size_t i = 0; i < 34; i++)
		assert_int_equal(m.text[i] == '-', i % 5 == 4);
	assert_string_not_equal(m.text, other.text);
	assert_memory_not_equal(m.bytes, other.bytes, sizeof(m.bytes));
}

static void
test_typed(void **state)
{
	char typed[64];
	struct made m, other;
	size_t n = 0;

	(void)state;
	make(&m);
	make(&other);
	assert_true(app_password_verify(m.secret, str_of(m.text)));
	assert_false(app_password_verify(other.secret, str_of(m.text)));
	for (size_t i = 0; m.text[i] != '\0'; i++)
		if (m.text[i] != '-')
			typed[n++] = str_upper(m.text[i]);
	assert_true(app_password_verify(m.secret, (struct str){ typed, n }));
	assert_false(
	    app_password_verify(m.secret, (struct str){ typed, n - 1 }));
	typed[n] = 'a';
	assert_false(
	    app_password_verify(m.secret, (struct str){ typed, n + 1 }));
	for (size_t i = 0; i < n; i++) {
		char right = typed[i];

		typed[i] = right == 'A' ? 'B' : 'A';
		assert_false(
		    app_password_verify(m.secret, (struct str){ typed, n }));
		typed[i] = '\0';
		assert_false(
		    app_password_verify(m.secret, (struct str){ typed, n }));
		typed[i] = right;
	}
}

static void
test_nothing(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	assert_false(app_password_verify(m.secret, STR("")));
	assert_false(app_password_verify(m.secret, STR("----")));
	assert_false(app_password_verify(STR(""), str_of(m.text)));
	for (size_t n = 0; n < m.secret.n; n++)
		assert_false(
		    app_password_verify(str_head(m.secret, n), str_of(m.text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
