/* SPDX-License-Identifier: MIT
 *
 * Who has logged in from where: the networks that an account was used from, for
 * FAMILIAR_MS_MAX after the last time.  Whoever comes from one of them is more
 * likely to be its owner than a stranger is, and goes first where many wait; he
 * is let in for nothing that others are not.
 *
 * A network is an IPv4 /24 or an IPv6 /48: addresses change, but seldom by more.
 * Of an account not more than FAMILIAR_NETWORKS_MAX are known, so that nobody
 * drives out what is known of all others; when there is no room, the one that
 * was used longest ago goes.  Memory is fixed, and used as accounts are.
 */
#ifndef AVOCET_AUTH_FAMILIAR_H
#define AVOCET_AUTH_FAMILIAR_H

#include <stdbool.h>
#include <stdint.h>

#define FAMILIAR_NETWORKS_MAX 8
#define FAMILIAR_MS_MAX	      (UINT64_C(30) * 24 * 60 * 60 * 1000)

struct familiar;

struct familiar *familiar_new(void);

/* NULL is fine. */
void familiar_free(struct familiar *f);

/* Neither of these waits; they may be called from many threads.  ${peer}: an
 * address without port, or "unix". */

/* ${account} was logged in to from ${peer}. */
void familiar_add(struct familiar *f, uint64_t account, const char *peer);

/* Was it lately, from there or near by? */
bool familiar_has(struct familiar *f, uint64_t account, const char *peer);

#endif
