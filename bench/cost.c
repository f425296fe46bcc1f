/* SPDX-License-Identifier: MIT */
#include "cost.h"

#include <dirent.h>
#include <unistd.h>

#include "base/vec.h"

#define SECTOR_OCTETS 512

struct process {
	pid_t pid;
	pid_t parent;
	uint64_t waited_ns; /* CPU time of children that are gone */
	bool is_ours;
};

struct processes {
	VEC(struct process) v;
};

/* The whole of a small file of /proc; false when it is gone. */
static bool
read_proc(const char *path, char *to, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(to, 1, size - 1, f);
	fclose(f);
	to[n] = '\0';
	return n > 0;
}

/* The next number of a list with spaces between. */
static uint64_t
take_number(struct str *list)
{
	struct str word;
	uint64_t value = 0;

	*list = str_trim(*list);
	word = str_head(*list, str_find(*list, ' '));
	*list = str_skip(*list, word.n);
	if (!str_number(word, UINT64_MAX, &value))
		return 0;
	return value;
}

/* See proc_pid_stat(5): the fields behind the name in parentheses. */
static bool
read_process(pid_t pid, struct process *ret)
{
	char path[64], text[1024];
	struct str list;
	char *end;
	uint64_t ticks;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (!read_proc(path, text, sizeof(text)) ||
	    (end = strrchr(text, ')')) == NULL)
		return false;
	list = str_skip(str_of(end), sizeof(") S") - 1);
	*ret = (struct process){ .pid = pid };
	ret->parent = (pid_t)take_number(&list);
	for (int field = 5; field < 16; field++)
		take_number(&list);
	ticks = take_number(&list);
	ticks += take_number(&list);
	ret->waited_ns = ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
	return true;
}

/* All processes below the root, and it. */
static void
list_ours(pid_t root, struct processes *ps)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool grown = true;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct process p;
		uint64_t pid;

		if (str_number(str_of(entry->d_name), INT32_MAX, &pid) &&
		    read_process((pid_t)pid, &p))
			vec_push(&ps->v, p);
	}
	if (dir != NULL)
		closedir(dir);
	for (size_t i = 0; i < ps->v.n; i++)
		ps->v.v[i].is_ours = ps->v.v[i].pid == root;
	while (grown) {
		grown = false;
		for (size_t i = 0; i < ps->v.n; i++) {
			struct process *p = &ps->v.v[i];

			for (size_t k = 0; !p->is_ours && k < ps->v.n; k++)
				if (ps->v.v[k].is_ours &&
				    ps->v.v[k].pid == p->parent)
					grown = p->is_ours = true;
		}
	}
}

static uint64_t
read_clock(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t
cpu_of(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? read_clock(clock) : 0;
}

/* Sectors written are the seventh number behind the disk's name. */
static uint64_t
disk_written(const char *disk)
{
	char name[64], text[16384];
	struct str list;
	char *at;

	snprintf(name, sizeof(name), " %s ", disk);
	if (!read_proc("/proc/diskstats", text, sizeof(text)) ||
	    (at = strstr(text, name)) == NULL)
		fail("no disk %s", disk);
	list = str_of(at + strlen(name));
	for (int i = 0; i < 6; i++)
		take_number(&list);
	return take_number(&list) * SECTOR_OCTETS;
}

struct cost
cost_now(const struct options *o, bool settle)
{
	struct cost cost = { .client_ns =
				 read_clock(CLOCK_PROCESS_CPUTIME_ID) };
	struct processes ps = { 0 };

	if (o->pid != 0) {
		list_ours((pid_t)o->pid, &ps);
		for (size_t i = 0; i < ps.v.n; i++)
			if (ps.v.v[i].is_ours)
				cost.cpu_ns +=
				    ps.v.v[i].waited_ns + cpu_of(ps.v.v[i].pid);
		vec_fini(&ps.v);
	}
	if (o->disk != NULL) {
		if (settle)
			sync();
		cost.written = disk_written(o->disk);
	}
	return cost;
}

/* What /proc says of a process's memory under ${name}, octets. */
static uint64_t
memory_of(const char *rollup, const char *name)
{
	const char *at = strstr(rollup, name);
	struct str value;

	if (at == NULL)
		return 0;
	value = str_of(at + strlen(name));
	return take_number(&value) * 1024;
}

static uint64_t
memory(const struct options *o, bool own)
{
	struct processes ps = { 0 };
	uint64_t octets = 0;

	if (o->pid == 0)
		return 0;
	list_ours((pid_t)o->pid, &ps);
	for (size_t i = 0; i < ps.v.n; i++) {
		char path[64], text[2048];

		snprintf(
		    path, sizeof(path), "/proc/%d/smaps_rollup", ps.v.v[i].pid);
		if (!ps.v.v[i].is_ours || !read_proc(path, text, sizeof(text)))
			continue;
		if (own)
			octets += memory_of(text, "\nPss_Anon:") +
				  memory_of(text, "\nPss_Shmem:");
		else
			octets += memory_of(text, "\nPss:");
	}
	vec_fini(&ps.v);
	return octets;
}

uint64_t
cost_memory(const struct options *o)
{
	return memory(o, false);
}

uint64_t
cost_memory_own(const struct options *o)
{
	return memory(o, true);
}
