/* SPDX-License-Identifier: MIT
 *
 * Getting a new password from the administrator.
 */
#ifndef AVOCET_ADMIN_PASSWORD_H
#define AVOCET_ADMIN_PASSWORD_H

#include "base/buf.h"
#include "base/limits.h"

/* One line, with room to see that it is too long. */
#define PASSWORD_LINE_BYTES (PASSWORD_BYTES_MAX + 2)

/* Ask twice on the terminal, without echo, or take one line of standard input
 * if that is no terminal, and append the packed credentials made from it to
 * ${credentials}.  With ${hash} it is not the password but a hash of it, as
 * auth/scheme.h reads it, and asked for once.  False after saying on standard
 * error what is wrong. */
bool password_read_credentials(bool hash, struct buf *credentials);

/* A password for another server: asked for once on the terminal, without echo,
 * or one line of standard input.  It lies in ${line}, which is to be wiped.
 * False after saying on standard error what is wrong. */
bool password_read(const char *prompt, char line[PASSWORD_LINE_BYTES],
    struct str *ret_password);

#endif
