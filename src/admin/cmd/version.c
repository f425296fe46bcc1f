/* SPDX-License-Identifier: MIT
 *
 * avocet version
 */
#include <stdio.h>

#include "admin/cmd/cmd.h"

int
cmd_version(struct admin *a)
{
	(void)a;
	(void)printf("avocet %s\n", AVOCET_VERSION);
	return ADMIN_OK;
}
