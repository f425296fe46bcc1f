/* SPDX-License-Identifier: MIT
 *
 * Names that are almost right, for messages that say what might be meant.
 */
#ifndef AVOCET_CONFIG_NEAR_H
#define AVOCET_CONFIG_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/* May ${wrong} be a mistake for ${right}, and nearer than the names asked about
 * before?  *best is SIZE_MAX at first, then how near the nearest was: so many
 * letters (up to a third of all) differ, or the end was left out. */
bool near_enough(const char *wrong, const char *right, size_t *best);

#endif
