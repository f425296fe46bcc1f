/* SPDX-License-Identifier: MIT
 *
 * avocet serve
 */
#include "admin/cmd/cmd.h"

int
cmd_serve(struct admin *a)
{
	return a->server->serve(a->config);
}
