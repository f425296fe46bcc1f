/* SPDX-License-Identifier: MIT
 *
 * Sizes and durations as people write them: "128M", "14d".
 */
#ifndef AVOCET_CONFIG_UNIT_H
#define AVOCET_CONFIG_UNIT_H

#include "base/str.h"

/* A number with an optional K, M, G (powers of 1024): bytes. */
bool unit_parse_size(struct str s, uint64_t *ret_bytes);

/* A number with s, m, h, d or w: seconds.  The unit must be there. */
bool unit_parse_duration(struct str s, uint64_t *ret_seconds);

/* What to write, for a message. */
const char *unit_example(bool is_size, bool is_duration);

#endif
