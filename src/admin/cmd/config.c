/* SPDX-License-Identifier: MIT
 *
 * avocet config check | show | page.  A configuration with problems does not
 * come here: they were all reported.
 */
#include <stdio.h>

#include "admin/table.h"
#include "base/limits.h"

int
cmd_config_check(struct admin *a)
{
	(void)a;
	(void)printf("The configuration is fine.\n");
	return ADMIN_OK;
}

int
cmd_config_show(struct admin *a)
{
	struct buf text;

	buf_init(&text, CONFIG_ARENA_BYTES_MAX);
	config_write_values(a->config, &text);
	admin_print(&text);
	buf_fini(&text);
	return ADMIN_OK;
}

int
cmd_config_page(struct admin *a)
{
	struct buf text;

	(void)a;
	buf_init(&text, CONFIG_FILE_BYTES_MAX);
	config_write_page(&text);
	admin_print(&text);
	buf_fini(&text);
	return ADMIN_OK;
}
