/* SPDX-License-Identifier: MIT
 *
 * PLAIN (RFC 4616) and LOGIN: the client says a name and a password as they
 * are.  To check these may have to wait for its turn, which is left to the
 * caller.
 */
#include <assert.h>
#include <string.h>

#include "auth/sasl_internal.h"
#include "base/utf8.h"

/* LOGIN has no specification; clients look at these words at most for what
 * begins them. */
#define ASK_USER     "User Name"
#define ASK_PASSWORD "Password"

static bool
is_plain(const struct sasl_exchange *x)
{
	return strcmp(x->mechanism->name, "PLAIN") == 0;
}

void
sasl_password_ask(struct sasl_exchange *x, struct buf *challenge)
{
	if (!is_plain(x))
		buf_add_text(challenge, ASK_USER);
}

/* The name is in the exchange, and here is the password. */
static enum sasl_next
take_password(struct sasl_exchange *x, struct str password)
{
	struct auth_attempt attempt = sasl_attempt(x);

	assert(x->check == NULL);
	x->check = auth_check_new(x->auth, &attempt, password);
	return SASL_CHECK;
}

/* message = [authzid] UTF8NUL authcid UTF8NUL passwd      RFC 4616 section 2 */
static enum sasl_next
run_plain(struct sasl_exchange *x, struct str bytes)
{
	struct str authzid = str_head(bytes, str_find(bytes, '\0'));
	struct str rest = str_skip(bytes, authzid.n + 1);
	struct str user = str_head(rest, str_find(rest, '\0'));
	struct str password = str_skip(rest, user.n + 1);

	if (user.n == 0 || password.n == 0 ||
	    str_find(password, '\0') < password.n)
		return sasl_deny(x, "malformed");
	buf_add_str(&x->authzid, authzid);
	buf_add_str(&x->user, user);
	return take_password(x, password);
}

/* The name, then the password. */
static enum sasl_next
run_login(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	if (str_find(bytes, '\0') < bytes.n)
		return sasl_deny(x, "malformed");
	if (x->user.n > 0)
		return take_password(x, bytes);
	buf_add_str(&x->user, bytes);
	buf_add_text(challenge, ASK_PASSWORD);
	return SASL_CONTINUE;
}

enum sasl_next
sasl_password_step(
    struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	if (bytes.n == 0 || bytes.n > SASL_MESSAGE_BYTES_MAX ||
	    !utf8_valid(bytes))
		return sasl_deny(x, "malformed");
	return is_plain(x) ? run_plain(x, bytes)
			   : run_login(x, bytes, challenge);
}
