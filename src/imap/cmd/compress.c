/* SPDX-License-Identifier: MIT
 *
 * COMPRESS (RFC 4978).  The session begins to compress once the answer is
 * sent, see session.c.
 */
#include "imap/cmd/cmd.h"
#include "imap/session.h"
#include "proto/imap/command.h"

bool
parse_cmd_compress(struct parser *p, struct arena *a, void **ret_args)
{
	(void)a;
	*ret_args = NULL;
	return parse_compress(p);
}

/* RFC 4978 section 3 has BAD for the second time, and NO with a code for
 * another layer that compresses.  The code says it best in both cases, and a
 * client that tries is not to be counted among the broken ones. */
struct answer
cmd_compress(struct imap_session *s, void *args)
{
	(void)args;
	if (s->compression != COMPRESSION_OFF)
		return answer_no("COMPRESSIONACTIVE", "DEFLATE is active");
	s->compression = COMPRESSION_NEXT;
	return answer_ok("DEFLATE begins");
}
