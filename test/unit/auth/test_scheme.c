/* SPDX-License-Identifier: MIT
 *
 * auth/scheme: hashes of other servers let the right password in and no other,
 * also after they were packed; everything else is refused.
 */
#include "auth/scheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static const struct {
	const char *text;
	const char *password;
	bool slow; /* to check each prefix of */
} cases[] = {
	{ "{PLAIN}secret phrase", "secret phrase", false },
	{ "{CLEARTEXT}p{a}s$s", "p{a}s$s", false },
	{ "{plain}x:y", "x:y", false },
	{ "{SHA}hnwQv9U9yatcinsKJg4ZDA+ZgxY=", "secret phrase", false },
	{ "{SHA1}hnwQv9U9yatcinsKJg4ZDA+ZgxY=", "secret phrase", false },
	{ "{SHA256}rYsS8zOUuRjk6dniDshSAW/gq6E8KpSdXl+4mN798rE=",
	    "secret phrase", false },
	{ "{SHA512}"
	  "zqlgZNV2XaCFceLDfHIz4FGWU7d0e6HklalJ4RsQ3zVYZ0VSVBIeCSVjaKMG1LsuOIAn"
	  "Sp+S/EOA9k5wM9dOuw==",
	    "secret phrase", false },
	{ "{LDAP-MD5}s7tayZaYHuTYAeqRom0Hhg==", "secret phrase", false },
	{ "{SSHA}SUq0CPDHJRfdxwSFyyBXoSke815zYWx0", "secret phrase", false },
	{ "{SSHA256}pcN38FO1WxPKDiIvt7Rdz1N4hzDycVSpR2k3XVelE25zYWx0",
	    "secret phrase", false },
	{ "{SSHA512}6rs8Lyzu4csFXKt2+"
	  "zalkcCQQkdgwLVNSoFl03voKbPkufEOF2kFZXg9OnQAaFsKQCM2Uwdihj0pgfpaUd5SK"
	  "HNhbHQ=",
	    "secret phrase", false },
	{ "{SMD5}QG99J7tSZ9v/XRYq66CHDnNhbHQ=", "secret phrase", false },
	{ "{PLAIN-MD5}b3bb5ac996981ee4d801ea91a26d0786", "secret phrase",
	    false },
	{ "{SHA256.hex}"
	  "AD8B12F33394B918E4E9D9E20EC852016FE0ABA13C2A949D5E5FB898DEFDF2B1",
	    "secret phrase", false },
	{ "{SHA512}"
	  "cea96064d5765da08571e2c37c7233e0519653b7747ba1e495a949e11b10df355867"
	  "455254121e09256368a306d4bb2e3880274a9f92fc4380f64e7033d74ebb",
	    "secret phrase", false },
	{ "{SSHA256.HEX}"
	  "8960fb2036db73598521b67f0ef838cb833e8a5326a32481b7962f8e664d372d0001"
	  "0203",
	    "secret phrase", false },
	{ "{PLAIN-MD5.b64}s7tayZaYHuTYAeqRom0Hhg==", "secret phrase", false },
	{ "{PBKDF2}$1$sAlt$1000$d8b1051bc69f339356bf0ce891411db6f965a221",
	    "secret phrase", false },
	{ "{SHA512-CRYPT}$6$rounds=1000$saltsalt$"
	  "0Xx4yLdnnFLWq4cNGeEiZAIK5P2jwd1i2Op6taOd/"
	  "9ZEcskpwdTa9prl9PkQhhXz3B32LCMUbxZYkJwAJ/ey91",
	    "secret phrase", true },
	{ "{SHA256-CRYPT}$5$rounds=1000$saltsalt$"
	  "RfnjFjOGEBIYQAbzrkXA0Z8oSwv73Dy2sEk.bQ3GF/0",
	    "secret phrase", true },
	{ "{MD5-CRYPT}$1$saltsalt$A6coB7OPsdTLyegYOt6do.", "secret phrase",
	    true },
	{ "{MD5}$1$saltsalt$A6coB7OPsdTLyegYOt6do.", "secret phrase", true },
	{ "{DES-CRYPT}abNANd1rDfiNc", "secret", true },
	{ "{BLF-CRYPT}$2b$04$abcdefghijklmnopqrstuu1Ut/"
	  "3xf5XRx8YgjvZswZQ1pJcRSY6RO",
	    "secret phrase", true },
	{ "$6$rounds=1000$saltsalt$0Xx4yLdnnFLWq4cNGeEiZAIK5P2jwd1i2Op6taOd/"
	  "9ZEcskpwdTa9prl9PkQhhXz3B32LCMUbxZYkJwAJ/ey91",
	    "secret phrase", true },
	{ "{crypt}$y$j75$saltsaltsaltsalt$pM/8e5pMgjs4/"
	  "S9PKX5uqcmda5ZdO1IK5BHqxjUWC.C",
	    "secret phrase", true },
	{ "{SCRAM-SHA-1}4096,MDEyMzQ1Njc4OWFiY2RlZg==,"
	  "xcYyA5UcZpsBKrQh0RDtw3Jm4SA=,dCT3RsV7v+P1P5X8np7TSTVSwCw=",
	    "secret phrase", true },
	{ "{SCRAM-SHA-256}4096,MDEyMzQ1Njc4OWFiY2RlZg==,etwTsLuRgtgRXwdoo/"
	  "NYIgpnXXsQv8a7rMzzby2rchw=,+0byJftToh+"
	  "5MHqnThVWj0elquok5FxWzS3SoUPhgxo=",
	    "secret phrase", true },
	{ "{ARGON2I}$argon2i$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$"
	  "GWViNyul1w5cfdrVYfmdL02IO2BOAbT0SdQpZTlVj/E",
	    "secret phrase", true },
	{ "{ARGON2ID}$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$"
	  "ylJGrMilqjkVXnryB/l59NKXTfit1rAJcNl4lva8UVA",
	    "secret phrase", true },
};

