/* SPDX-License-Identifier: MIT
 *
 * A search made ready to be evaluated: a tree of tests, the cheap ones first.
 *
 * What a message costs to look at rises in stages: what the mailbox's list
 * holds, the stored record, the header, the text of the body.  A test is known
 * from its stage on; the tree as a whole is often known earlier, so the
 * evaluator asks after each stage and stops when the verdict is certain.
 */
#ifndef AVOCET_SEARCH_PLAN_H
#define AVOCET_SEARCH_PLAN_H

#include "mail/view.h"
#include "search/match.h"

enum plan_stage {
	STAGE_LIST,   /* struct message */
	STAGE_RECORD, /* struct email */
	STAGE_HEADER,
	STAGE_BODY,
	STAGE_COUNT,
};

enum plan_kind {
	PLAN_ALL,      /* every message */
	PLAN_EMAIL,    /* email == bits.value */
	PLAN_FLAGS,    /* (flags & mask) == value */
	PLAN_KEYWORDS, /* the same with keywords */
	PLAN_RECENT,
	PLAN_SIZE,  /* least <= size <= most */
	PLAN_DATE,  /* the same with the internal date */
	PLAN_SAVED, /* with the save date */
	PLAN_MODSEQ,
	PLAN_SEQS, /* the number is in the ranges */
	PLAN_UIDS,
	PLAN_THREAD, /* thread == bits.value */
	PLAN_SENT,   /* least <= day of the Date field <= most */
	PLAN_FIELD,  /* plan.fields[index].found */
	PLAN_TEXT,   /* plan.needles[index].found */
	PLAN_AND,
	PLAN_OR,
};

struct plan_node {
	enum plan_kind kind;
	bool negate;
	enum plan_stage stage; /* known from here on */
	union {
		struct {
			uint64_t mask;
			uint64_t value;
		} bits;
		struct {
			int64_t least;
			int64_t most;
		} range;
		struct {
			const struct uid_range *v; /* ascending, disjoint */
			size_t n;
		} set;
		size_t index;
		struct plan_node *children; /* by stage */
	};
	struct plan_node *next;
};

/* A header field that must be there with a string in it. */
struct plan_field {
	struct str name;   /* compared without case */
	struct str folded; /* "": any text */
	bool addresses;	   /* or with it in an address, as ENVELOPE has it */
	bool found;
};

/* Scopes of plan.needles. */
enum {
	PLAN_IN_HEADER = 1, /* TEXT */
	PLAN_IN_BODY = 2,   /* TEXT and BODY */
};

struct plan {
	struct plan_node *root;
	struct plan_field *fields;
	size_t field_count;
	struct match_needle *needles;
	size_t needle_count;
};

/* What is known of one message besides the plan's found marks. */
struct plan_facts {
	const struct message *message;
	enum plan_stage stage; /* everything up to here has been looked at */
	uint64_t thread;
	bool sent_valid;  /* has a Date field that can be read */
	int64_t sent_day; /* days since 1970-01-01, as written */
};

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_OPEN };

/* Does the message match, as far as can be said at facts->stage?  Never OPEN
 * at the stage of the root. */
enum verdict plan_verdict(const struct plan *p, const struct plan_facts *facts);

/* Put ${child} among the children of ${parent} (PLAN_AND or PLAN_OR), whose
 * stage rises as needed. */
void plan_adopt(struct plan_node *parent, struct plan_node *child);

/* If every match must lie in one set, that set (PLAN_SEQS or PLAN_UIDS);
 * else NULL. */
const struct plan_node *plan_bounds(const struct plan *p);

#endif
