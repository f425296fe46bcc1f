/* SPDX-License-Identifier: MIT
 *
 * auth/credentials: making, verifying, the packed form; the examples of RFC
 * 5802 section 5 and RFC 7677 section 3.
 */
#include "auth/credentials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <crypt.h>

#include "auth/scram.h"
#include "base/base64.h"
#include "base/limits.h"
#include "base/mem.h"

static const struct credentials_cost cheap = {
	.crypt_rounds = 1,
	.scram_iterations = CREDENTIALS_ITERATIONS_MIN,
};

static const struct {
	const char *name;
	struct str text;
	enum rc made;
} passwords[] = {
	{ "plain", { "pencil", 6 }, RC_OK },
	{ "one byte", { "x", 1 }, RC_OK },
	{ "specials", { "a \"\\{}()%*$", 11 }, RC_OK },
	{ "umlaut", { "gr\xc3\xbc\xc3\x9f", 6 }, RC_OK },
	{ "newer than Unicode 3.2", { "\xf0\x9f\xa6\x86", 4 }, RC_INVALID },
	{ "empty", { "", 0 }, RC_INVALID },
	{ "NUL", { "a\0b", 3 }, RC_INVALID },
	{ "control", { "a\x07", 2 }, RC_INVALID },
	{ "line end", { "a\r\n", 3 }, RC_INVALID },
	{ "not UTF-8", { "\xff", 1 }, RC_INVALID },
	{ "cut UTF-8", { "a\xc3", 2 }, RC_INVALID },
	{ "nothing left", { "\xc2\xad", 2 }, RC_INVALID },
};

static void
test_make_and_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(passwords) / sizeof(*passwords); i++) {
		struct credentials c;
		enum rc rc = credentials_make(passwords[i].text, cheap, &c);

		if (rc != passwords[i].made)
			fail_msg("%s: %s", passwords[i].name, rc_name(rc));
		if (rc != RC_OK)
			continue;
		assert_memory_equal(c.crypt, "$y$", 3);
		if (!credentials_verify(&c, passwords[i].text))
			fail_msg("%s: not right", passwords[i].name);
		for (size_t k = 0; k < 8; k++)
			if (k != i && credentials_verify(&c, passwords[k].text))
				fail_msg("%s opens %s", passwords[k].name,
				    passwords[i].name);
	}
}

/* RFC 4013 section 3: these are one password. */
static void
test_saslprep_makes_them_equal(void **state)
{
	static const char *const same[][2] = {
		{ "IX", "I\xc2\xadX" },	  /* soft hyphen */
		{ "IX", "\xe2\x85\xa8" }, /* roman numeral nine */
		{ "a", "\xc2\xaa" },	  /* feminine ordinal */
		{ "a b", "a\xc2\xa0"
			 "b" },		     /* no-break space */
		{ "\xc3\xbc", "u\xcc\x88" }, /* composed or not */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct credentials c;

		assert_int_equal(
		    credentials_make(str_of(same[i][0]), cheap, &c), RC_OK);
		assert_true(credentials_verify(&c, str_of(same[i][1])));
		c.crypt[0] = '\0';
		assert_true(credentials_verify(&c, str_of(same[i][1])));
	}
	struct credentials c;

	assert_int_equal(credentials_make(STR("user"), cheap, &c), RC_OK);
	assert_false(credentials_verify(&c, STR("USER")));
}

/* Around what crypt(3) takes, and our own maximum: every byte counts. */
static void
test_long_passwords(void **state)
{
	static const size_t sizes[] = { 511, 512, 1023, PASSWORD_BYTES_MAX };
	char text[PASSWORD_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct credentials c;
		struct str password = { text, sizes[i] };

		memset(text, 'p', sizeof(text));
		assert_int_equal(credentials_make(password, cheap, &c), RC_OK);
		assert_true(credentials_verify(&c, password));
		text[sizes[i] - 1] = 'q';
		assert_false(credentials_verify(&c, password));
		password.n--;
		assert_false(credentials_verify(&c, password));
	}
	struct credentials c;

	assert_int_equal(
	    credentials_make((struct str){ text, sizeof(text) }, cheap, &c),
	    RC_INVALID);
}

static void
test_two_of_one_password_differ(void **state)
{
	struct credentials a;
	struct credentials b;

	(void)state;
	assert_int_equal(credentials_make(STR("pencil"), cheap, &a), RC_OK);
	assert_int_equal(credentials_make(STR("pencil"), cheap, &b), RC_OK);
	assert_string_not_equal(a.crypt, b.crypt);
	for (int i = 0; i < SCRAM_HASHES; i++)
		assert_memory_not_equal(
		    a.scram[i].salt, b.scram[i].salt, CREDENTIALS_SALT_BYTES);
	assert_memory_not_equal(a.scram[SCRAM_SHA_1].salt,
	    a.scram[SCRAM_SHA_256].salt, CREDENTIALS_SALT_BYTES);
}