static const struct {
	const char *text;
	enum rc rc;
} refused[] = {
	{ "", RC_INVALID },
	{ "{}x", RC_UNSUPPORTED },
	{ "{CRAM-MD5}e02d374fde0dc75a17a557039a3a5338", RC_UNSUPPORTED },
	{ "{NTLM}x", RC_UNSUPPORTED },
	{ "{SSHA.rot13}x", RC_UNSUPPORTED },
	{ "{SSHA", RC_INVALID },
	{ "{PLAIN}", RC_INVALID },
	{ "{SHA}", RC_INVALID },
	{ "{SHA}!!!!", RC_INVALID },
	{ "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", RC_INVALID }, /* no salt */
	{ "{SHA256}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", RC_INVALID },
	{ "{PLAIN-MD5}5f4dcc3b5aa765d61d8327deb882cf9", RC_INVALID },
	{ "{SHA512-CRYPT}$5$rounds=1000$x$y", RC_INVALID },
	{ "{CRYPT}$9$nothing", RC_INVALID },
	{ "{BLF-CRYPT}$2b$05$short:colon", RC_INVALID },
	{ "{PBKDF2}$1$salt$0$00112233445566778899aabbccddeeff00112233",
	    RC_INVALID },
	{ "{PBKDF2}$1$salt$99999999999$"
	  "00112233445566778899aabbccddeeff00112233",
	    RC_INVALID },
	{ "{PBKDF2}$1$salt$1000$0011", RC_INVALID },
	{ "{ARGON2ID}$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aaaa", RC_INVALID },
	/* A gigabyte; two billion passes. */
	{ "{ARGON2ID}$argon2id$v=19$m=1048576,t=1,p=1$c2FsdHNhbHQ$aaaa",
	    RC_INVALID },
	{ "{ARGON2ID}$argon2id$v=19$m=8,t=2000000000,p=1$c2FsdHNhbHQ$aaaa",
	    RC_INVALID },
	{ "{ARGON2ID}$argon2id$v=19$t=1", RC_INVALID },
	{ "{SCRAM-SHA-256}4096,AAAA,BBBB,CCCC", RC_INVALID },
	{ "{SCRAM-SHA-256}1,QSXCR+Q6sek8bf92QSXCRQ==,x,y", RC_INVALID },
	{ "{SCRAM-SHA-1}", RC_INVALID },
};

static void
test_right_and_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str right = str_of(cases[i].password);
		struct credentials c, back;
		char why[SCHEME_WHY_BYTES];
		struct buf packed;

		if (scheme_read(str_of(cases[i].text), &c, why) != RC_OK)
			fail_msg("%s: %s", cases[i].text, why);
		buf_init(&packed, CREDENTIALS_PACKED_BYTES_MAX);
		credentials_pack(&c, &packed);
		assert_int_equal(
		    credentials_unpack(buf_str(&packed), &back), RC_OK);
		buf_fini(&packed);
		if (!credentials_verify(&back, right))
			fail_msg("refuses: %s", cases[i].text);
		if (credentials_verify(&back, STR("wrong")) ||
		    credentials_verify(&back, STR("")) ||
		    credentials_verify(&back, str_head(right, right.n - 1)))
			fail_msg("lets in: %s", cases[i].text);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		char why[SCHEME_WHY_BYTES] = "";
		struct credentials c;
		enum rc rc = scheme_read(str_of(refused[i].text), &c, why);

		if (rc != refused[i].rc || why[0] == '\0')
			fail_msg(
			    "%s: %s %s", refused[i].text, rc_name(rc), why);
	}
}

/* Each prefix of a hash is refused, or stands for another password. */
static void
test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str text = str_of(cases[i].text);
		struct str right = str_of(cases[i].password);

		if (cases[i].slow)
			continue;
		for (size_t n = 0; n < text.n; n++) {
			struct credentials c;
			char why[SCHEME_WHY_BYTES];

			if (scheme_read(str_head(text, n), &c, why) == RC_OK)
				assert_false(credentials_verify(&c, right));
		}
	}
}

static void
test_plain(void **state)
{
	struct str password;

	(void)state;
	assert_true(scheme_is_plain(STR("{plain}a{b}c"), &password));
	assert_true(str_eq(password, STR("a{b}c")));
	assert_false(scheme_is_plain(STR("{SHA}x"), &password));
	assert_false(scheme_is_plain(STR("{PLAIN.b64}eA=="), &password));
	assert_false(scheme_is_plain(STR("plain"), &password));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_and_wrong),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
