/* SPDX-License-Identifier: MIT
 *
 * What the connections of one address, or of one account, share: how many there
 * may be at once, how fast new ones may come, and how much may be sent to them.
 * All functions may be called from many threads and do not wait.
 *
 * What is sent is paid for with time: each octet takes its part of a second.
 * Up to SHARE_BURST_MS may have been saved, and be spent at once.  Who has none
 * left pauses until what was sent is paid for.
 */
#ifndef AVOCET_NET_SHARE_H
#define AVOCET_NET_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shares; /* a table of them */
struct share;

struct shares_limits {
	unsigned connections;	   /* of one at once; 0: no limit */
	unsigned per_minute;	   /* new ones; so many may also come at once.
			       * 0: no limit */
	uint64_t bytes_per_second; /* less than SHARE_RATE_MIN is that; 0: no
				      limit */
};

enum share_answer {
	SHARE_OK,
	SHARE_FULL, /* it has as many connections as it may */
	SHARE_FAST, /* they have come too fast */
};

struct shares *shares_new(struct shares_limits limits);

/* Other limits from now on: who is there stays, and all may make as many new
 * ones as if they had made none. */
void shares_set_limits(struct shares *s, struct shares_limits limits);

/* When no connection is counted any more.  NULL is fine. */
void shares_free(struct shares *s);

/* One more connection of whoever is called ${key}: with SHARE_OK it is counted
 * until share_leave(), else it is one too many. */
enum share_answer
share_enter(struct shares *s, uint64_t key, struct share **ret_share);

/* NULL is fine, here and below. */
void share_leave(struct share *share);

/* ${bytes} were sent. */
void share_spend(struct share *share, uint64_t bytes);

/* How many milliseconds to pause before more is sent; 0: none. */
uint64_t share_pause_ms(const struct share *share);

/* How many bytes to send at most before that is asked again; ${most} when there
 * is no limit. */
size_t share_turn_bytes(const struct share *share, size_t most);

#endif