/* Hashes as other servers have them. */
static void
test_import(void **state)
{
	static const struct {
		const char *hash;
		const char *password; /* NULL: refused */
	} cases[] = {
		{ "$2b$05$CCCCCCCCCCCCCCCCCCCCC."
		  "aDV7CQarKHMuNfh2oJkFzsHZya4whFe",
		    "password" },
		{ "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBn"
		  "IFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
		    "Hello world!" },
		{ "", NULL },
		{ "*0", NULL },
		{ "$nonsense$x", NULL },
		{ "$y$j9T$a:b$c", NULL },
		{ "{SHA}abc", NULL },
	};
	struct credentials c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum rc rc = credentials_from_crypt(str_of(cases[i].hash), &c);

		if (rc != (cases[i].password ? RC_OK : RC_INVALID))
			fail_msg("%s: %s", cases[i].hash, rc_name(rc));
		if (rc != RC_OK)
			continue;
		assert_true(credentials_verify(&c, str_of(cases[i].password)));
		assert_false(credentials_verify(&c, STR("Hello world")));
	}
}

/* A hash of a password that could not be made here still opens. */
static void
test_import_newer_characters(void **state)
{
	static const char emoji[] = "\xf0\x9f\xa6\x86";
	struct crypt_data work = { 0 };
	struct credentials c;

	(void)state;
	assert_int_equal(credentials_from_crypt(
			     str_of(crypt_r(emoji, "$6$abcdefgh", &work)), &c),
	    RC_OK);
	assert_true(credentials_verify(&c, str_of(emoji)));
	assert_false(credentials_verify(&c, STR("\xf0\x9f\xa6\x87")));
}

static void
test_import_bounds(void **state)
{
	char huge[CREDENTIALS_CRYPT_BYTES_MAX + 2];
	struct credentials c;

	(void)state;
	memset(huge, 'a', sizeof(huge));
	memcpy(huge, "$6$", 3);
	assert_int_equal(
	    credentials_from_crypt((struct str){ huge, sizeof(huge) }, &c),
	    RC_INVALID);
}

static void
unbase64(const char *text, void *to, size_t size)
{
	struct buf b;

	buf_init(&b, 64);
	assert_true(base64_decode(str_of(text), &b));
	assert_int_equal(b.n, size);
	memcpy(to, b.p, size);
	buf_fini(&b);
}

/* Of the user in the example of RFC 7677 section 3 (the salt of RFC 5802 does
 * not have our size); whole exchanges are in test_sasl.c. */
static void
test_rfc7677_keys(void **state)
{
	struct scram_keys keys;
	unsigned char stored[32];
	unsigned char server[32];

	(void)state;
	unbase64("W22ZaJ0SNY7soEsUEjb6gQ==", keys.salt, 16);
	unbase64("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=", stored, 32);
	unbase64("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=", server, 32);
	assert_true(scram_derive(SCRAM_SHA_256, STR("pencil"),
	    (struct str){ (const char *)keys.salt, 16 }, 4096, &keys));
	assert_memory_equal(keys.stored_key, stored, 32);
	assert_memory_equal(keys.server_key, server, 32);
}

static void
test_scram_alone_verifies(void **state)
{
	struct credentials c;

	(void)state;
	assert_int_equal(credentials_make(STR("pencil"), cheap, &c), RC_OK);
	c.crypt[0] = '\0';
	assert_true(credentials_verify(&c, STR("pencil")));
	assert_false(credentials_verify(&c, STR("pencils")));
	c.scram[SCRAM_SHA_256].iterations = 0;
	assert_true(credentials_verify(&c, STR("pencil")));
	assert_false(credentials_verify(&c, STR("pencils")));
	c.scram[SCRAM_SHA_1].iterations = 0;
	assert_false(credentials_verify(&c, STR("pencil")));
}

/* -- packed form ------------------------------------------------------- */

static void
check_round_trip(const struct credentials *c)
{
	struct credentials back;
	struct buf packed;

	buf_init(&packed, CREDENTIALS_PACKED_BYTES_MAX);
	credentials_pack(c, &packed);
	assert_int_equal(buf_check(&packed), RC_OK);
	assert_int_equal(credentials_unpack(buf_str(&packed), &back), RC_OK);
	assert_memory_equal(c, &back, sizeof(back));
	buf_fini(&packed);
}

