/* SPDX-License-Identifier: MIT
 *
 * Arguments of CONDSTORE and QRESYNC: RFC 7162 section 7.
 */
#include "proto/imap/resync.h"

#include <assert.h>

#include "proto/imap/string.h"

/* A parser of a modifier's value, which must be taken whole. */
static struct parser
parser_of(const struct tagged_value *value, struct arena *a)
{
	struct parser p;

	parser_init(&p, value->text, a, (struct parse_options){ 0 });
	return p;
}

bool
modifier_modseq(const struct modifier *m, uint64_t *ret_modseq)
{
	struct parser p;

	if (m->value == NULL || m->value->is_list)
		return false;
	p = parser_of(m->value, NULL);
	return parse_number64(&p, ret_modseq) && parse_end(&p);
}

/* uidvalidity SP mod-sequence-value; *value is left at what follows. */
static bool
take_numbers(
    const struct tagged_value **value, struct arena *a, struct qresync *q)
{
	const struct tagged_value *first = *value;
	const struct tagged_value *second;
	struct parser p;

	if (first == NULL || first->is_list || first->next == NULL ||
	    first->next->is_list)
		return false;
	second = first->next;
	p = parser_of(first, a);
	if (!parse_nz_number(&p, &q->uidvalidity) || !parse_end(&p))
		return false;
	p = parser_of(second, a);
	if (!parse_nz_number64(&p, &q->modseq) || !parse_end(&p))
		return false;
	*value = second->next;
	return true;
}

/* known-uids = sequence-set; "*" is not allowed   RFC 7162 section 7 */
static bool
take_set(const struct tagged_value *value, struct arena *a, struct seq_set *set)
{
	struct parser p;

	if (value == NULL || value->is_list)
		return false;
	p = parser_of(value, a);
	return parse_uid_set(&p, set) && parse_end(&p);
}

/* The same where the set must be ascending; as ranges that are joined. */
static bool
take_ascending(const struct tagged_value *value, struct arena *a,
    struct seq_ranges *ret_ranges)
{
	struct seq_set set;
	uint64_t before = 0;

	if (!take_set(value, a, &set))
		return false;
	for (size_t i = 0; i < set.n; i++) {
		if (set.v[i].first <= before || set.v[i].last < set.v[i].first)
			return false;
		before = set.v[i].last;
	}
	return seq_set_resolve(&set, UINT32_MAX, a, ret_ranges);
}

/* seq-match-data = "(" known-sequence-set SP known-uid-set ")"
 *                                                 RFC 7162 section 7 */
static bool
take_match_data(
    const struct tagged_value *value, struct arena *a, struct qresync *q)
{
	const struct tagged_value *numbers = value->children;

	return numbers != NULL && numbers->next != NULL &&
	       numbers->next->next == NULL &&
	       take_ascending(numbers, a, &q->numbers) &&
	       take_ascending(numbers->next, a, &q->uids) &&
	       seq_ranges_count(&q->numbers) == seq_ranges_count(&q->uids);
}

bool
modifier_qresync(
    const struct modifier *m, struct arena *a, struct qresync *ret_qresync)
{
	struct qresync q = { 0 };
	const struct tagged_value *value;

	if (m->value == NULL || !m->value->is_list)
		return false;
	value = m->value->children;
	if (!take_numbers(&value, a, &q))
		return false;
	if (value != NULL && !value->is_list) {
		q.has_known = true;
		if (!take_set(value, a, &q.known))
			return false;
		value = value->next;
	}
	if (value != NULL && value->is_list) {
		if (!take_match_data(value, a, &q))
			return false;
		value = value->next;
	}
	if (value != NULL)
		return false;
	*ret_qresync = q;
	return true;
}

uint32_t
seq_ranges_at(const struct seq_ranges *r, uint64_t n)
{
	for (size_t i = 0; i < r->n; i++) {
		uint64_t count = (uint64_t)r->v[i].last - r->v[i].first + 1;

		if (n < count)
			return (uint32_t)(r->v[i].first + n);
		n -= count;
	}
	assert(false); /* there are so many */
	return 0;
}
