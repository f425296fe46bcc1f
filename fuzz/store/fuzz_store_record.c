/* SPDX-License-Identifier: MIT
 *
 * Log records and segment headers as they may stand on a disk: raw, and with
 * the checks made right so that what is behind them is reached.
 */
#include "base/mem.h"
#include "store/record.h"
#include "store/segment_file.h"

#define SALT 0x1234

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch the bytes, so that the sanitizer sees where they are. */
static uint64_t
sum(struct str s)
{
	uint64_t total = 0;

	for (size_t i = 0; i < s.n; i++)
		total += (unsigned char)s.p[i];
	return total;
}

static uint64_t
walk(const struct record *r)
{
	struct record_item item;
	uint64_t total = 0;
	size_t at = 0;

	while (record_next(r, &at, &item)) {
		struct record_blob blob;

		total += sum(item.key) + sum(item.value);
		if (record_blob_take(&item, &blob))
			total += sum(blob.prefix) + sum(blob.image);
	}
	return total;
}

static void
try_header(const uint8_t *data, size_t size)
{
	char *space = mem_alloc(SEGMENT_HEADER_BYTES);
	struct segment_header h;
	bool damaged;

	memcpy(space, data,
	    size < SEGMENT_HEADER_BYTES ? size : SEGMENT_HEADER_BYTES);
	if (segment_header_unpack(space, &h, &damaged) == RC_OK)
		segment_header_pack(&h, space);
	mem_free(space);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_head head = { .account = 1, .seq = 1 };
	struct str bytes = { (const char *)data, size };
	volatile uint64_t total = 0;
	struct record r;
	struct buf b;
	size_t at;

	try_header(data, size);
	if (record_take(bytes, 0, SALT, &r))
		total += walk(&r);
	buf_init(&b, RECORD_PAYLOAD_BYTES_MAX);
	at = record_begin(&b);
	buf_add_str(&b, bytes);
	record_end(&b, at, &head, SALT);
	if (!record_take(buf_str(&b), 0, SALT, &r) || r.payload.n != size)
		__builtin_trap();
	total += walk(&r);
	buf_fini(&b);
	return 0;
}
