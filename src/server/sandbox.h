/* SPDX-License-Identifier: MIT
 *
 * Taking powers away from the process: nothing here can be undone.
 */
#ifndef AVOCET_SERVER_SANDBOX_H
#define AVOCET_SERVER_SANDBOX_H

#include "config/config.h"

/* No core dumps and no debugger from other processes, since memory holds
 * passwords; as many descriptors as we may have; files are ours alone; writing
 * to a closed connection is an error, not a signal. */
void sandbox_prepare_process(void);

/* Confine this process, which must have one thread still: Landlock to the data
 * folder (and, to read, the system's libraries), a filter of system calls
 * without exec, ptrace, mount and the like.  What the kernel lacks is left out
 * and logged as a warning. */
void sandbox_enter(const struct config *c);

#endif
