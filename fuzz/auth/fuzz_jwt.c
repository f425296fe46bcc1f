/* SPDX-License-Identifier: MIT
 *
 * Messages with tokens, sets of keys and tokens: any bytes.  With an odd first
 * byte the rest is a set of keys; else what a client sends.  Nothing is good
 * that is not signed.
 */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/bearer.h"
#include "auth/jwt.h"
#include "auth/jwt_keys.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char keys[] =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

static struct jwt *
open_keys(void)
{
	/* It is looked at again, later. */
	static char path[] = "/tmp/fuzz-jwt-XXXXXX";
	struct jwt_options options = {
		.issuer = "i", .audience = "a", .claim = "sub", .keys = path
	};
	int fd = mkstemp(path);
	struct jwt *j;
	enum rc rc;

	assert(
	    fd >= 0 && write(fd, keys, sizeof(keys) - 1) == sizeof(keys) - 1);
	(void)close(fd);
	rc = jwt_new(&options, &j);
	assert(rc == RC_OK);
	(void)unlink(path);
	return j;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct jwt *j;
	struct str input = { .p = (const char *)data + 1, .n = size - 1 };
	struct str token;
	struct jwt_keys *set;
	struct buf user;

	if (size == 0)
		return 0;
	if (j == NULL)
		j = open_keys();
	if (data[0] % 2 == 1) {
		set = jwt_keys_read(input);
		assert(set == NULL || jwt_keys_count(set) > 0);
		jwt_keys_free(set);
		return 0;
	}
	buf_init(&user, USER_NAME_BYTES_MAX);
	if (!bearer_parse(
		data[0] % 4 == 0 ? BEARER_OAUTHBEARER : BEARER_XOAUTH2, input,
		&user, &token))
		token = input;
	buf_clear(&user);
	assert(jwt_check(j, token, 1700000000, &user) != NULL);
	assert(user.n == 0);
	buf_fini(&user);
	return 0;
}
