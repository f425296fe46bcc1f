/* SPDX-License-Identifier: MIT
 *
 * What a server used: of all processes below a root, those included that have
 * ended and were waited for.
 */
#ifndef AVOCET_BENCH_COST_H
#define AVOCET_BENCH_COST_H

#include "bench.h"

struct cost {
	uint64_t cpu_ns;
	uint64_t client_ns; /* CPU time of this program itself */
	uint64_t written;   /* octets, by anybody, to the disk o->disk */
};

/* What was used up to now; zeroes for what the options do not name, process or
 * disk.  ${settle} waits until what was written is on the disk. */
struct cost cost_now(const struct options *o, bool settle);

/* Octets of memory: the proportional set size (PSS) of all processes. */
uint64_t cost_memory(const struct options *o);

/* The same without pages of mapped files, which the system may take back. */
uint64_t cost_memory_own(const struct options *o);

#endif
