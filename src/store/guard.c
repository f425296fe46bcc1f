/* SPDX-License-Identifier: MIT
 *
 * SIGBUS for mapped files.  A signal's handler has nothing but variables of
 * the process to look at, so there is a table here; what is not in it is a
 * fault as any other.
 */
#include "store/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"

/* An index for each shard, and one more while one is rebuilt. */
#define GUARDS_MAX (2 * CONFIG_SHARDS_MAX)
#define LINE_BYTES 4352

struct guard {
	_Atomic bool taken;
	_Atomic uintptr_t from; /* 0: not in use (yet) */
	_Atomic uintptr_t to;
	_Atomic bool hit;
};

static struct guard guards[GUARDS_MAX];

static struct guard *
guard_of(uintptr_t address)
{
	for (size_t i = 0; i < GUARDS_MAX; i++) {
		uintptr_t from = guards[i].from;

		if (from != 0 && address >= from && address < guards[i].to)
			return &guards[i];
	}
	return NULL;
}

/* Zeros in place of the page; the instruction that wanted it is run again. */
static void
on_bus(int number, siginfo_t *info, void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr;
	struct guard *g = guard_of(address);
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)(address & ~(size - 1));
	int saved = errno;

	(void)context;
	if (g != NULL)
		g->hit = true;
	/* Any other fault is met again, and then ends the process. */
	if (g == NULL ||
	    mmap(page, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		-1, 0) == MAP_FAILED)
		(void)signal(number, SIG_DFL);
	errno = saved;
}

/* Each time: others may have set another meanwhile. */
static void
install(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = on_bus;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL);
}

static const char *
take_hex(const char *at, uintptr_t *ret_number)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	uintptr_t number = 0;

	while (*at != '\0' && (digit = strchr(digits, *at)) != NULL) {
		number = number * 16 + (uintptr_t)(digit - digits);
		at++;
	}
	*ret_number = number;
	return at;
}

/* Where the file is mapped, by what the system says of this process. */
static bool
find_mapping(const char *path, uintptr_t *ret_from, uintptr_t *ret_to)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[LINE_BYTES];
	bool found = false;

	if (maps == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), maps) != NULL) {
		const char *name = strchr(line, '/'), *rest;

		line[strcspn(line, "\n")] = '\0';
		if (name == NULL || strcmp(name, path) != 0)
			continue;
		rest = take_hex(line, ret_from);
		found = *rest == '-';
		if (found)
			(void)take_hex(rest + 1, ret_to);
	}
	(void)fclose(maps);
	return found;
}

struct guard *
guard_take(const char *path)
{
	char *real = realpath(path, NULL);
	uintptr_t from, to;
	bool found = real != NULL && find_mapping(real, &from, &to);

	free(real);
	if (!found)
		return NULL;
	install();
	for (size_t i = 0; i < GUARDS_MAX; i++) {
		struct guard *g = &guards[i];

		if (atomic_exchange(&g->taken, true))
			continue;
		g->hit = false;
		g->to = to;
		g->from = from;
		return g;
	}
	return NULL;
}

void
guard_drop(struct guard *g)
{
	if (g == NULL)
		return;
	g->from = 0;
	g->taken = false;
}

bool
guard_was_hit(const struct guard *g)
{
	return g != NULL && g->hit;
}
