/* SPDX-License-Identifier: MIT
 *
 * SCRAM's messages: the client's first, and after an LF its last.  What is taken
 * apart makes the message again, and a name has no more octets than its text.
 * Nobody proves anything: the keys are all zero, of which no password is known.
 */
#include <assert.h>

#include "auth/scram.h"
#include "base/limits.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(struct str saslname)
{
	struct buf name;

	buf_init(&name, SASL_MESSAGE_BYTES_MAX);
	scram_read_saslname(saslname, &name);
	assert(name.n <= saslname.n && (name.n > 0) == (saslname.n > 0));
	buf_fini(&name);
}

static void
check_first(struct str message, const struct scram_client_first *f)
{
	assert(f->header.p == message.p &&
	       f->bare.p == message.p + f->header.n &&
	       f->header.n + f->bare.n == message.n);
	assert(f->user.n > 0 && f->nonce.n > 0 &&
	       (f->binding.n > 0) == (f->flag == SCRAM_BOUND));
	check_name(f->user);
	check_name(f->authzid);
}

static void
check_final(struct str message, const struct scram_client_final *f)
{
	assert(f->without_proof.p == message.p && f->binding.n > 0 &&
	       f->nonce.n > 0 && f->proof.n > 0);
	assert(f->without_proof.n + 3 + f->proof.n == message.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };
	struct str message = str_head(input, str_find(input, '\n'));
	struct str last = str_skip(input, message.n + 1);
	const struct scram_keys keys = { .iterations = 4096 };
	struct scram_client_first first;
	struct scram_client_final final;
	struct buf challenge;
	enum scram_end end;
	struct scram s;

	if (scram_parse_client_final(last, &final))
		check_final(last, &final);
	if (!scram_parse_client_first(message, &first))
		return 0;
	check_first(message, &first);
	buf_init(&challenge, 2 * SASL_MESSAGE_BYTES_MAX);
	scram_init(&s, size % 2 == 0 ? SCRAM_SHA_1 : SCRAM_SHA_256);
	scram_challenge(&s, &first, &keys, STR("nonce"), &challenge);
	assert(str_begins(buf_str(&challenge), STR("r=")));
	end = scram_conclude(&s, last, STR("binding"), &challenge);
	assert(end != SCRAM_PROVEN);
	scram_fini(&s);
	buf_fini(&challenge);
	return 0;
}
