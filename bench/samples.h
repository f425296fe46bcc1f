/* SPDX-License-Identifier: MIT
 *
 * Times of many operations, and what is printed of them.
 */
#ifndef AVOCET_BENCH_SAMPLES_H
#define AVOCET_BENCH_SAMPLES_H

#include "base/vec.h"
#include "cost.h"

struct samples {
	VEC(uint64_t) v; /* nanoseconds */
};

/* The time that ${percent} of all stayed below; sorts them. */
uint64_t samples_percentile(struct samples *s, double percent);

/* Operations that ran side by side: begin, add a sample each, end.  The end
 * prints ${name}.per_s, .p50_us, .p99_us, .max_us, .cpu_us, .pss_kb and, with
 * a disk, .written_bytes. */
struct rate {
	const struct options *o;
	struct samples samples;
	struct cost before;
	uint64_t from_ns;
};
void rate_begin(struct rate *r, const struct options *o);
void rate_end(struct rate *r, const char *name_format, ...)
    __attribute__((format(printf, 2, 3)));

/* One long operation: print ${name}.ms and .cpu_ms. */
void duration_print(
    const struct options *o, struct cost before, uint64_t ns, const char *name);

#endif
