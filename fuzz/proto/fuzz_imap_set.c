/* SPDX-License-Identifier: MIT
 *
 * Sequence sets: written as they were, and resolved to ascending ranges that
 * do not touch.
 */
#include "imap_fuzz.h"

#include "proto/imap/set.h"

static bool
trip_set(struct parser *p, struct buf *out)
{
	struct seq_ranges r;
	struct seq_set set;

	if (!parse_sequence_set(p, &set))
		return false;
	assert(seq_set_resolve(&set, 1000, p->arena, &r));
	for (size_t i = 0; i < r.n; i++) {
		assert(r.v[i].first > 0 && r.v[i].first <= r.v[i].last);
		assert(i == 0 || r.v[i - 1].last + 1ull < r.v[i].first);
	}
	write_set(out, &set);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct parse_options none = { 0 };

	fuzz_round_trip(in, none, trip_set);
	return 0;
}
