/* SPDX-License-Identifier: MIT
 *
 * A check of output: any cut of the octets gives the same verdict.  The first
 * octet says where to cut, and whether the greeting is over.
 */
#ifndef AVOCET_FUZZ_OUTPUT_FUZZ_H
#define AVOCET_FUZZ_OUTPUT_FUZZ_H

#include <assert.h>

#include "base/output_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
output_fuzz(const uint8_t *data, size_t size,
    struct output_check *(*new_check)(bool greeted))
{
	struct str in = { .p = (const char *)data, .n = size };
	unsigned seed = size > 0 ? data[0] : 0;
	struct buf why[2];

	in = str_skip(in, 1);
	for (size_t i = 0; i < 2; i++) {
		struct output_check *o = new_check(seed & 1);

		buf_init(&why[i], 4096);
		if (!o->text(o, str_head(in, i * seed)) ||
		    !o->text(o, str_skip(in, i * seed)))
			o->why(o, &why[i]);
		o->free(o);
	}
	assert(str_eq(buf_str(&why[0]), buf_str(&why[1])));
	buf_fini(&why[0]);
	buf_fini(&why[1]);
}

#endif
