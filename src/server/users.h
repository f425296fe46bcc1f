/* SPDX-License-Identifier: MIT
 *
 * The source of users for auth/: the accounts of the store.
 */
#ifndef AVOCET_SERVER_USERS_H
#define AVOCET_SERVER_USERS_H

#include "auth/user.h"

struct mail;

/* How auth/ sees the accounts of ${m}. */
struct auth_users users_of(struct mail *m);

#endif
