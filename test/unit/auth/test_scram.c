/* SPDX-License-Identifier: MIT
 *
 * auth/scram: the examples of RFC 5802 and RFC 7677, the grammar case by case,
 * and an exchange with a client of this file's own.
 */
#include "auth/scram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tls/digest.h"

static size_t
unbase64(const char *text, unsigned char *bytes, size_t size)
{
	struct buf b;
	size_t n;

	buf_init(&b, size);
	assert_true(base64_decode(str_of(text), &b));
	n = b.n;
	memcpy(bytes, b.p, n);
	buf_fini(&b);
	return n;
}

/* -- the RFCs' examples ------------------------------------------------------ */

/* RFC 5802 section 5, RFC 7677 section 3. */
static const struct {
	enum scram_hash hash;
	const char *salt;
	const char *first;
	const char *challenge;
	const char *final;
	const char *signature;
} examples[] = {
	{ SCRAM_SHA_1, "QSXCR+Q6sek8bf92",
	    "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
	    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	    "s=QSXCR+Q6sek8bf92,i=4096",
	    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	    "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	    "rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ SCRAM_SHA_256,
	    "W22ZaJ0SNY7soEsUEjb6gQ==", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
	    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
};

static void
test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		enum scram_hash hash = examples[i].hash;
		struct scram_client_first first;
		struct scram_client_final final;
		struct scram_keys keys = { 0 };
		unsigned char salt[32], proof[32], want[32], signature[32];
		struct str s = { (const char *)salt,
			unbase64(examples[i].salt, salt, sizeof(salt)) };
		struct buf m;

		assert_true(scram_derive(hash, STR("pencil"), s, 4096, &keys));
		assert_true(scram_parse_client_first(
		    str_of(examples[i].first), &first));
		assert_true(scram_parse_client_final(
		    str_of(examples[i].final), &final));
		buf_init(&m, 1000);
		buf_add_str(&m, first.bare);
		buf_add_format(&m, ",%s,", examples[i].challenge);
		buf_add_str(&m, final.without_proof);
		assert_int_equal(
		    unbase64(strrchr(examples[i].final, ',') + 3, proof, 32),
		    scram_key_bytes(hash));
		assert_true(scram_proves(hash, &keys, buf_str(&m), proof));
		proof[0] ^= 1;
		assert_false(scram_proves(hash, &keys, buf_str(&m), proof));
		assert_true(scram_sign(hash, &keys, buf_str(&m), signature));
		unbase64(examples[i].signature, want, sizeof(want));
		assert_memory_equal(signature, want, scram_key_bytes(hash));
		buf_fini(&m);
	}
}

/* RFC 7677's as a whole, through the exchange: its salt has our size. */
static void
test_example_as_exchange(void **state)
{
	struct scram_client_first first;
	struct scram_keys keys = { .iterations = 4096 };
	struct scram s;
	struct buf challenge;

	(void)state;
	buf_init(&challenge, 1000);
	unbase64(examples[1].salt, keys.salt, sizeof(keys.salt));
	assert_true(scram_derive(SCRAM_SHA_256, STR("pencil"),
	    (struct str){ (const char *)keys.salt, 16 }, 4096, &keys));
	assert_true(
	    scram_parse_client_first(str_of(examples[1].first), &first));
	scram_init(&s, SCRAM_SHA_256);
	scram_challenge(&s, &first, &keys,
	    STR("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"), &challenge);
	assert_true(str_eq(buf_str(&challenge), str_of(examples[1].challenge)));
	buf_clear(&challenge);
	assert_int_equal(
	    scram_conclude(&s, str_of(examples[1].final), STR(""), &challenge),
	    SCRAM_PROVEN);
	assert_true(str_begins(buf_str(&challenge), STR("v=")));
	assert_true(str_eq(
	    str_skip(buf_str(&challenge), 2), str_of(examples[1].signature)));
	scram_fini(&s);
	buf_fini(&challenge);
}

/* -- grammar ----------------------------------------------------------------- */

