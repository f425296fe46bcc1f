/* SPDX-License-Identifier: MIT
 *
 * IDLE (RFC 9051 section 6.3.13, RFC 2177): begins here, goes on in
 * imap/idle.c.
 */
#include "imap/cmd/cmd.h"
#include "imap/idle.h"

struct answer
cmd_idle(struct imap_session *s, void *args)
{
	(void)args; /* there are none */
	idle_begin(s);
	return (struct answer){ .status = ANSWER_LATER };
}
