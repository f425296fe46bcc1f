/* SPDX-License-Identifier: MIT
 *
 * Arguments of LIST and STATUS, with mailbox names of both kinds.
 */
#include "imap_fuzz.h"

#include "proto/imap/list.h"

static bool
trip_list(struct parser *p, struct buf *out)
{
	const char *from = p->c.at;
	struct list_args args;
	bool valid;

	if (!parse_list(p, &args))
		return false;
	assert(args.pattern_count > 0);
	valid = args.reference.valid;
	for (size_t i = 0; i < args.pattern_count; i++)
		valid = valid && args.patterns[i].valid;
	if (valid)
		write_list(out, &args, p->options.rev2);
	else
		p->c.at = from; /* such a name has no form of its own */
	return valid;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct parse_options rev2 = { .rev2 = true };
	struct parse_options none = { 0 };

	fuzz_round_trip(in, none, trip_list);
	fuzz_round_trip(in, rev2, trip_list);
	return 0;
}
