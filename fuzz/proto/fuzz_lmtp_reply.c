/* SPDX-License-Identifier: MIT
 *
 * The grammar of LMTP replies.
 */
#include "output_fuzz.h"

#include "proto/lmtp/reply_check.h"

static struct output_check *
new_check(bool greeted)
{
	struct output_check *o = lmtp_reply_check_new();

	if (greeted)
		(void)o->text(o, STR("220 a LMTP\r\n"));
	return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	output_fuzz(data, size, new_check);
	return 0;
}
