/* SPDX-License-Identifier: MIT
 *
 * Stored credentials: any bytes are refused or have one packed form.
 */
#include <assert.h>

#include "auth/credentials.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str packed = { .p = (const char *)data, .n = size };
	struct credentials c;
	struct buf again;

	if (credentials_unpack(packed, &c) != RC_OK)
		return 0;
	buf_init(&again, CREDENTIALS_PACKED_BYTES_MAX);
	credentials_pack(&c, &again);
	assert(str_eq(buf_str(&again), packed));
	buf_fini(&again);
	return 0;
}