static const struct {
	const char *text;
	bool fine;
	enum scram_flag flag;
	const char *binding;
	const char *header;
	const char *authzid; /* as it is meant */
	const char *user;
	const char *nonce;
} firsts[] = {
	{ "n,,n=user,r=abc", true, SCRAM_UNABLE, "", "n,,", "", "user", "abc" },
	{ "y,,n=user,r=abc", true, SCRAM_UNOFFERED, "", "y,,", "", "user",
	    "abc" },
	{ "p=tls-exporter,,n=u,r=a", true, SCRAM_BOUND, "tls-exporter",
	    "p=tls-exporter,,", "", "u", "a" },
	{ "p=a.b-9Z,a=x,n=u,r=a", true, SCRAM_BOUND, "a.b-9Z", "p=a.b-9Z,a=x,",
	    "x", "u", "a" },
	{ "n,a=a=2Cb,n=c=3Dd,r=!~+/", true, SCRAM_UNABLE, "", "n,a=a=2Cb,",
	    "a,b", "c=d", "!~+/" },
	{ "n,,n==2C=3D=2C,r=a=b", true, SCRAM_UNABLE, "", "n,,", "", ",=,",
	    "a=b" },
	{ "n,,n=m\303\274ller,r=abc,x=ext,Y==1", true, SCRAM_UNABLE, "", "n,,",
	    "", "m\303\274ller", "abc" },
	{ "", false, 0, 0, 0, 0, 0, 0 },
	{ "n", false, 0, 0, 0, 0, 0, 0 },
	{ "n,", false, 0, 0, 0, 0, 0, 0 },
	{ "N,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "z,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "nn,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n=,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "p,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "p=,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "p=tls_unique,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "p=tls unique,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,user,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,a=,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,a=x=2,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,a=x,,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,m=ext,n=user,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=abc,m=ext", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=us=er,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user=,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user=2,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user=2c,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user=3d,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user=41,r=abc", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,r=abc,n=user", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=a c", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=a\177", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=\303\274", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=abc,", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=abc,x", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=abc,x=", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=abc,1=x", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=user,r=abc,,x=y", false, 0, 0, 0, 0, 0, 0 },
	{ "n,,n=us\xff,r=abc", false, 0, 0, 0, 0, 0, 0 },
};

static bool
name_is(struct str saslname, const char *want)
{
	struct buf name;
	bool same;

	buf_init(&name, SASL_MESSAGE_BYTES_MAX);
	scram_read_saslname(saslname, &name);
	same = str_eq(buf_str(&name), str_of(want));
	buf_fini(&name);
	return same;
}

static void
test_client_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		size_t size = strlen(firsts[i].text);
		/* in memory that ends where the message does */
		char *exact = mem_copy(firsts[i].text, size);
		struct scram_client_first f;
		bool fine =
		    scram_parse_client_first((struct str){ exact, size }, &f);

		if (fine != firsts[i].fine)
			fail_msg("\"%s\": %d", firsts[i].text, fine);
		if (fine &&
		    (f.flag != firsts[i].flag ||
			!str_eq(f.binding, str_of(firsts[i].binding)) ||
			!str_eq(f.header, str_of(firsts[i].header)) ||
			!str_eq(f.bare, str_of(firsts[i].text +
					       strlen(firsts[i].header))) ||
			!name_is(f.authzid, firsts[i].authzid) ||
			!name_is(f.user, firsts[i].user) ||
			!str_eq(f.nonce, str_of(firsts[i].nonce))))
			fail_msg("\"%s\" is taken wrongly", firsts[i].text);
		mem_free(exact);
	}
}

static const struct {
	const char *text;
	bool fine;
	size_t without_proof; /* its size */
	const char *proof;
} finals[] = {
	{ "c=biws,r=abc,p=eA==", true, 12, "eA==" },
	{ "c=biws,r=abc,x=y,Z==,p=eA==", true, 20, "eA==" },
	{ "c=b,r=abc,x=p=1,p=e", true, 15, "e" },
	{ "", false, 0, 0 },
	{ "c=", false, 0, 0 },
	{ "c=,r=abc,p=eA==", false, 0, 0 },
	{ "r=abc,c=biws,p=eA==", false, 0, 0 },
	{ "c=biws,p=eA==", false, 0, 0 },
	{ "c=biws,r=,p=eA==", false, 0, 0 },
	{ "c=biws,r=a b,p=eA==", false, 0, 0 },
	{ "c=biws,r=abc", false, 0, 0 },
	{ "c=biws,r=abc,", false, 0, 0 },
	{ "c=biws,r=abc,p=", false, 0, 0 },
	{ "c=biws,r=abc,p=eA==,", false, 0, 0 },
	{ "c=biws,r=abc,p=eA==,x=y", false, 0, 0 },
	{ "c=biws,r=abc,p=eA==,p=eA==", false, 0, 0 },
	{ "c=biws,r=abc,m=x,p=eA==", false, 0, 0 },
	{ "c=biws,r=abc,x,p=eA==", false, 0, 0 },
	{ "c=biws,,r=abc,p=eA==", false, 0, 0 },
	{ "m=x,c=biws,r=abc,p=eA==", false, 0, 0 },
	{ "C=biws,r=abc,p=eA==", false, 0, 0 },
	{ "c=biws,r=abc,x=\xff,p=eA==", false, 0, 0 },
};

