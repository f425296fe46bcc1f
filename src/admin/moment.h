/* SPDX-License-Identifier: MIT
 *
 * Moments as an administrator writes them.
 */
#ifndef AVOCET_ADMIN_MOMENT_H
#define AVOCET_ADMIN_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

enum moment_way { MOMENT_AGO, MOMENT_AHEAD };

/* "2026-01-31", "2026-01-31T12:34:56Z" (UTC), or a duration ("3d") before or
 * after now: seconds. */
bool moment_parse(const char *text, enum moment_way way, int64_t *ret_seconds);

#endif
