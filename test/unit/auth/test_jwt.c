/* SPDX-License-Identifier: MIT
 *
 * auth/jwt: tokens that are good, and everything that makes one no good: other
 * algorithms, keys, claims, times, and bytes that are no token.
 */
#include "auth/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/jwt_keys.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tokens.h"

#define NOW 1700000000
#define CLAIMS \
	"\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"mail\",\"exp\":1700000600"
#define GOOD "{" CLAIMS ",\"email\":\"ann@example.org\"}"

static int
setup(void **state)
{
	static struct tokens t;

	clock_fake(1000, NOW);
	tokens_init(&t);
	*state = &t;
	return 0;
}

static int
teardown(void **state)
{
	tokens_fini(*state);
	clock_fake(0, 0);
	return 0;
}

static struct jwt *
open_keys(struct tokens *t)
{
	struct jwt *j;

	assert_int_equal(jwt_new(&t->options, &j), RC_OK);
	return j;
}

/* ${want} is the user; or, after "!", why not. */
static void
expect(struct jwt *j, struct str token, const char *want, size_t number)
{
	struct buf user;
	const char *why;

	buf_init(&user, USER_NAME_BYTES_MAX);
	why = jwt_check(j, token, NOW, &user);
	if (*want == '!'
		? why == NULL || strcmp(why, want + 1) != 0 || user.n != 0
		: why != NULL || !str_eq(buf_str(&user), str_of(want)))
		fail_msg("case %zu: %s %.*s", number, why != NULL ? why : "",
		    STR_ARG(buf_str(&user)));
	buf_fini(&user);
}

static const struct {
	enum token_key key;
	const char *header;
	const char *payload;
	const char *want;
} cases[] = {
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", GOOD, "ann@example.org" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"kid\":\"r\",\"typ\":\"JWT\"}", GOOD,
	    "ann@example.org" },
	{ TOKEN_P256, "{\"alg\":\"ES256\",\"kid\":\"p\"}", GOOD,
	    "ann@example.org" },
	{ TOKEN_ED25519, "{\"alg\":\"EdDSA\"}", GOOD, "ann@example.org" },
	/* The algorithm. */
	{ TOKEN_RSA, "{\"alg\":\"none\"}", GOOD, "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"HS256\",\"kid\":\"o\"}", GOOD,
	    "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"HS256\",\"kid\":\"r\"}", GOOD,
	    "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"ES256\"}", GOOD, "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"PS256\"}", GOOD, "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"rs256\"}", GOOD, "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":[\"RS256\"]}", GOOD, "!token-signature" },
	{ TOKEN_RSA, "{}", GOOD, "!token-signature" },
	{ TOKEN_P256, "{\"alg\":\"RS256\"}", GOOD, "!token-signature" },
	{ TOKEN_ED25519, "{\"alg\":\"RS256\"}", GOOD, "!token-signature" },
	/* The key. */
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"kid\":\"p\"}", GOOD,
	    "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"kid\":\"../../r\"}", GOOD,
	    "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"kid\":\"r/../r\"}", GOOD,
	    "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"kid\":\"R\"}", GOOD,
	    "!token-signature" },
	{ TOKEN_RSA,
	    "{\"alg\":\"RS256\",\"kid\":\"x\",\"jku\":\"https://"
	    "evil.example\"}",
	    GOOD, "!token-signature" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"crit\":[\"x\"]}", GOOD,
	    "!token-critical" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\",\"b64\":false}", GOOD,
	    "!token-critical" },
	/* What is no JSON, or not the one thing. */
	{ TOKEN_RSA, "\"alg\"", GOOD, "!token-malformed" },
	{ TOKEN_RSA, "[]", GOOD, "!token-malformed" },
	{ TOKEN_RSA, "{\"alg\":\"none\",\"alg\":\"RS256\"}", GOOD,
	    "!token-malformed" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}x", GOOD, "!token-malformed" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\\u0000\"}", GOOD, "!token-malformed" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", "[]", "!token-malformed" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", "\xff", "!token-malformed" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", "{}", "!token-issuer" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"x\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]],"
	    "\"email\":\"a\"}",
	    "!token-malformed" },
	/* Claims. */
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", "{" CLAIMS "}", "!token-claim" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", "{" CLAIMS ",\"email\":\"\"}",
	    "!token-claim" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}", "{" CLAIMS ",\"email\":7}",
	    "!token-claim" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"email\":\"a\",\"email_verified\":false}",
	    "!token-email-not-verified" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"email\":\"a\",\"email_verified\":\"true\"}",
	    "!token-email-not-verified" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"email\":\"a\",\"email_verified\":true}", "a" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "/\",\"aud\":\"mail\","
	    "\"exp\":1700000600,\"email\":\"a\"}",
	    "!token-issuer" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"web\","
	    "\"exp\":1700000600,\"email\":\"a\"}",
	    "!token-audience" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\","
	    "\"exp\":1700000600,\"email\":\"a\"}",
	    "!token-audience" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":[\"web\",7,\"mail\"],"
	    "\"exp\":1700000600,\"email\":\"a\"}",
	    "a" },
	/* Time, with a minute between clocks. */
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"mail\","
	    "\"email\":\"a\"}",
	    "!token-expiry" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"mail\","
	    "\"exp\":\"1700000600\",\"email\":\"a\"}",
	    "!token-expiry" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"mail\","
	    "\"exp\":1699999940,\"email\":\"a\"}",
	    "!token-expired" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"mail\","
	    "\"exp\":1699999941.5,\"email\":\"a\"}",
	    "a" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{\"iss\":\"" TOKEN_ISSUER "\",\"aud\":\"mail\","
	    "\"exp\":-1e300,\"email\":\"a\"}",
	    "!token-expired" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"email\":\"a\",\"nbf\":1700000060}", "a" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"email\":\"a\",\"nbf\":1700000061}",
	    "!token-not-yet" },
	{ TOKEN_RSA, "{\"alg\":\"RS256\"}",
	    "{" CLAIMS ",\"email\":\"a\",\"nbf\":\"x\"}", "!token-not-yet" },
};

