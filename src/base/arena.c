/* SPDX-License-Identifier: MIT
 *
 * Arenas: a chain of blocks, newest first, and a chain of clean-ups.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_BYTES 4000

struct block {
	struct block *older;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct cleanup {
	struct cleanup *older;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *newest;
	struct cleanup *cleanups;
	size_t used;
	size_t max;
};

struct arena *
arena_new(size_t max)
{
	struct arena *a = mem_alloc(sizeof(*a));

	a->max = max;
	return a;
}

static void
run_cleanups(struct arena *a, const struct cleanup *until)
{
	while (a->cleanups != until) {
		struct cleanup *c = a->cleanups;

		a->cleanups = c->older;
		c->fn(c->arg);
		mem_free(c);
	}
}

static void
free_blocks(struct arena *a, const struct block *until)
{
	while (a->newest != until) {
		struct block *b = a->newest;

		a->newest = b->older;
		mem_free(b);
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	run_cleanups(a, NULL);
	free_blocks(a, NULL);
	mem_free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = NULL;

	run_cleanups(a, NULL);
	while (a->newest != NULL) {
		struct block *b = a->newest;

		a->newest = b->older;
		if (keep == NULL && b->size == BLOCK_BYTES)
			keep = b;
		else
			mem_free(b);
	}
	if (keep != NULL) {
		keep->older = NULL;
		keep->used = 0;
	}
	a->newest = keep;
	a->used = 0;
}

static void
add_block(struct arena *a, size_t size)
{
	struct block *b = mem_resize(NULL, sizeof(*b) + size);

	b->size = size;
	b->used = 0;
	b->older = a->newest;
	a->newest = b;
}

static size_t
round_up(size_t size)
{
	size_t align = alignof(max_align_t);

	return (size + align - 1) & ~(align - 1);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *memory;

	if (size > a->max || a->used > a->max - size)
		return NULL;
	a->used += size;
	size = round_up(size);
	if (a->newest == NULL || size > a->newest->size - a->newest->used)
		add_block(a, size > BLOCK_BYTES ? size : BLOCK_BYTES);
	memory = a->newest->bytes + a->newest->used;
	a->newest->used += size;
	return memset(memory, 0, size);
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return arena_alloc(a, total);
}

void *
arena_copy(struct arena *a, const void *from, size_t count, size_t size)
{
	void *copy = arena_array(a, count, size);

	if (copy != NULL && count > 0)
		memcpy(copy, from, count * size);
	return copy;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1);

	if (copy == NULL)
		return (struct str){ NULL, 0 };
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	return (struct str){ copy, s.n };
}

char *
arena_text(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1);

	if (copy != NULL && s.n > 0)
		memcpy(copy, s.p, s.n);
	return copy;
}

void
arena_cleanup(struct arena *a, void (*fn)(void *), void *arg)
{
	struct cleanup *c = mem_alloc(sizeof(*c));

	c->fn = fn;
	c->arg = arg;
	c->older = a->cleanups;
	a->cleanups = c;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

struct arena_mark
arena_save(const struct arena *a)
{
	return (struct arena_mark){
		.block = a->newest,
		.block_used = a->newest != NULL ? a->newest->used : 0,
		.used = a->used,
		.cleanups = a->cleanups,
	};
}

void
arena_restore(struct arena *a, struct arena_mark mark)
{
	run_cleanups(a, mark.cleanups);
	free_blocks(a, mark.block);
	if (a->newest != NULL)
		a->newest->used = mark.block_used;
	a->used = mark.used;
}
