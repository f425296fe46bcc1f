/* SPDX-License-Identifier: MIT
 *
 * A small parser for a small number of options.
 */
#include "admin/args.h"

#include <stdio.h>
#include <string.h>

static const struct option {
	const char *brief;
	const char *name;
	unsigned bit;
	size_t offset; /* of the value in struct args; 0: takes none */
} options[] = {
	{ "-c", "--config", ARGS_CONFIG, offsetof(struct args, config) },
	{ "-m", "--mailbox", ARGS_MAILBOX, offsetof(struct args, mailbox) },
	{ "", "--since", ARGS_SINCE, offsetof(struct args, since) },
	{ "", "--repair", ARGS_REPAIR, 0 },
	{ "", "--hash", ARGS_HASH, 0 },
	{ "", "--no-password", ARGS_NO_PASSWORD, 0 },
	{ "", "--expires", ARGS_EXPIRES, offsetof(struct args, expires) },
	{ "", "--scope", ARGS_SCOPE, offsetof(struct args, scope) },
	{ "", "--into", ARGS_INTO, offsetof(struct args, into) },
	{ "", "--fresh-uids", ARGS_FRESH_UIDS, 0 },
	{ "", "--contents", ARGS_CONTENTS, 0 },
	{ "", "--resolver", ARGS_RESOLVER, offsetof(struct args, resolver) },
	{ "", "--fingerprint", ARGS_FINGERPRINT,
	    offsetof(struct args, fingerprint) },
	{ "", "--plain", ARGS_PLAIN, 0 },
};

static const struct option *
find_option(const char *text)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(text, options[i].brief) == 0 ||
		    strcmp(text, options[i].name) == 0)
			return &options[i];
	return NULL;
}

static bool
explain(char ret_why[ARGS_WHY_BYTES], const char *text, const char *what)
{
	(void)snprintf(ret_why, ARGS_WHY_BYTES, "%s: %s", text, what);
	return false;
}

/* Take the option at argv[*at] and its value. */
static bool
take_option(int argc, char *const *argv, int *at, struct args *a, char *why)
{
	const struct option *o = find_option(argv[*at]);

	if (o == NULL)
		return explain(why, "no such option", argv[*at]);
	if ((a->given & o->bit) != 0)
		return explain(why, "given twice", argv[*at]);
	a->given |= o->bit;
	if (o->offset == 0)
		return true;
	if (*at + 1 == argc)
		return explain(why, "needs a value", argv[*at]);
	(*at)++;
	memcpy((char *)a + o->offset, &argv[*at], sizeof(argv[*at]));
	return true;
}

bool
args_parse(int argc, char *const *argv, struct args *ret_args,
    char ret_why[ARGS_WHY_BYTES])
{
	struct args a = { 0 };
	bool options_end = false;

	for (int i = 0; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0) {
			options_end = true;
		} else if (!options_end && argv[i][0] == '-') {
			if (!take_option(argc, argv, &i, &a, ret_why))
				return false;
		} else if (a.word_count == ARGS_WORDS_MAX) {
			return explain(ret_why, "too many words", argv[i]);
		} else {
			a.words[a.word_count++] = argv[i];
		}
	}
	*ret_args = a;
	return true;
}
