/* SPDX-License-Identifier: MIT
 *
 * The server as a process: what it owns, from start to end.
 */
#ifndef AVOCET_SERVER_SERVER_H
#define AVOCET_SERVER_SERVER_H

#include "config/config.h"

/* Bind, become the configured user, confine, open the store and serve until
 * SIGTERM or SIGINT.  ${c} has no problems.  Returns an exit code (enum
 * admin_exit).  To be called once, in a process of one thread. */
int server_run(const struct config *c);

#endif
