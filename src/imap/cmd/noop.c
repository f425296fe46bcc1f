/* SPDX-License-Identifier: MIT
 *
 * NOOP (RFC 9051 section 6.1.2) and CHECK (RFC 3501 section 6.4.1): both are
 * an occasion to tell what has changed, which dispatch() does.  All changes
 * are durable when they are answered, so that CHECK has nothing to do, either.
 */
#include "imap/cmd/cmd.h"
#include "imap/session.h"

struct answer
cmd_noop(struct imap_session *s, void *args)
{
	(void)s;
	(void)args; /* there are none */
	return answer_ok("Nothing done");
}
