/* SPDX-License-Identifier: MIT
 *
 * Arguments of FETCH and STORE.
 */
#include "imap_fuzz.h"

#include "proto/imap/fetch.h"
#include "proto/imap/store.h"

static bool
trip_fetch(struct parser *p, struct buf *out)
{
	struct fetch_args args;

	if (!parse_fetch(p, &args))
		return false;
	assert(args.att_count > 0 && args.att_count <= FETCH_ITEMS_MAX);
	write_fetch(out, &args);
	return true;
}

static bool
trip_store(struct parser *p, struct buf *out)
{
	struct store_args args;

	if (!parse_store(p, &args))
		return false;
	write_store(out, &args);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct parse_options none = { 0 };

	fuzz_round_trip(in, none, trip_fetch);
	fuzz_round_trip(in, none, trip_store);
	return 0;
}
