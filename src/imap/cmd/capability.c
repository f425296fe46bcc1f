/* SPDX-License-Identifier: MIT
 *
 * CAPABILITY (RFC 9051 section 6.1.1).
 */
#include "imap/cmd/cmd.h"
#include "imap/imap.h"
#include "imap/session.h"

/* capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2"
 *                   *(SP capability)              RFC 9051 section 9 */
struct answer
cmd_capability(struct imap_session *s, void *args)
{
	struct buf *line = respond_begin(s);

	(void)args; /* there are none */
	buf_add_text(line, "* CAPABILITY ");
	imap_service_write_capabilities(s->service, s->capabilities, line);
	respond_line(s);
	return answer_ok("Those are all");
}
