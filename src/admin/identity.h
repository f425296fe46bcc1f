/* SPDX-License-Identifier: MIT
 *
 * Who the process is: root until what needs root is done, then the user of the
 * configuration, for good.  Files in the data folder are made by that user
 * only, whether by the server or by the tool.
 */
#ifndef AVOCET_ADMIN_IDENTITY_H
#define AVOCET_ADMIN_IDENTITY_H

#include "base/rc.h"
#include "config/config.h"

#define IDENTITY_WHY_BYTES 256

/* Make the data folder (mode 0700) unless it is there.  If we are root and a
 * user is configured, the folder has to be that user's: one that is root's and
 * empty is given to it, any other is RC_REFUSED.  On failure ${ret_why} says
 * why, and what to do. */
enum rc identity_prepare_data(
    const struct config *c, char ret_why[IDENTITY_WHY_BYTES]) MUST_CHECK;

/* Become the configured user, with its groups, if we are root and one is
 * configured; else stay.  RC_NOTFOUND: there is no such user. */
enum rc identity_become(
    const struct config *c, char ret_why[IDENTITY_WHY_BYTES]) MUST_CHECK;

/* The present user's name, or number. */
void identity_name(char *ret_name, size_t size);

#endif
