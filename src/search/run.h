/* SPDX-License-Identifier: MIT
 *
 * Running a search: a plan evaluated over a view, message by message and
 * stage by stage, so that nothing is read that the verdict does not need.
 */
#ifndef AVOCET_SEARCH_RUN_H
#define AVOCET_SEARCH_RUN_H

#include "search/plan.h"
#include "search/result.h"

struct run {
	struct mail *mail;
	struct view *view;
	struct plan *plan;
	struct arena *arena; /* for scratch; as it was afterwards */
	/* Asked after each message that had to be opened; an error ends the
	 * search.  May be NULL. */
	enum rc (*go_on)(void *arg);
	void *arg;
	/* Out: messages that might match but are damaged.  They are taken as
	 * not matching, and so are those that are gone for good. */
	uint32_t damaged;
};

/* Add every match to ${result}.  Reads the disk; holds nothing while it waits.
 * RC_LIMIT when the arena refuses, RC_IO, what go_on() said. */
enum rc run_search(struct run *r, struct result *result) MUST_CHECK;

#endif
