/* SPDX-License-Identifier: MIT
 *
 * The grammar of POP3 responses.
 */
#include "output_fuzz.h"

#include "proto/pop3/response_check.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	output_fuzz(data, size, pop3_response_check_new);
	return 0;
}
