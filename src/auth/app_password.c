/* SPDX-License-Identifier: MIT
 *
 * Passwords of applications.
 */
#include "auth/app_password.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "tls/digest.h"

#define LETTERS	   28
#define GROUP	   4
#define SALT_BYTES 16
#define HASH_BYTES (APP_PASSWORD_SECRET_BYTES - SALT_BYTES)

/* 32 of them, so that a letter is five bits; none looks like another. */
static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

_Static_assert(APP_PASSWORD_TEXT_BYTES >= LETTERS + LETTERS / GROUP - 1,
    "room for the dashes");
_Static_assert(sizeof(alphabet) == 32 + 1, "a letter is five bits");

static bool
make_hash(struct str salt, const char letters[LETTERS],
    unsigned char ret_hash[TLS_DIGEST_BYTES_MAX])
{
	return tls_digest(TLS_DIGEST_SHA256, salt,
	    (struct str){ .p = letters, .n = LETTERS }, ret_hash);
}

bool
app_password_make(char ret_text[APP_PASSWORD_TEXT_BYTES + 1],
    unsigned char ret_secret[APP_PASSWORD_SECRET_BYTES])
{
	unsigned char hash[TLS_DIGEST_BYTES_MAX];
	unsigned char random[LETTERS];
	char letters[LETTERS];
	char *to = ret_text;
	bool done;

	rand_bytes(random, sizeof(random));
	rand_bytes(ret_secret, SALT_BYTES);
	for (size_t i = 0; i < LETTERS; i++) {
		letters[i] = alphabet[random[i] % 32];
		if (i > 0 && i % GROUP == 0)
			*to++ = '-';
		*to++ = letters[i];
	}
	*to = '\0';
	done = make_hash(
	    (struct str){ (char *)ret_secret, SALT_BYTES }, letters, hash);
	memcpy(ret_secret + SALT_BYTES, hash, HASH_BYTES);
	mem_wipe(random, sizeof(random));
	mem_wipe(letters, sizeof(letters));
	return done;
}

/* The letters alone; false when it has not the form. */
static bool
take_letters(struct str password, char ret_letters[LETTERS])
{
	size_t n = 0;

	for (size_t i = 0; i < password.n; i++) {
		char letter = str_lower(password.p[i]);

		if (letter == '-' || letter == ' ')
			continue;
		if (n == LETTERS || memchr(alphabet, letter, 32) == NULL)
			return false;
		ret_letters[n++] = letter;
	}
	return n == LETTERS;
}

bool
app_password_verify(struct str secret, struct str password)
{
	unsigned char hash[TLS_DIGEST_BYTES_MAX];
	char letters[LETTERS];
	bool right;

	right = secret.n == APP_PASSWORD_SECRET_BYTES &&
		take_letters(password, letters) &&
		make_hash(str_head(secret, SALT_BYTES), letters, hash) &&
		mem_equal_secret(hash, secret.p + SALT_BYTES, HASH_BYTES);
	mem_wipe(letters, sizeof(letters));
	return right;
}
