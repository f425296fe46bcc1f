/* SPDX-License-Identifier: MIT
 *
 * auth/bearer: what clients with a token send (RFC 7628 section 4), and what
 * they must not.
 */
#include "auth/bearer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define S "\1"

static const struct {
	enum bearer_kind kind;
	const char *message;
	const char *user; /* NULL: refused */
	const char *token;
} cases[] = {
	{ BEARER_OAUTHBEARER,
	    "n,a=user@example.com," S "host=server.example.com" S "port=143" S
	    "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" S S,
	    "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" },
	{ BEARER_OAUTHBEARER, "n,," S "auth=Bearer x" S S, "", "x" },
	{ BEARER_OAUTHBEARER, "y,," S "auth=bearer  x " S S, "", "x" },
	{ BEARER_OAUTHBEARER, "n,a=a=2Cb=3Dc," S "auth=Bearer x" S S, "a,b=c",
	    "x" },
	{ BEARER_OAUTHBEARER, "n,a=a=2Xb," S "auth=Bearer x" S S, NULL, "" },
	{ BEARER_OAUTHBEARER, "n,a=a=," S "auth=Bearer x" S S, NULL, "" },
	{ BEARER_OAUTHBEARER, "p=tls-exporter,," S "auth=Bearer x" S S, NULL,
	    "" },
	{ BEARER_OAUTHBEARER, "n,b=x," S "auth=Bearer x" S S, NULL, "" },
	{ BEARER_OAUTHBEARER, "n,,x" S "auth=Bearer x" S S, NULL, "" },
	{ BEARER_OAUTHBEARER, "n,," S "auth=Basic x" S S, NULL, "" },
	{ BEARER_OAUTHBEARER, "n,," S "auth=Bearer " S S, NULL, "" },
	{ BEARER_OAUTHBEARER, "n,," S "auth=Bearer x" S, NULL, "" },
	{ BEARER_OAUTHBEARER, "n,," S "auth=Bearer x" S S "y", NULL, "" },
	{ BEARER_OAUTHBEARER, "n,," S S, NULL, "" },
	{ BEARER_OAUTHBEARER, S, NULL, "" },
	{ BEARER_OAUTHBEARER, "", NULL, "" },
	{ BEARER_XOAUTH2,
	    "user=someuser@example.com" S "auth=Bearer ya29.x" S S,
	    "someuser@example.com", "ya29.x" },
	{ BEARER_XOAUTH2, "user=" S "auth=Bearer x" S S, "", "x" },
	{ BEARER_XOAUTH2, "auth=Bearer x" S S, NULL, "" },
	{ BEARER_XOAUTH2, "user=a" S "auth=Bearer x", NULL, "" },
	{ BEARER_XOAUTH2, "user=a", NULL, "" },
	{ BEARER_XOAUTH2, "n,," S "auth=Bearer x" S S, NULL, "" },
};

static void
test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str message = str_of(cases[i].message), token = { 0 };
		struct buf user;
		bool fine;

		buf_init(&user, 100);
		fine = bearer_parse(cases[i].kind, message, &user, &token);
		if (fine != (cases[i].user != NULL) ||
		    !str_eq(buf_str(&user), str_of(cases[i].user)) ||
		    !str_eq(token, str_of(cases[i].token)))
			fail_msg("case %zu: %.*s, %.*s", i,
			    STR_ARG(buf_str(&user)), STR_ARG(token));
		/* No prefix of one is one. */
		for (size_t n = 0; fine && n < message.n; n++) {
			buf_clear(&user);
			assert_false(bearer_parse(cases[i].kind,
			    str_head(message, n), &user, &token));
			assert_int_equal(user.n, 0);
		}
		buf_fini(&user);
	}
}

static void
test_long_name(void **state)
{
	struct str token;
	struct buf user;

	(void)state;
	buf_init(&user, 3);
	assert_false(bearer_parse(BEARER_XOAUTH2,
	    STR("user=abcd" S "auth=Bearer x" S S), &user, &token));
	buf_clear(&user);
	assert_false(bearer_parse(BEARER_OAUTHBEARER,
	    STR("n,a=abcd," S "auth=Bearer x" S S), &user, &token));
	buf_fini(&user);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
