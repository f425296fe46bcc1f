/* SPDX-License-Identifier: MIT
 *
 * What a search found, no more of it than was asked for (RFC 9051 section
 * 6.4.4, RFC 4731 section 3.1, RFC 5182 section 2.4).
 */
#ifndef AVOCET_SEARCH_RESULT_H
#define AVOCET_SEARCH_RESULT_H

#include "mail/view.h"

/* Result options, as bits. */
enum {
	RESULT_MIN = 1,
	RESULT_MAX = 2,
	RESULT_COUNT = 4,
	RESULT_ALL = 8,
	RESULT_SAVE = 16,
};

struct result {
	unsigned options;
	bool by_uid; /* min, max and all are UIDs, else message numbers */
	uint32_t count;
	uint32_t min; /* 0: nothing was found */
	uint32_t max;
	uint64_t modseq;     /* the highest of what is returned */
	struct uid_list all; /* with RESULT_ALL, ascending */
	/* For SAVE: always UIDs. */
	uint32_t min_uid;
	uint32_t max_uid;
	struct uid_list all_uids;
	uint64_t min_modseq; /* of the first match; result.c's */
};

void result_init(struct result *r, unsigned options, bool by_uid);
void result_fini(struct result *r);

/* One more match; they come in ascending order.  False when no later match
 * can change the result (MIN alone): the search may end. */
bool result_add(struct result *r, const struct message *m);

/* The UIDs that "$" stands for after this search, RFC 9051 table 4.  With
 * RESULT_SAVE only; the list becomes the caller's. */
void result_take_saved(struct result *r, struct uid_list *ret_uids);

#endif
