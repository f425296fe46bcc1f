/* SPDX-License-Identifier: MIT
 *
 * Presence: how a client that says what it is called is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "net/presence.h"

static void
test_client_text(void **state)
{
	static const struct {
		struct str name;
		struct str version;
		const char *want;
	} cases[] = {
		{ { "", 0 }, { "1.0", 3 }, NULL },
		{ { NULL, 0 }, { NULL, 0 }, NULL },
		{ { "Mail", 4 }, { "", 0 }, "Mail" },
		{ { "Mail", 4 }, { "1.0", 3 }, "Mail 1.0" },
		{ { "a\0b\x1b\x7f\xc3\xa4~ ", 9 }, { "\r\n", 2 },
		    "a?b????~  ??" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text =
		    presence_client_text(cases[i].name, cases[i].version);

		if (cases[i].want == NULL) {
			assert_null(text);
			continue;
		}
		assert_non_null(text);
		assert_string_equal(text, cases[i].want);
		mem_free(text);
	}
}

static void
test_long_client_text(void **state)
{
	char bytes[PRESENCE_CLIENT_BYTES + 1];
	struct str s = { bytes, sizeof(bytes) };
	char *text;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	text = presence_client_text(s, s);
	assert_int_equal(strlen(text), 2 * PRESENCE_CLIENT_BYTES + 1);
	assert_int_equal(text[PRESENCE_CLIENT_BYTES], ' ');
	mem_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_text),
		cmocka_unit_test(test_long_client_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
