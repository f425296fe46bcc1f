/* SPDX-License-Identifier: MIT
 *
 *   avocet-bench SCENARIO KEY=VALUE...
 *
 * One measure a line on standard output, name, tab, value.  The status is 0
 * when every answer was right, 1 when one was not, 2 for a wrong command line.
 */
#include <stdarg.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>

#include "bench.h"

static const struct {
	const char *name;
	void (*run)(const struct options *o);
} scenarios[] = {
	{ "rest", scenario_rest },
	{ "load", scenario_load },
	{ "open", scenario_open },
	{ "fetch", scenario_fetch },
	{ "status", scenario_status },
	{ "store", scenario_store },
	{ "copy", scenario_copy },
	{ "mixed", scenario_mixed },
	{ "login", scenario_login },
	{ "deliver", scenario_deliver },
	{ "idle", scenario_idle },
	{ "huge", scenario_huge },
};

#define TEXT(key)                                         \
	{                                                 \
#key, true, offsetof(struct options, key) \
	}
#define NUMBER(key)                                        \
	{                                                  \
#key, false, offsetof(struct options, key) \
	}

static const struct {
	const char *name;
	bool is_text;
	size_t at;
} keys[] = {
	TEXT(imap),
	TEXT(imaps),
	TEXT(lmtp),
	TEXT(user),
	TEXT(password),
	TEXT(domain),
	TEXT(mailbox),
	TEXT(disk),
	TEXT(tls),
	TEXT(via),
	NUMBER(pid),
	NUMBER(users),
	NUMBER(seed),
	NUMBER(seconds),
	NUMBER(connections),
	NUMBER(messages),
	NUMBER(size),
	NUMBER(batch),
	NUMBER(deliveries),
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

void
fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("avocet-bench: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void
measure(double value, const char *name_format, ...)
{
	va_list ap;

	va_start(ap, name_format);
	vprintf(name_format, ap);
	va_end(ap);
	printf("\t%.3f\n", value);
}

static void
usage(const char *what, const char *word)
{
	fprintf(stderr, "avocet-bench: %s%s\n", what, word);
	fputs("usage: avocet-bench SCENARIO KEY=VALUE...\nscenarios:", stderr);
	for (size_t i = 0; i < COUNT(scenarios); i++)
		fprintf(stderr, " %s", scenarios[i].name);
	fputs("\nkeys:", stderr);
	for (size_t i = 0; i < COUNT(keys); i++)
		fprintf(stderr, " %s", keys[i].name);
	fputc('\n', stderr);
	exit(2);
}

static void
set(struct options *o, const char *word)
{
	const char *value = strchr(word, '=');

	if (value == NULL)
		usage("not KEY=VALUE: ", word);
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct str key = { word, (size_t)(value - word) };
		char *at = (char *)o + keys[i].at;

		if (!str_eq(key, str_of(keys[i].name)))
			continue;
		if (keys[i].is_text)
			*(const char **)(void *)at = value + 1;
		else if (!str_number(str_of(value + 1), UINT64_MAX,
			     (uint64_t *)(void *)at))
			usage("not a number: ", word);
		return;
	}
	usage("no such key: ", word);
}

/* Sockets by the thousand. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct options o = {
		.user = "bench",
		.password = "bench password",
		.mailbox = "big",
		.tls = "none",
		.via = "lmtp",
		.users = 1,
		.seed = 1,
		.seconds = 3,
		.connections = 1,
		.messages = 1000,
		.size = 2200,
		.batch = 500,
		.deliveries = 5,
	};

	if (argc < 2)
		usage("which scenario?", "");
	for (int i = 2; i < argc; i++)
		set(&o, argv[i]);
	if (o.users == 0 || o.connections == 0 || o.batch == 0)
		usage("zero ", "users, connections or batch");
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		if (strcmp(scenarios[i].name, argv[1]) == 0) {
			raise_limits();
			scenarios[i].run(&o);
			return 0;
		}
	}
	usage("no such scenario: ", argv[1]);
	return 2;
}
