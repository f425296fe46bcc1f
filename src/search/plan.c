/* SPDX-License-Identifier: MIT
 *
 * Evaluating a search with three values: yes, no, and not known yet.
 */
#include "search/plan.h"

#include <assert.h>

static bool
in_range(const struct plan_node *n, int64_t number)
{
	return n->range.least <= number && number <= n->range.most;
}

/* Is ${number} in one of the ascending ranges? */
static bool
in_set(const struct plan_node *n, uint32_t number)
{
	size_t low = 0, high = n->set.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->set.v[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n->set.n && n->set.v[low].first <= number;
}

/* A test of the message's entry in the mailbox's list. */
static bool
list_test(const struct plan_node *n, const struct message *m)
{
	switch (n->kind) {
	case PLAN_EMAIL:
		return m->email == n->bits.value;
	case PLAN_FLAGS:
		return (m->flags & n->bits.mask) == n->bits.value;
	case PLAN_KEYWORDS:
		return (m->keywords & n->bits.mask) == n->bits.value;
	case PLAN_RECENT:
		return m->recent;
	case PLAN_SIZE:
		return in_range(n, (int64_t)m->size);
	case PLAN_DATE:
		return in_range(n, m->internal_date);
	case PLAN_SAVED:
		return in_range(n, m->save_date);
	case PLAN_MODSEQ:
		return in_range(n, (int64_t)m->modseq);
	case PLAN_SEQS:
		return in_set(n, m->seq);
	case PLAN_UIDS:
		return in_set(n, m->uid);
	default:
		assert(n->kind == PLAN_ALL);
		return true;
	}
}

/* A test of what the message holds.  A string found early is found; one not
 * found is missing only when all has been looked at. */
static enum verdict
content_test(const struct plan *p, const struct plan_node *n,
    const struct plan_facts *facts)
{
	bool found;

	if (n->kind == PLAN_THREAD) {
		found =
		    facts->stage >= n->stage && facts->thread == n->bits.value;
	} else if (n->kind == PLAN_SENT) {
		found = facts->stage >= n->stage && facts->sent_valid &&
			in_range(n, facts->sent_day);
	} else if (n->kind == PLAN_FIELD) {
		found = p->fields[n->index].found;
	} else {
		found = p->needles[n->index].found;
	}
	if (found)
		return VERDICT_YES;
	return facts->stage >= n->stage ? VERDICT_NO : VERDICT_OPEN;
}

static enum verdict verdict_of(const struct plan *p, const struct plan_node *n,
    const struct plan_facts *facts);

/* AND is decided by a child that says no, OR by one that says yes. */
static enum verdict
verdict_of_children(const struct plan *p, const struct plan_node *n,
    const struct plan_facts *facts)
{
	enum verdict decisive = n->kind == PLAN_AND ? VERDICT_NO : VERDICT_YES;
	enum verdict result = n->kind == PLAN_AND ? VERDICT_YES : VERDICT_NO;

	for (const struct plan_node *c = n->children; c != NULL; c = c->next) {
		enum verdict v = verdict_of(p, c, facts);

		if (v == decisive)
			return v;
		if (v == VERDICT_OPEN)
			result = VERDICT_OPEN;
	}
	return result;
}

static enum verdict
verdict_of(const struct plan *p, const struct plan_node *n,
    const struct plan_facts *facts)
{
	enum verdict v;

	if (n->kind == PLAN_AND || n->kind == PLAN_OR)
		v = verdict_of_children(p, n, facts);
	else if (n->stage > STAGE_LIST)
		v = content_test(p, n, facts);
	else
		v = list_test(n, facts->message) ? VERDICT_YES : VERDICT_NO;
	if (!n->negate || v == VERDICT_OPEN)
		return v;
	return v == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
}

enum verdict
plan_verdict(const struct plan *p, const struct plan_facts *facts)
{
	return verdict_of(p, p->root, facts);
}

void
plan_adopt(struct plan_node *parent, struct plan_node *child)
{
	struct plan_node **at = &parent->children;

	while (*at != NULL && (*at)->stage < child->stage)
		at = &(*at)->next;
	child->next = *at;
	*at = child;
	if (child->stage > parent->stage)
		parent->stage = child->stage;
}

static bool
is_bounds(const struct plan_node *n)
{
	return (n->kind == PLAN_SEQS || n->kind == PLAN_UIDS) && !n->negate;
}

const struct plan_node *
plan_bounds(const struct plan *p)
{
	const struct plan_node *n = p->root;

	if (is_bounds(n))
		return n;
	if (n->kind != PLAN_AND || n->negate)
		return NULL;
	for (n = n->children; n != NULL; n = n->next) {
		if (is_bounds(n))
			return n;
	}
	return NULL;
}
