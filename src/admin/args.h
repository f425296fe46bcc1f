/* SPDX-License-Identifier: MIT
 *
 * Command-line arguments: options anywhere, words in order, "--" before words
 * that begin with "-".
 */
#ifndef AVOCET_ADMIN_ARGS_H
#define AVOCET_ADMIN_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#define ARGS_WORDS_MAX 8

/* Options, as bits. */
enum {
	ARGS_CONFIG = 1,	 /* -c, --config FILE */
	ARGS_MAILBOX = 2,	 /* -m, --mailbox NAME */
	ARGS_SINCE = 4,		 /* --since TIME */
	ARGS_REPAIR = 8,	 /* --repair */
	ARGS_HASH = 16,		 /* --hash */
	ARGS_EXPIRES = 32,	 /* --expires TIME */
	ARGS_SCOPE = 64,	 /* --scope PROTOCOLS */
	ARGS_INTO = 128,	 /* --into MAILBOX */
	ARGS_FRESH_UIDS = 256,	 /* --fresh-uids */
	ARGS_NO_PASSWORD = 512,	 /* --no-password */
	ARGS_CONTENTS = 1024,	 /* --contents */
	ARGS_RESOLVER = 2048,	 /* --resolver ADDRESS */
	ARGS_FINGERPRINT = 4096, /* --fingerprint SHA256 */
	ARGS_PLAIN = 8192,	 /* --plain */
};

struct args {
	unsigned given; /* bits */
	const char *config;
	const char *mailbox;
	const char *since;
	const char *expires;
	const char *scope;
	const char *into;
	const char *resolver;
	const char *fingerprint;
	const char *words[ARGS_WORDS_MAX];
	size_t word_count;
};

#define ARGS_WHY_BYTES 128

/* Parse what follows the program's name.  False with a reason. */
bool args_parse(int argc, char *const *argv, struct args *ret_args,
    char ret_why[ARGS_WHY_BYTES]);

#endif
