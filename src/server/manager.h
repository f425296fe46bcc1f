/* SPDX-License-Identifier: MIT
 *
 * The service manager that has started us, if it is systemd: sockets that it
 * has bound (sd_listen_fds(3)), and what it wants to be told (sd_notify(3)).
 * Without one, there are no sockets and telling does nothing.
 */
#ifndef AVOCET_SERVER_MANAGER_H
#define AVOCET_SERVER_MANAGER_H

#include <stdint.h>

/* Take the sockets that were passed on; in a process of one thread.  Each is
 * for the listener that has the socket's name (FileDescriptorName=). */
void manager_begin(void);

/* The listening socket for the listener called ${name}, which is the caller's
 * from then on; -1: there is none. */
int manager_take_socket(const char *name);

/* Close what nobody has taken, with a warning for each. */
void manager_drop_sockets(void);

/* We serve; we end. */
void manager_ready(void);
void manager_stopping(void);

/* How often to call manager_alive() at least, in seconds; 0: never. */
uint64_t manager_alive_seconds(void);
void manager_alive(void);

#endif