static void
test_cases(void **state)
{
	struct tokens *t = *state;
	struct jwt *j = open_keys(t);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf token;

		buf_init(&token, 8192);
		tokens_sign(
		    t, cases[i].key, cases[i].header, cases[i].payload, &token);
		expect(j, buf_str(&token), cases[i].want, i);
		buf_fini(&token);
	}
	jwt_free(j);
}

/* No change of one letter, and no prefix, is another good token. */
static void
test_damaged(void **state)
{
	struct tokens *t = *state;
	struct jwt *j = open_keys(t);
	struct buf token, user;

	buf_init(&token, 8192);
	buf_init(&user, USER_NAME_BYTES_MAX);
	tokens_sign(t, TOKEN_ED25519, "{\"alg\":\"EdDSA\"}", GOOD, &token);
	for (size_t i = 0; i < token.n; i++) {
		char right = token.p[i];

		assert_non_null(
		    jwt_check(j, str_head(buf_str(&token), i), NOW, &user));
		token.p[i] = right == 'A' ? 'B' : 'A';
		/* The last letter has bits that stand for nothing: these have
		 * to be zero. */
		assert_non_null(jwt_check(j, buf_str(&token), NOW, &user));
		token.p[i] = right;
	}
	assert_null(jwt_check(j, buf_str(&token), NOW, &user));
	buf_add_text(&token, ".x");
	expect(j, buf_str(&token), "!token-malformed", 0);
	buf_fini(&token);
	buf_fini(&user);
	jwt_free(j);
}

