/* SPDX-License-Identifier: MIT
 *
 * SASL messages: the first byte chooses the mechanism and whether there is an
 * initial response, 0xff ends a message.  Nobody gets in: the only user has no
 * credentials.
 */
#include <assert.h>

#include "auth/sasl.h"
#include "base/clock.h"
#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc
lookup(void *arg, struct str name, struct arena *a, struct auth_user *ret_user)
{
	(void)arg, (void)a;
	*ret_user = (struct auth_user){ .name = name };
	return str_eq(name, STR("u")) ? RC_OK : RC_NOTFOUND;
}

static struct auth *
auth_once(void)
{
	static struct auth *a;
	struct auth_options o = { .users = { .lookup = lookup },
		.cost = { 1, CREDENTIALS_ITERATIONS_MIN } };

	log_setup(2, LOG_ERROR);
	assert(a != NULL || auth_new(&o, &a) == RC_OK);
	return a;
}

/* The client's connection has both bindings, or one. */
static size_t
binding(const void *arg, enum auth_binding kind,
    unsigned char ret_binding[AUTH_BINDING_BYTES_MAX])
{
	const unsigned *choice = arg;

	if ((*choice & 1u << kind) != 0)
		return 0;
	if (ret_binding != NULL)
		memset(ret_binding, 'b', 32);
	return 32;
}

/* Take one message off *input. */
static struct str
next_message(struct str *input)
{
	struct str message = str_head(*input, str_find(*input, '\xff'));

	*input = str_skip(*input, message.n + 1);
	return message;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { .p = (const char *)data, .n = size };
	unsigned choice = size > 0 ? data[0] : 0;
	struct auth_client client = { .protocol = "imap",
		.peer = "192.0.2.1",
		.binding = binding,
		.binding_arg = &choice,
		.certificate_user = "alice" };
	struct auth_verdict verdict;
	struct sasl_exchange *x;
	struct auth_check *check;
	struct buf challenge;
	enum sasl_next next;
	bool decided;
	struct str message;
	static uint64_t ms;

	clock_fake(ms += 100 * THROTTLE_HALF_LIFE_MS, 1); /* forget failures */
	input = str_skip(input, 1);
	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	x = sasl_new(auth_once(), &sasl_mechanisms[(choice >> 3) % 9], &client);
	if (x == NULL) {
		buf_fini(&challenge);
		return 0;
	}
	message = next_message(&input);
	next =
	    sasl_start(x, choice & 4 ? &message : NULL, &challenge, &verdict);
	while (next == SASL_CONTINUE && input.n > 0) {
		message = next_message(&input);
		next = sasl_step(x, message, &challenge, &verdict);
	}
	if (next == SASL_CHECK) {
		check = sasl_take_check(x);
		decided = auth_check_run(check, &verdict);
		assert(decided);
		auth_check_free(check);
	}
	assert(next == SASL_CONTINUE || verdict.outcome != AUTH_OK);
	sasl_free(x);
	buf_fini(&challenge);
	return 0;
}
