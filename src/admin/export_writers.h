/* SPDX-License-Identifier: MIT
 *
 * What exports write: one function a format, which runs the whole export into
 * the folder ${path}, made by it or empty.  An exit code.
 */
#ifndef AVOCET_ADMIN_EXPORT_WRITERS_H
#define AVOCET_ADMIN_EXPORT_WRITERS_H

#include "config/config.h"

int export_maildir(const struct config *c, const char *user, const char *path);
int export_mbox(const struct config *c, const char *user, const char *path);

#endif
