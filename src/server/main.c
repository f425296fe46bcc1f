/* SPDX-License-Identifier: MIT
 *
 * avocet: the server and its command-line tool in one program.
 */
#include "admin/admin.h"
#include "server/server.h"

int
main(int argc, char **argv)
{
	return admin_run(argc, argv, server_run);
}
