/* SPDX-License-Identifier: MIT
 *
 * Functions that must not be used, made into compile errors: unbounded
 * copies, locale-dependent parsing, static results.  The build includes this
 * header in every file, after the system's own have been seen.
 */
#ifndef AVOCET_BASE_BANNED_H
#define AVOCET_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok
#pragma GCC poison strtok_r atoi atol atoll strtol strtoul strtoll strtoull
#pragma GCC poison sscanf ctime ctime_r asctime gmtime localtime gets

#endif
