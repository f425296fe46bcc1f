/* SPDX-License-Identifier: MIT
 *
 * Arguments of SEARCH.
 */
#include "imap_fuzz.h"

#include "proto/imap/search.h"

static bool
trip_search(struct parser *p, struct buf *out)
{
	struct search_args args;

	if (!parse_search(p, &args))
		return false;
	assert(args.key_count > 1 && args.key_count <= SEARCH_KEYS_MAX);
	write_search(out, &args);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct parse_options utf8 = { .utf8 = true };
	struct parse_options none = { 0 };

	fuzz_round_trip(in, none, trip_search);
	fuzz_round_trip(in, utf8, trip_search);
	return 0;
}
