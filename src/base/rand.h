/* SPDX-License-Identifier: MIT
 *
 * Random bytes from the kernel, fit for keys and nonces.
 */
#ifndef AVOCET_BASE_RAND_H
#define AVOCET_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

/* Fill ${size} bytes at ${to}.  Ends the process if the kernel has none. */
void rand_bytes(void *to, size_t size);

/* A random number. */
uint64_t rand_u64(void);

#endif
