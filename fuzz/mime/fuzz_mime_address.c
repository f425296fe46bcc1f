/* SPDX-License-Identifier: MIT
 *
 * Address lists: the walk ends, groups that begin also end and do not nest,
 * nothing comes out that was not in.
 */
#include <assert.h>

#include "mime/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = { .p = (const char *)data, .n = size };
	struct mime_addresses list;
	struct mime_address a;
	bool in_group = false;
	size_t count = 0;

	mime_addresses_init(&list, value);
	while (mime_addresses_next(&list, &a)) {
		assert(in_group || a.kind != MIME_ADDRESS_GROUP_END);
		assert(!in_group || a.kind != MIME_ADDRESS_GROUP);
		if (a.kind != MIME_ADDRESS_MAILBOX)
			in_group = a.kind == MIME_ADDRESS_GROUP;
		assert(a.name.n <= size && a.route.n <= size);
		assert(a.mailbox.n <= size && a.host.n <= size);
		count++;
	}
	assert(!in_group && count <= size + 1);
	mime_addresses_fini(&list);
	return 0;
}
