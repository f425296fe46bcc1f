/* SPDX-License-Identifier: MIT
 *
 * The command line of avocet.  admin/admin.c has the one table of subcommands.
 */
#ifndef AVOCET_ADMIN_ADMIN_H
#define AVOCET_ADMIN_ADMIN_H

#include "base/buf.h"
#include "config/config.h"

enum admin_exit {
	ADMIN_OK = 0,
	ADMIN_REFUSED = 1,     /* no such user, a name is taken ... */
	ADMIN_USAGE = 2,       /* the command line or the configuration */
	ADMIN_UNREACHABLE = 3, /* the data cannot be opened or reached */
	ADMIN_DAMAGED = 4,     /* check found damage */
};

/* What the command line has the server do: given by it, since it includes this
 * module. */
struct admin_server {
	/* Run with a configuration that has no problems; returns an exit code
	 * when it has ended. */
	int (*serve)(const struct config *c);

	/* Look for problems that only the protocols can see: config_refuse(). */
	void (*check_config)(struct config *c);

	/* Is ${name} a capability that can be switched off? */
	bool (*knows_capability)(struct str name);

	/* Append doc/protocol.md. */
	void (*write_protocol_page)(struct buf *to);
};

/* Run the command in ${argv}; the result is the exit code. */
int admin_run(int argc, char *const *argv, const struct admin_server *server);

/* Append doc/avocet.md. */
void admin_write_page(struct buf *to);

#endif
