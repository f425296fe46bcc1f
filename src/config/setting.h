/* SPDX-License-Identifier: MIT
 *
 * The table of settings, and how the text of one becomes a value.  Every value
 * passes through setting_take() as text, defaults too.
 */
#ifndef AVOCET_CONFIG_SETTING_H
#define AVOCET_CONFIG_SETTING_H

#include "config/config.h"

enum setting_type {
	SETTING_TEXT,	  /* const char * */
	SETTING_FILE,	  /* const char *, readable or "" */
	SETTING_CHOICE,	  /* unsigned, index of a word */
	SETTING_NUMBER,	  /* uint64_t */
	SETTING_SIZE,	  /* uint64_t bytes: "128M" */
	SETTING_DURATION, /* uint64_t seconds: "14d" */
	SETTING_BOOL,	  /* bool */
	SETTING_NAMES,	  /* struct config_names; text: words, spaces between */
};

struct setting {
	const char *name; /* with the group: "tls.key" */
	enum setting_type type;
	size_t offset; /* of the value in its struct */
	const char *fallback;
	const char *choices;  /* words, spaces between */
	uint64_t least, most; /* of numbers, sizes, durations */
	/* A further check of text; NULL when it is fine, else why not. */
	const char *(*check)(struct str text);
	const char *help;
};

/* The settings of the server (of struct config) and of one listener (of
 * struct config_listener). */
extern const struct setting setting_server[];
extern const size_t setting_server_count;
extern const struct setting setting_listener[];
extern const size_t setting_listener_count;

/* The listeners when none are given: a name and a text for each row of
 * setting_listener (NULL: the row's own default). */
struct setting_listener_default {
	const char *name;
	const char *texts[CONFIG_LISTENER_SETTINGS_MAX];
};
extern const struct setting_listener_default setting_listeners[];
extern const size_t setting_listeners_count;

/* Does a running server keep it as it was at its start, whatever a reload
 * says?  Of the server's settings. */
bool setting_is_fixed(const struct setting *row);

/* The default of `hostname` on a machine called ${machine}: that, or
 * "localhost" if that is no host name, which greetings have to have (RFC 5321
 * section 4.2). */
const char *setting_hostname(const char *machine);

/* "text", "a duration" ...: for messages and the page. */
const char *setting_type_name(enum setting_type type);

/* Turn ${text} into the value of ${row} in the struct at ${base}; strings are
 * allocated in ${a}.  False, with *ret_why set (static, or in ${a}) and the
 * struct untouched, when it is not a value of this setting. */
bool setting_take(const struct setting *row, const char *text, void *base,
    struct arena *a, const char **ret_why);

#endif
