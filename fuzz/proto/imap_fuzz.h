/* SPDX-License-Identifier: MIT
 *
 * The frame of the grammar's fuzz targets: what parses is written, parses
 * again and is written the same; what does not leaves the parser where it was.
 */
#ifndef AVOCET_FUZZ_IMAP_FUZZ_H
#define AVOCET_FUZZ_IMAP_FUZZ_H

#include <assert.h>

#include "proto/imap/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parse and write; false when it did not parse. */
typedef bool fuzz_trip_fn(struct parser *p, struct buf *out);

#define FUZZ_BYTES_MAX (8 * 1024 * 1024)

/* Parse ${in}, write it to ${out}. */
static inline bool
fuzz_trip(struct str in, struct parse_options options, fuzz_trip_fn *fn,
    struct buf *out)
{
	struct arena *arena = arena_new(FUZZ_BYTES_MAX);
	struct buf why;
	struct parser p;
	const char *at;
	bool good;

	parser_init(&p, in, arena, options);
	at = p.c.at;
	good = fn(&p, out);
	assert(good || p.c.at == at);
	assert(p.nesting == 0);
	buf_init(&why, 1000);
	parser_why(&p, &why);
	assert(why.n > 0 && buf_check(&why) == RC_OK);
	buf_fini(&why);
	arena_free(arena);
	return good;
}

/* The whole property for one input. */
static inline void
fuzz_round_trip(struct str in, struct parse_options options, fuzz_trip_fn *fn)
{
	struct buf once, twice;

	buf_init(&once, FUZZ_BYTES_MAX);
	buf_init(&twice, FUZZ_BYTES_MAX);
	if (fuzz_trip(in, options, fn, &once)) {
		size_t n = once.n;

		buf_add_text(&once, "\r\n");
		assert(fuzz_trip(buf_str(&once), options, fn, &twice));
		assert(str_eq(buf_str(&twice), (struct str){ once.p, n }));
	}
	buf_fini(&once);
	buf_fini(&twice);
}

#endif
