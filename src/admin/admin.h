/* SPDX-License-Identifier: MIT
 *
 * The command line of avocet.  admin/admin.c has the one table of subcommands.
 */
#ifndef AVOCET_ADMIN_ADMIN_H
#define AVOCET_ADMIN_ADMIN_H

#include "base/buf.h"
#include "config/config.h"

#define AVOCET_VERSION "0.1.0"

enum admin_exit {
	ADMIN_OK = 0,
	ADMIN_REFUSED = 1,     /* no such user, a name is taken ... */
	ADMIN_USAGE = 2,       /* the command line or the configuration */
	ADMIN_UNREACHABLE = 3, /* the data cannot be opened or reached */
	ADMIN_DAMAGED = 4,     /* check found damage */
};

/* Run the server with a configuration that has no problems; returns an exit
 * code when it has ended. */
typedef int admin_serve_fn(const struct config *c);

/* Run the command in ${argv}; the result is the exit code.  ${serve} is what
 * `avocet serve` calls: it is given, since the server includes this module. */
int admin_run(int argc, char *const *argv, admin_serve_fn *serve);

/* Append doc/avocet.md. */
void admin_write_page(struct buf *to);

#endif