static void
test_client_final(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(finals) / sizeof(*finals); i++) {
		size_t size = strlen(finals[i].text);
		char *exact = mem_copy(finals[i].text, size);
		struct scram_client_final f;
		bool fine =
		    scram_parse_client_final((struct str){ exact, size }, &f);

		if (fine != finals[i].fine)
			fail_msg("\"%s\": %d", finals[i].text, fine);
		if (fine && (f.without_proof.n != finals[i].without_proof ||
				!str_eq(f.proof, str_of(finals[i].proof))))
			fail_msg("\"%s\" is taken wrongly", finals[i].text);
		mem_free(exact);
	}
}

/* NUL, and messages that are too long. */
static void
test_bytes(void **state)
{
	static char huge[SASL_MESSAGE_BYTES_MAX + 1];
	struct scram_client_first first;
	struct scram_client_final final;

	(void)state;
	assert_false(scram_parse_client_first(STR("n,,n=u\0,r=abc"), &first));
	assert_false(scram_parse_client_first(STR("n,,n=u,r=abc\0"), &first));
	assert_false(
	    scram_parse_client_final(STR("c=biws,r=a,x=\0,p=eA=="), &final));
	memset(huge, 'h', sizeof(huge));
	memcpy(huge, "n,,n=u,r=", 9);
	assert_false(scram_parse_client_first(
	    (struct str){ huge, sizeof(huge) }, &first));
	assert_true(scram_parse_client_first(
	    (struct str){ huge, sizeof(huge) - 1 }, &first));
}

/* -- exchanges --------------------------------------------------------------- */

/* A client's last word, its right proof in place of the "*" that ends it. */
static enum scram_end
answer(const char *first_text, const char *final_text, struct str binding)
{
	struct scram_keys keys = { .iterations = 4096 };
	unsigned char salted[TLS_DIGEST_BYTES_MAX];
	unsigned char key[TLS_DIGEST_BYTES_MAX];
	unsigned char signature[TLS_DIGEST_BYTES_MAX];
	struct str whole = { (const char *)salted, 32 };
	struct str salt = { (const char *)keys.salt, sizeof(keys.salt) };
	struct str final = str_of(final_text);
	struct scram_client_first first;
	struct scram s;
	struct buf challenge, m;
	enum scram_end end;

	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX * 2);
	buf_init(&m, SASL_MESSAGE_BYTES_MAX * 2);
	assert_true(
	    scram_derive(SCRAM_SHA_256, STR("pencil"), salt, 4096, &keys));
	assert_true(scram_parse_client_first(str_of(first_text), &first));
	scram_init(&s, SCRAM_SHA_256);
	scram_challenge(&s, &first, &keys, STR("XYZ"), &challenge);
	buf_add_str(&m, final);
	if (str_ends(final, STR(",p=*"))) {
		buf_clear(&m);
		buf_add_str(&m, first.bare);
		buf_add_byte(&m, ',');
		buf_add_str(&m, buf_str(&challenge));
		buf_add_byte(&m, ',');
		buf_add(&m, final.p, final.n - 4);
		assert_true(tls_pbkdf2(
		    TLS_DIGEST_SHA256, STR("pencil"), salt, 4096, salted, 32));
		assert_true(
		    tls_hmac(TLS_DIGEST_SHA256, whole, STR("Client Key"), key));
		assert_true(tls_hmac(TLS_DIGEST_SHA256,
		    (struct str){ (const char *)keys.stored_key, 32 },
		    buf_str(&m), signature));
		for (size_t i = 0; i < 32; i++)
			key[i] ^= signature[i];
		buf_clear(&m);
		buf_add(&m, final.p, final.n - 1);
		base64_encode((struct str){ (const char *)key, 32 }, &m);
	}
	buf_clear(&challenge);
	end = scram_conclude(&s, buf_str(&m), binding, &challenge);
	assert_int_equal(challenge.n > 0, end == SCRAM_PROVEN);
	scram_fini(&s);
	buf_fini(&challenge);
	buf_fini(&m);
	return end;
}

