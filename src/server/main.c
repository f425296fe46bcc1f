/* SPDX-License-Identifier: MIT
 *
 * avocet: the server and its command-line tool in one program.
 */
#include "admin/admin.h"
#include "server/server.h"
#include "server/service.h"

int
main(int argc, char **argv)
{
	static const struct admin_server server = {
		.serve = server_run,
		.check_config = services_check_config,
		.knows_capability = services_know_capability,
		.write_protocol_page = services_write_protocol_page,
	};

	return admin_run(argc, argv, &server);
}
