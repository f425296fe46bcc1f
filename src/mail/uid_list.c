/* SPDX-License-Identifier: MIT
 *
 * Lists of UIDs as ranges, and of modseqs.
 */
#include "mail/message_internal.h"

#include <assert.h>

#include "base/mem.h"

static void
add_range(struct uid_list *l, struct uid_range range)
{
	if (l->n > 0 && l->v[l->n - 1].last + 1 == range.first) {
		l->v[l->n - 1].last = range.last;
		return;
	}
	assert(l->n == 0 || l->v[l->n - 1].last < range.first);
	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? l->cap * 2 : 8;
		l->v = mem_resize(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = range;
}

void
uid_list_add(struct uid_list *l, uint32_t uid)
{
	add_range(l, (struct uid_range){ uid, uid });
}

void
uid_list_join(struct uid_list *l, const struct uid_list *more)
{
	for (size_t i = 0; i < more->n; i++)
		add_range(l, more->v[i]);
}

bool
uid_list_has(const struct uid_list *l, uint32_t uid)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->v[middle].last < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n && l->v[low].first <= uid;
}

bool
modseq_list_has(const struct modseq_list *l, uint64_t modseq)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->v[middle] < modseq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n && l->v[low] == modseq;
}

uint64_t
uid_list_count(const struct uid_list *l)
{
	uint64_t count = 0;

	for (size_t i = 0; i < l->n; i++)
		count += (uint64_t)l->v[i].last - l->v[i].first + 1;
	return count;
}

void
uid_list_fini(struct uid_list *l)
{
	mem_free(l->v);
	*l = (struct uid_list){ 0 };
}