#define P  "p=tls-exporter,,"
#define PC "cD10bHMtZXhwb3J0ZXIsLA=="	  /* P */
#define PB "cD10bHMtZXhwb3J0ZXIsLHdpcmU=" /* P "wire" */

static const struct {
	const char *first;
	const char *final;
	const char *binding;
	enum scram_end want;
} exchanges[] = {
	{ "n,,n=u,r=abc", "c=biws,r=abcXYZ,p=*", "", SCRAM_PROVEN },
	{ "n,,n=u,r=abc", "c=biws,r=abcXYZ,x=y,p=*", "", SCRAM_PROVEN },
	{ "y,,n=u,r=abc", "c=eSws,r=abcXYZ,p=*", "", SCRAM_PROVEN },
	{ P "n=u,r=abc", "c=" PB ",r=abcXYZ,p=*", "wire", SCRAM_PROVEN },
	/* another nonce, or a part of it */
	{ "n,,n=u,r=abc", "c=biws,r=abcXYz,p=*", "", SCRAM_MALFORMED },
	{ "n,,n=u,r=abc", "c=biws,r=abcXY,p=*", "", SCRAM_MALFORMED },
	{ "n,,n=u,r=abc", "c=biws,r=abcXYZZ,p=*", "", SCRAM_MALFORMED },
	{ "n,,n=u,r=abc", "c=biws,r=abc,p=*", "", SCRAM_MALFORMED },
	{ "n,,n=u,r=abc", "c=biws,r=XYZ,p=*", "", SCRAM_MALFORMED },
	/* another header: whoever is between has changed the first */
	{ "n,,n=u,r=abc", "c=eSws,r=abcXYZ,p=*", "", SCRAM_UNLIKE },
	{ "y,,n=u,r=abc", "c=biws,r=abcXYZ,p=*", "", SCRAM_UNLIKE },
	{ "n,a=v,n=u,r=abc", "c=biws,r=abcXYZ,p=*", "", SCRAM_UNLIKE },
	{ "n,,n=u,r=abc", "c=" PC ",r=abcXYZ,p=*", "", SCRAM_UNLIKE },
	{ P "n=u,r=abc", "c=biws,r=abcXYZ,p=*", "wire", SCRAM_UNLIKE },
	/* another channel, none, or one that was not asked for */
	{ P "n=u,r=abc", "c=" PB ",r=abcXYZ,p=*", "wirE", SCRAM_UNLIKE },
	{ P "n=u,r=abc", "c=" PB ",r=abcXYZ,p=*", "wir", SCRAM_UNLIKE },
	{ P "n=u,r=abc", "c=" PB ",r=abcXYZ,p=*", "wires", SCRAM_UNLIKE },
	{ P "n=u,r=abc", "c=" PC ",r=abcXYZ,p=*", "wire", SCRAM_UNLIKE },
	{ P "n=u,r=abc", "c=" PB ",r=abcXYZ,p=*", "", SCRAM_UNLIKE },
	/* not base64 */
	{ "n,,n=u,r=abc", "c=biw,r=abcXYZ,p=*", "", SCRAM_UNLIKE },
	{ "n,,n=u,r=abc", "c=biws,r=abcXYZ,p=eA=", "", SCRAM_MALFORMED },
	/* proofs of other sizes, and a wrong one */
	{ "n,,n=u,r=abc", "c=biws,r=abcXYZ,p=eA==", "", SCRAM_MALFORMED },
	{ "n,,n=u,r=abc",
	    "c=biws,r=abcXYZ,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "", SCRAM_MALFORMED },
	{ "n,,n=u,r=abc",
	    "c=biws,r=abcXYZ,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	    "", SCRAM_WRONG },
	{ "n,,n=u,r=abc", "", "", SCRAM_MALFORMED },
};

static void
test_exchanges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(exchanges) / sizeof(*exchanges); i++) {
		enum scram_end end = answer(exchanges[i].first,
		    exchanges[i].final, str_of(exchanges[i].binding));

		if (end != exchanges[i].want)
			fail_msg("case %zu: %d", i, end);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_example_as_exchange),
		cmocka_unit_test(test_client_first),
		cmocka_unit_test(test_client_final),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_exchanges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
