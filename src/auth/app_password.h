/* SPDX-License-Identifier: MIT
 *
 * Passwords of applications: 28 letters and digits in groups of four, made
 * here, which are 140 random bits.  Nobody can guess through so many, so that a
 * fast hash keeps them: SHA-256 with a salt.  Their form tells them from other
 * passwords; dashes, spaces and case do not count.
 */
#ifndef AVOCET_AUTH_APP_PASSWORD_H
#define AVOCET_AUTH_APP_PASSWORD_H

#include "base/str.h"

#define APP_PASSWORD_TEXT_BYTES	  35 /* with dashes */
#define APP_PASSWORD_SECRET_BYTES 48 /* salt (16), hash (32) */

/* Make one: ${ret_text}, terminated, is for its user's eyes, once.  False:
 * OpenSSL has no SHA-256 here. */
bool app_password_make(char ret_text[APP_PASSWORD_TEXT_BYTES + 1],
    unsigned char ret_secret[APP_PASSWORD_SECRET_BYTES]);

/* Is ${password}, any bytes, the one behind ${secret}?  Compared in constant
 * time; false at once for what has not the form of one. */
bool app_password_verify(struct str secret, struct str password);

#endif
