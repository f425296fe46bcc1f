/* SPDX-License-Identifier: MIT
 *
 * LOGOUT (RFC 9051 section 6.1.3).
 */
#include "imap/cmd/cmd.h"
#include "imap/session.h"
#include "imap/state.h"

struct answer
cmd_logout(struct imap_session *s, void *args)
{
	(void)args; /* there are none */
	respond_state(s, "BYE", STR(""), "Logging out");
	state_logout(s, "logout");
	return answer_ok("Goodbye");
}
