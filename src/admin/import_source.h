/* SPDX-License-Identifier: MIT
 *
 * Reading mail of other programs for an import, one function a format.
 */
#ifndef AVOCET_ADMIN_IMPORT_SOURCE_H
#define AVOCET_ADMIN_IMPORT_SOURCE_H

#include "admin/bring.h"

/* Bring all there is at ${path}; problems go to ${b}, here and below. */
void import_maildir(struct bring *b, const char *path);
void import_mbox(struct bring *b, const char *path);
void import_eml(struct bring *b, const char *path);

/* Connect to another server and bring all that its user has there. */
struct remote_options;
void import_imap(struct bring *b, const struct remote_options *options);

#endif
