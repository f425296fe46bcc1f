/* SPDX-License-Identifier: MIT
 *
 * The configuration: every setting has a default, so that an empty file
 * serves.  config/setting.c has the one table of settings; reading, checking,
 * `avocet config show` and doc/configuration.md all follow it.
 *
 * A file is read whole and every mistake in it is reported, each with file,
 * line and key.  A configuration with problems must not be used to start.
 */
#ifndef AVOCET_CONFIG_CONFIG_H
#define AVOCET_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"

#define CONFIG_FILE_DEFAULT "/etc/avocet/avocet.conf"

/* These follow the words in setting.c, in order. */
enum config_plaintext { CONFIG_PLAINTEXT_NEVER, CONFIG_PLAINTEXT_LOOPBACK };
enum config_protocol { CONFIG_IMAP, CONFIG_POP3, CONFIG_LMTP };
enum config_tls { CONFIG_TLS_STARTTLS, CONFIG_TLS_IMPLICIT, CONFIG_TLS_NONE };

struct config_names {
	struct str *v;
	size_t n;
};

/* The text of a setting and where it was given; file is NULL and line 0 for
 * a default. */
struct config_value {
	const char *text;
	const char *file;
	unsigned line;
};

#define CONFIG_SETTINGS_MAX	     64
#define CONFIG_LISTENER_SETTINGS_MAX 8

struct config_listener {
	const char *name;
	unsigned protocol; /* enum config_protocol */
	const char *address;
	unsigned tls; /* enum config_tls */
	uint64_t connections;
	uint64_t keepalive_seconds; /* IMAP: of IDLE; 0: never */
	struct config_names capabilities_off;
	struct config_names proxies; /* empty: anybody may connect */
	struct config_value values[CONFIG_LISTENER_SETTINGS_MAX];
};

struct config_problem {
	const char *file;
	unsigned line; /* 0: none */
	const char *key;
	const char *text;
};

struct config {
	const char *file; /* what config_load() was given */
	const char *hostname;
	const char *data;
	struct config_names domains;
	const char *user; /* "": stay who we are */
	const char *control;
	bool pop3_utf8;
	unsigned plaintext_login;	  /* enum config_plaintext */
	uint64_t password_memory_seconds; /* 0: none */
	const char *passwd_file;	  /* "": none */
	const char *pam_service;	  /* "": none */
	const char *pam_directory;	  /* "": the system's */
	const char *tls_certificate;	  /* "": make one */
	const char *tls_key;
	const char *tls_client_ca; /* "": do not ask */
	unsigned tls_client_name;  /* enum tls_user */
	const char *oauth_issuer;
	const char *oauth_audience;
	const char *oauth_keys; /* "": no tokens */
	const char *oauth_claim;
	struct config_names mechanisms_off;
	uint64_t retention_seconds;
	uint64_t message_bytes_max;
	uint64_t address_connections; /* 0: no limit */
	uint64_t address_rate;	      /* a minute; 0: no limit */
	uint64_t account_connections; /* 0: no limit */
	uint64_t account_rate;	      /* a minute; 0: no limit */
	uint64_t account_bandwidth;   /* bytes a second; 0: no limit */
	unsigned log_level;	      /* enum log_level */
	uint64_t workers;
	uint64_t shards;
	bool zero_ahead;
	bool sandbox;
	struct config_names capabilities_off;
	bool lenient;
	bool folder_synonyms;
	uint64_t progress_seconds;
	bool pop3_hide_nul;
	bool lmtp_lenient;

	const struct config_listener *listeners;
	size_t listener_count;

	struct config_value values[CONFIG_SETTINGS_MAX];
	const struct config_problem *problems;
	size_t problem_count;
	struct arena *arena; /* owns all of it, this struct too */
};

/* Read ${file}; NULL means CONFIG_FILE_DEFAULT if that exists, else defaults
 * alone.  Never NULL: look at problem_count.  Free with config_free(). */
struct config *config_load(const char *file);

/* Read ${text}, which is called ${name} in messages; includes are looked for
 * in ${folder}. */
struct config *
config_parse(struct str text, const char *name, const char *folder);

void config_free(struct config *c);

/* Add a problem with the server's setting ${name} that only the layers above
 * can see: ${text} is copied. */
void config_refuse(struct config *c, const char *name, const char *text);

/* The same of the setting ${name} of the listener ${listener}. */
void config_refuse_listener(
    struct config *c, const char *listener, const char *name, const char *text);

/* Append one line a problem: "file:line: key: what is wrong". */
void config_write_problems(const struct config *c, struct buf *to);

/* Append one line a setting: its value and where that comes from. */
void config_write_values(const struct config *c, struct buf *to);

/* Append doc/configuration.md. */
void config_write_page(struct buf *to);

#endif
