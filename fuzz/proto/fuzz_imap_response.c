/* SPDX-License-Identifier: MIT
 *
 * The grammar of IMAP responses.
 */
#include "output_fuzz.h"

#include "proto/imap/response_check.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	output_fuzz(data, size, response_check_new);
	return 0;
}
