/* SPDX-License-Identifier: MIT
 *
 * NAMESPACE (RFC 9051 section 6.3.10, RFC 2342): one personal namespace
 * without a prefix.
 */
#include "imap/cmd/cmd.h"
#include "imap/session.h"

struct answer
cmd_namespace(struct imap_session *s, void *args)
{
	(void)args; /* there are none */
	buf_add_text(respond_begin(s), "* NAMESPACE ((\"\" \"/\")) NIL NIL");
	respond_line(s);
	return answer_ok("That is all");
}
