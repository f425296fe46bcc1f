/* SPDX-License-Identifier: MIT
 *
 * The directory of an open mailbox: one short entry for each chunk.
 */
#include "mail/open_internal.h"

#include <string.h>

size_t
directory_find(const struct directory *d, uint32_t first)
{
	size_t low = 0, high = d->entries.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->entries.v[middle].first < first)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Chunks come at the end, but for those found while the directory is made. */
static void
insert(struct directory *d, size_t at, struct directory_entry e)
{
	struct directory_entry *v;

	vec_push(&d->entries, e);
	v = d->entries.v;
	memmove(v + at + 1, v + at, (d->entries.n - 1 - at) * sizeof(*v));
	v[at] = e;
}

static void
take_out(struct directory *d, size_t at)
{
	struct directory_entry *v = d->entries.v;

	memmove(v + at, v + at + 1, (d->entries.n - 1 - at) * sizeof(*v));
	d->entries.n--;
}

static struct directory_entry
summarise(uint32_t first, struct str value, uint64_t seq)
{
	struct directory_entry e = { .first = first, .seq = seq };
	struct chunk_changing items[CHUNK_MESSAGES_MAX];
	unsigned count;

	if (!chunk_changing_unpack(value, items, &count)) {
		/* Nobody can read it; whoever needs it is told so. */
		e.modseq = UINT64_MAX;
		return e;
	}
	for (unsigned i = 0; i < count; i++) {
		if (items[i].modseq > e.modseq)
			e.modseq = items[i].modseq;
		if (items[i].expunged != 0)
			continue;
		e.live++;
		if ((items[i].flags & FLAG_SEEN) == 0)
			e.unseen++;
	}
	return e;
}

/* A change may put a chunk more than once; what was read is the last of it. */
static bool
is_older(uint64_t seq, const struct directory_entry *known)
{
	return seq < known->seq || (seq == known->seq && known->read);
}

void
directory_change(struct directory *d, uint32_t first, struct str value,
    uint64_t seq, enum directory_source source)
{
	size_t at = directory_find(d, first);
	bool known = at < d->entries.n && d->entries.v[at].first == first;
	struct directory_entry e = { .first = first, .gone = true, .seq = seq };

	if (known && is_older(seq, &d->entries.v[at]))
		return;
	if (value.p != NULL)
		e = summarise(first, value, seq);
	e.read = source == DIRECTORY_READ;
	if (e.gone && source == DIRECTORY_TOLD) {
		if (known)
			take_out(d, at);
	} else if (known) {
		d->entries.v[at] = e;
	} else {
		insert(d, at, e);
	}
}

void
directory_built(struct directory *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->entries.n; i++) {
		if (!d->entries.v[i].gone)
			d->entries.v[kept++] = d->entries.v[i];
	}
	d->entries.n = kept;
}

void
directory_fini(struct directory *d)
{
	vec_fini(&d->entries);
}
