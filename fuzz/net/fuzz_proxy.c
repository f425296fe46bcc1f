/* SPDX-License-Identifier: MIT
 *
 * A proxy's header: any bytes.  One that is whole is not more than what is
 * there, and each part of it asks for more; so does it with anything behind it.
 */
#include <assert.h>

#include "net/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct proxy_network network;
	struct proxy_header h, again;

	(void)proxy_parse_network(in, &network);
	switch (proxy_parse_header(in, &h)) {
	case PROXY_MORE:
		assert(size < PROXY_HEADER_BYTES_MAX);
		break;
	case PROXY_DONE:
		assert(h.size <= size && h.size <= PROXY_HEADER_BYTES_MAX);
		for (size_t n = 0; n < h.size; n++)
			assert(proxy_parse_header(str_head(in, n), &again) ==
			       PROXY_MORE);
		assert(proxy_parse_header(str_head(in, h.size), &again) ==
		       PROXY_DONE);
		break;
	case PROXY_BAD:
		break;
	}
	return 0;
}
