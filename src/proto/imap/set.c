/* SPDX-License-Identifier: MIT
 *
 * Sets of numbers: RFC 9051 section 9, RFC 3501 section 9, RFC 5182 section 2.
 */
#include "proto/imap/set.h"

#include <stdlib.h>
#include <string.h>

#include "proto/imap/string.h"

/* -- parsing ------------------------------------------------------------- */

/* seq-number = nz-number / "*"                    RFC 9051 section 9 */
static bool
parse_seq_number(struct parser *p, bool last, uint32_t *ret_number)
{
	if (last && take_byte(p, '*')) {
		*ret_number = SEQ_LAST;
		return true;
	}
	return parse_nz_number(p, ret_number);
}

/* (seq-number / seq-range), where
 * seq-range = seq-number ":" seq-number           RFC 9051 section 9 */
static bool
parse_seq_range(struct parser *p, bool last, struct seq_range *ret_range)
{
	const char *from = p->c.at;
	struct seq_range r;

	if (!parse_seq_number(p, last, &r.first))
		return false;
	r.last = r.first;
	if (take_byte(p, ':') && !parse_seq_number(p, last, &r.last)) {
		p->c.at = from;
		return false;
	}
	*ret_range = r;
	return true;
}

bool
parse_one_number(struct parser *p, struct seq_set *ret_set)
{
	struct seq_range *r = parser_alloc(p, 1, sizeof(*r));

	if (r == NULL || !parse_seq_number(p, true, &r->first))
		return false;
	r->last = r->first;
	*ret_set = (struct seq_set){ .v = r, .n = 1 };
	return true;
}

/* range *("," range), with "*" if ${last} */
static bool
parse_ranges(struct parser *p, bool last, struct seq_set *ret_set)
{
	const char *from = p->c.at;
	struct seq_set set = { 0 };

	if (!parse_seq_range(p, last, &(struct seq_range){ 0 }))
		return false;
	p->c.at = from;
	set.v = parser_alloc(p, parser_count(p, ',', ' '), sizeof(*set.v));
	if (set.v == NULL)
		return false;
	do {
		if (!parse_seq_range(p, last, &set.v[set.n++])) {
			p->c.at = from;
			return false;
		}
	} while (take_byte(p, ','));
	*ret_set = set;
	return true;
}

bool
parse_sequence_set(struct parser *p, struct seq_set *ret_set)
{
	if (take_byte(p, '$')) {
		*ret_set = (struct seq_set){ .saved = true };
		return true;
	}
	return parse_ranges(p, true, ret_set) ||
	       parser_expected(p, p->c.at, "sequence-set");
}

bool
parse_uid_set(struct parser *p, struct seq_set *ret_set)
{
	return parse_ranges(p, false, ret_set) ||
	       parser_expected(p, p->c.at, "uid-set");
}

/* -- meaning ------------------------------------------------------------- */

static int
compare_ranges(const void *a, const void *b)
{
	const struct seq_range *x = a;
	const struct seq_range *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

size_t
seq_ranges_normalise(struct seq_range *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].first > v[i].last)
			v[i] = (struct seq_range){ v[i].last, v[i].first };
	if (n > 1)
		qsort(v, n, sizeof(*v), compare_ranges);
	for (size_t i = 0; i < n; i++) {
		struct seq_range *before = kept > 0 ? &v[kept - 1] : NULL;

		if (before == NULL || v[i].first > (uint64_t)before->last + 1)
			v[kept++] = v[i];
		else if (v[i].last > before->last)
			before->last = v[i].last;
	}
	return kept;
}

/* Put ${last} for "*"; false when it means nothing. */
static bool
resolve_range(struct seq_range *r, uint32_t last)
{
	if (r->first == SEQ_LAST)
		r->first = last;
	if (r->last == SEQ_LAST)
		r->last = last;
	return r->first != 0 && r->last != 0;
}

bool
seq_set_resolve(const struct seq_set *set, uint32_t last, struct arena *a,
    struct seq_ranges *ret_ranges)
{
	struct seq_ranges r = { .v = arena_array(a, set->n, sizeof(*r.v)) };

	if (r.v == NULL && set->n > 0)
		return false;
	for (size_t i = 0; i < set->n; i++) {
		r.v[r.n] = set->v[i];
		if (resolve_range(&r.v[r.n], last))
			r.n++;
	}
	r.n = seq_ranges_normalise(r.v, r.n);
	*ret_ranges = r;
	return true;
}

bool
seq_set_exceeds(const struct seq_set *set, uint32_t exists)
{
	for (size_t i = 0; i < set->n; i++) {
		struct seq_range r = set->v[i];

		if (!resolve_range(&r, exists) || r.first > exists ||
		    r.last > exists)
			return true;
	}
	return false;
}

bool
seq_ranges_has(const struct seq_ranges *r, uint32_t number)
{
	size_t low = 0;
	size_t high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->v[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n && r->v[low].first <= number;
}

uint64_t
seq_ranges_count(const struct seq_ranges *r)
{
	uint64_t count = 0;

	for (size_t i = 0; i < r->n; i++)
		count += (uint64_t)r->v[i].last - r->v[i].first + 1;
	return count;
}

/* -- writing ------------------------------------------------------------- */

static void
write_seq_number(struct buf *to, uint32_t number)
{
	if (number == SEQ_LAST)
		buf_add_byte(to, '*');
	else
		buf_add_number(to, number);
}

void
write_set(struct buf *to, const struct seq_set *set)
{
	if (set->saved)
		buf_add_byte(to, '$');
	else
		write_sequence_set(to, set->v, set->n);
}

void
write_sequence_set(struct buf *to, const struct seq_range *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_byte(to, ',');
		write_seq_number(to, v[i].first);
		if (v[i].last == v[i].first)
			continue;
		buf_add_byte(to, ':');
		write_seq_number(to, v[i].last);
	}
}
