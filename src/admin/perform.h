/* SPDX-License-Identifier: MIT
 *
 * Having an operation done: by the running server if there is one on the same
 * data, else here.
 */
#ifndef AVOCET_ADMIN_PERFORM_H
#define AVOCET_ADMIN_PERFORM_H

#include "admin/operation.h"
#include "config/config.h"

struct perform_request {
	struct str words[CONTROL_WORDS_MAX];
	size_t word_count;
	/* As in struct operation_io; NULL: there is no body. */
	enum rc (*read)(void *arg, struct str *ret_piece);
	void *arg;
	/* Not by the server; a store that does not open is rebuilt first. */
	bool repair;
	/* By the server, or not at all. */
	bool live;
};

/* Returns an exit code after printing output and errors. */
int perform(const struct config *c, const struct perform_request *request);

/* -- parts of it, for keeper.c ------------------------------------------- */

/* Become the user of the configuration and open the mail; with ${repair} a
 * store that does not open is rebuilt first.  ADMIN_OK, or an exit code after
 * printing why. */
int
perform_open_mail(const struct config *c, bool repair, struct mail **ret_mail);

/* The code called ${name}; RC_SYNTAX: there is none. */
enum rc perform_code(struct str name);

/* What a command ends with when an operation gave ${rc}. */
int perform_exit_code(enum rc rc);

#endif
