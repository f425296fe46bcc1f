/* SPDX-License-Identifier: MIT
 *
 * The parser: any split gives the same, the texts are well-formed, the ranges
 * lie in the message and nest.  The first octet says where to split.
 */
#include "../../test/unit/mime/mime_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str message = { .p = (const char *)data, .n = size };
	size_t first = size > 0 ? data[0] % (size + 1) : 0;

	property_message(message, first, size > 1 ? data[1] + 1u : 1);
	return 0;
}
