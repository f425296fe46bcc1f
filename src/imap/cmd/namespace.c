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
	respond_untagged(s, "NAMESPACE ((\"\" \"/\")) NIL NIL");
	return answer_ok("That is all");
}