static void
test_no_tokens(void **state)
{
	static const char *const texts[] = { "", ".", "..", "...", "a.b.c",
		"e30.e30.", "e30..e30", ".e30.e30", "e30=.e30.e30",
		"eyJhbGciOiJub25lIn0.e30.", "e3+.e30.e30" };
	struct tokens *t = *state;
	struct jwt *j = open_keys(t);
	size_t size = 100 * 1024;
	char *large = mem_alloc(size);

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf user;

		buf_init(&user, 100);
		assert_non_null(jwt_check(j, str_of(texts[i]), NOW, &user));
		buf_fini(&user);
	}
	memset(large, 'A', size);
	expect(j, (struct str){ large, size }, "!token-malformed", 0);
	large[size / 3] = large[size / 2] = '.';
	expect(j, (struct str){ large, size }, "!token-malformed", 1);
	mem_free(large);
	jwt_free(j);
}

/* The examples of RFC 7515 appendix A.3 and RFC 8037 appendix A.4. */
static void
test_known_signatures(void **state)
{
	static const struct {
		const char *keys, *alg, *data, *signature;
	} known[] = {
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
		  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
		    "ES256",
		    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4"
		    "MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
		    "Q",
		    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa"
		    "8ISlSApmWQxfKTUJqPP3-Kg6NU1Q" },
		{ "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
		  "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
		    "EdDSA",
		    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
		    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iy"
		    "lGjg5BhVsPt9g7sVvpAr_MuM0KAg" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct jwt_keys *k = jwt_keys_read(str_of(known[i].keys));
		struct str data = str_of(known[i].data);
		struct buf signature;

		assert_non_null(k);
		buf_init(&signature, 1024);
		assert_true(jwt_decode(str_of(known[i].signature), &signature));
		assert_true(jwt_keys_verify(k, str_of(known[i].alg), STR(""),
		    data, buf_str(&signature)));
		assert_false(jwt_keys_verify(k, str_of(known[i].alg), STR(""),
		    str_skip(data, 1), buf_str(&signature)));
		buf_fini(&signature);
		jwt_keys_free(k);
	}
}

static void
test_useless_keys(void **state)
{
	static const char *const texts[] = { "", "{}", "[]", "{\"keys\":{}}",
		"{\"keys\":[]}", "{\"keys\":[7]}",
		"{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}",
		"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]"
		"}",
		"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":"
		"\"enc\","
		"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
		"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":"
		"\"ES256\","
		"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
		"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
		"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		"\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (jwt_keys_read(str_of(texts[i])) != NULL)
			fail_msg("%s", texts[i]);
}

static void
test_file_changes(void **state)
{
	struct tokens *t = *state;
	struct jwt *j = open_keys(t);
	EVP_PKEY *old = t->keys[TOKEN_ED25519];
	struct buf token;
	FILE *f;

	buf_init(&token, 8192);
	t->keys[TOKEN_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_PKEY_free(old);
	tokens_sign(t, TOKEN_ED25519, "{\"alg\":\"EdDSA\"}", GOOD, &token);
	expect(j, buf_str(&token), "!token-signature", 0);
	tokens_write_keys(t);
	clock_fake(1000 + WATCHED_REST_MS, NOW);
	expect(j, buf_str(&token), "ann@example.org", 1);
	/* Nonsense leaves what is known. */
	f = fopen(t->path, "w");
	assert_non_null(f);
	assert_true(fputs("{}", f) >= 0);
	(void)fclose(f);
	clock_fake(1000 + 2 * WATCHED_REST_MS, NOW);
	expect(j, buf_str(&token), "ann@example.org", 2);
	jwt_free(j);
	assert_int_equal(jwt_new(&t->options, &j), RC_INVALID);
	tokens_write_keys(t);
	buf_fini(&token);
	clock_fake(1000, NOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_tokens),
		cmocka_unit_test(test_known_signatures),
		cmocka_unit_test(test_useless_keys),
		cmocka_unit_test(test_file_changes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
