/* SPDX-License-Identifier: MIT
 *
 * systemd, by its own library.
 */
#include "server/manager.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"

/* Set at the start, when there is one thread. */
static char **names;
static int count;

void
manager_begin(void)
{
	count = sd_listen_fds_with_names(1, &names);
	if (count < 0) {
		log_event(LOG_WARN, "sockets", "error=\"%s\"",
		    strerrordesc_np(-count));
		count = 0;
	}
}

int
manager_take_socket(const char *name)
{
	for (int i = 0; i < count; i++) {
		if (names[i] == NULL || strcmp(names[i], name) != 0)
			continue;
		free(names[i]);
		names[i] = NULL;
		return SD_LISTEN_FDS_START + i;
	}
	return -1;
}

void
manager_drop_sockets(void)
{
	for (int i = 0; i < count; i++) {
		struct log_line line;

		if (names[i] == NULL)
			continue;
		log_begin(&line, LOG_WARN, "socket-unused");
		log_text(&line, "name", names[i]);
		log_text(&line, "why", "no listener has this name");
		log_end(&line);
		(void)close(SD_LISTEN_FDS_START + i);
		free(names[i]);
	}
	free(names);
	names = NULL;
	count = 0;
}

void
manager_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void
manager_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

uint64_t
manager_alive_seconds(void)
{
	uint64_t usec = 0;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return 0;
	/* Twice in the time that we are given. */
	return usec / 2000000 > 0 ? usec / 2000000 : 1;
}

void
manager_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}
