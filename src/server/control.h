/* SPDX-License-Identifier: MIT
 *
 * The server's end of the control socket: the command-line tool has operations
 * done here (protocol: admin/frame.h; what there is: admin/operation.c).  The
 * socket is for the server's user and root only, by its mode.
 */
#ifndef AVOCET_SERVER_CONTROL_H
#define AVOCET_SERVER_CONTROL_H

#include "admin/operation.h"
#include "net/listen.h"

struct control;
struct mail;
struct traces;

/* What operations are done with; must outlive the control. */
struct control_parts {
	struct mail *mail;
	const struct operation_server *server;
	struct traces *traces;
};

/* Listen on the socket ${path} and serve on ${p}'s workers.  The store must be
 * ours already: an old socket there is replaced.  What goes wrong is logged. */
enum rc control_open(const char *path, const struct control_parts *parts,
    struct poll *p, struct control **ret_control) MUST_CHECK;

/* Stop listening; call it before the pool stops.  NULL is fine. */
void control_close(struct control *c);

/* Free it, after the pool has stopped.  NULL is fine. */
void control_free(struct control *c);

#endif
