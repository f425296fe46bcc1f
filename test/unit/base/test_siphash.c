/* SPDX-License-Identifier: MIT
 *
 * base/siphash: the tags that OpenSSL makes, whatever the pieces.
 */
#include "base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#define MESSAGE_BYTES_MOST 600

/* Key 00 01 .. 0f, messages 00 01 .. ff 00 ..: what
 * `openssl mac -macopt hexkey:.. -macopt size:16 SIPHASH` says. */
static const struct {
	size_t size;
	const char *tag;
} cases[] = {
	{ 0, "a3817f04ba25a8e66df67214c7550293" },
	{ 1, "da87c1d86b99af44347659119b22fc45" },
	{ 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },
	{ 8, "3b62a9ba6258f5610f83e264f31497b4" },
	{ 9, "264499060ad9baabc47f8b02bb6d71ed" },
	{ 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
	{ 16, "6ee2a4ca67b054bbfd3315bf85230577" },
	{ 63, "5150d1772f50834a503e069a973fbd7c" },
	{ 255, "1c9bb67528165f8e468248e3799b0eab" },
	{ 256, "67a00304d3834c4612eaee7b5f579acb" },
	{ 600, "323d3c776c91bede6e3ff383924b39a0" },
};

/* Tag ${bytes} in pieces of ${piece} bytes, as hexadecimal digits. */
static void
tag_text(struct str bytes, size_t piece, char ret_text[33])
{
	unsigned char key[SIPHASH_KEY_BYTES], tag[SIPHASH_TAG_BYTES];
	static const struct siphash wiped;
	struct siphash s;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)i;
	siphash_init(&s, key);
	for (; bytes.n > 0; bytes = str_skip(bytes, piece))
		siphash_add(&s, str_head(bytes, piece));
	siphash_fini(&s, tag);
	assert_memory_equal(&s, &wiped, sizeof(s));
	for (size_t i = 0; i < sizeof(tag); i++)
		snprintf(ret_text + 2 * i, 3, "%02x", tag[i]);
}

static void
test_tags(void **state)
{
	char message[MESSAGE_BYTES_MOST], text[33];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (char)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t piece = 1; piece <= MESSAGE_BYTES_MOST; piece++) {
			tag_text((struct str){ message, cases[i].size }, piece,
			    text);
			assert_string_equal(text, cases[i].tag);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
