/* SPDX-License-Identifier: MIT
 *
 * Allocation that ends the process when it fails.
 */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
out_of_memory(size_t size)
{
	fprintf(stderr, "avocet: out of memory (%zu bytes wanted)\n", size);
	abort();
}

void *
mem_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (memory == NULL)
		out_of_memory(size);
	return memory;
}

void *
mem_array(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		out_of_memory((size_t)-1);
	return mem_alloc(total);
}

void *
mem_resize(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (memory == NULL)
		out_of_memory(size);
	return memory;
}

void *
mem_copy(const void *from, size_t size)
{
	void *memory = mem_resize(NULL, size);

	if (size > 0)
		memcpy(memory, from, size);
	return memory;
}

char *
mem_text(struct str s)
{
	char *text = mem_resize(NULL, s.n + 1);

	if (s.n > 0)
		memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return text;
}

char *
mem_strdup(const char *from)
{
	return mem_copy(from, strlen(from) + 1);
}

void
mem_free(void *memory)
{
	free(memory);
}

void
mem_wipe(void *secret, size_t size)
{
	explicit_bzero(secret, size);
}

_Bool
mem_equal_secret(const void *a, const void *b, size_t size)
{
	const unsigned char *left = a, *right = b;
	unsigned char difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= (unsigned char)(left[i] ^ right[i]);
	return difference == 0;
}