static void
test_pack_round_trip(void **state)
{
	struct credentials c;

	(void)state;
	assert_int_equal(credentials_make(STR("pencil"), cheap, &c), RC_OK);
	check_round_trip(&c);
	c.scram[SCRAM_SHA_1] = (struct scram_keys){ 0 };
	check_round_trip(&c);
	memset(c.crypt, 0, sizeof(c.crypt));
	check_round_trip(&c);
	memset(c.crypt, 'a', sizeof(c.crypt) - 1);
	check_round_trip(&c);
}

/* Every truncation is damage, from memory that ends where the bytes do. */
static void
test_unpack_truncated(void **state)
{
	struct credentials c;
	struct credentials untouched;
	struct buf packed;
	unsigned accepted = 0;

	(void)state;
	assert_int_equal(credentials_make(STR("pencil"), cheap, &c), RC_OK);
	buf_init(&packed, CREDENTIALS_PACKED_BYTES_MAX);
	credentials_pack(&c, &packed);
	for (size_t n = 0; n < packed.n; n++) {
		char *exact = mem_copy(packed.p, n);
		enum rc rc;

		memset(&untouched, 0x5a, sizeof(untouched));
		rc = credentials_unpack((struct str){ exact, n }, &untouched);
		mem_free(exact);
		/* a cut between two fields leaves fewer kinds */
		if (rc == RC_OK) {
			accepted++;
			continue;
		}
		assert_int_equal(rc, RC_CORRUPT);
		assert_int_equal(((unsigned char *)&untouched)[0], 0x5a);
	}
	assert_int_equal(accepted, 2);
	buf_fini(&packed);
}

static void
test_unpack_refuses(void **state)
{
	static const struct {
		const char *name;
		struct str bytes;
		enum rc rc;
	} cases[] = {
		{ "newer", { "\x02\x01\x01\0a", 5 }, RC_VERSION },
		{ "version 0", { "\0\x01\x01\0a", 5 }, RC_CORRUPT },
		{ "no field", { "\x01", 1 }, RC_CORRUPT },
		{ "kind 0", { "\x01\0\x01\0a", 5 }, RC_CORRUPT },
		{ "kind 4", { "\x01\x04\x01\0a", 5 }, RC_CORRUPT },
		{ "empty hash", { "\x01\x01\0\0", 4 }, RC_CORRUPT },
		{ "NUL in hash", { "\x01\x01\x03\0a\0b", 7 }, RC_CORRUPT },
		{ "too long", { "\x01\x01\x02\0a", 5 }, RC_CORRUPT },
		{ "twice", { "\x01\x01\x01\0a\x01\x01\0a", 9 }, RC_CORRUPT },
		{ "short keys", { "\x01\x02\x01\0a", 5 }, RC_CORRUPT },
		{ "one hash", { "\x01\x01\x01\0a", 5 }, RC_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct credentials c;
		enum rc rc = credentials_unpack(cases[i].bytes, &c);

		if (rc != cases[i].rc)
			fail_msg("%s: %s", cases[i].name, rc_name(rc));
	}
}

static void
test_unpack_bounds_iterations(void **state)
{
	static const struct {
		uint32_t iterations;
		enum rc rc;
	} cases[] = {
		{ CREDENTIALS_ITERATIONS_MIN - 1, RC_CORRUPT },
		{ CREDENTIALS_ITERATIONS_MIN, RC_OK },
		{ CREDENTIALS_ITERATIONS_MAX, RC_OK },
		{ CREDENTIALS_ITERATIONS_MAX + 1, RC_CORRUPT },
		{ UINT32_MAX, RC_CORRUPT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct credentials c = { 0 };
		struct buf packed;

		c.scram[SCRAM_SHA_1].iterations = cases[i].iterations;
		buf_init(&packed, CREDENTIALS_PACKED_BYTES_MAX);
		credentials_pack(&c, &packed);
		assert_int_equal(
		    credentials_unpack(buf_str(&packed), &c), cases[i].rc);
		buf_fini(&packed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_and_verify),
		cmocka_unit_test(test_saslprep_makes_them_equal),
		cmocka_unit_test(test_long_passwords),
		cmocka_unit_test(test_two_of_one_password_differ),
		cmocka_unit_test(test_import),
		cmocka_unit_test(test_import_newer_characters),
		cmocka_unit_test(test_import_bounds),
		cmocka_unit_test(test_rfc7677_keys),
		cmocka_unit_test(test_scram_alone_verifies),
		cmocka_unit_test(test_pack_round_trip),
		cmocka_unit_test(test_unpack_truncated),
		cmocka_unit_test(test_unpack_refuses),
		cmocka_unit_test(test_unpack_bounds_iterations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
