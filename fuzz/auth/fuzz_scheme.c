/* SPDX-License-Identifier: MIT
 *
 * Password hashes of other servers, and lines of a file of users: any bytes are
 * refused or become credentials that pack and unpack as the same.  Cheap ones
 * are verified.
 */
#include <assert.h>
#include <string.h>

#include "auth/passwd_file.h"
#include "auth/scheme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_cheap(const char *kept)
{
	return scheme_made(kept) &&
	       !str_begins(str_of(kept), STR("{ARGON2}")) &&
	       !str_begins(str_of(kept), STR("{PBKDF2}"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str name, hash, text = { .p = (const char *)data, .n = size };
	struct credentials c, back;
	char why[SCHEME_WHY_BYTES];
	struct buf packed;

	if (passwd_file_parse_line(text, &name, &hash) == NULL)
		text = hash;
	if (scheme_read(text, &c, why) != RC_OK)
		return 0;
	buf_init(&packed, CREDENTIALS_PACKED_BYTES_MAX);
	credentials_pack(&c, &packed);
	assert(credentials_unpack(buf_str(&packed), &back) == RC_OK);
	assert(strcmp(c.crypt, back.crypt) == 0);
	if (is_cheap(c.crypt))
		(void)scheme_verify(c.crypt, STR("password"));
	buf_fini(&packed);
	return 0;
}
