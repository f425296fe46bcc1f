/* SPDX-License-Identifier: MIT
 *
 * Users in a file, in Dovecot's format: a line a user,
 *
 *   user:{SCHEME}hash:uid:gid:gecos:home:shell:extra
 *
 * of which the first two fields count (auth/scheme.h has the schemes); the
 * rest may be missing.  Empty lines and lines that begin with "#" are passed
 * over.  A line whose extra fields limit or open the account in ways that are
 * not followed here (nologin, allow_nets, nopassword ...) lets nobody in.
 *
 * The file is read again when it has changed.  What cannot be read then leaves
 * what is known as it is.  Mistakes are logged with file and line (event
 * "passwd-file"), never with the hash; so is a file that everybody may read.
 */
#ifndef AVOCET_AUTH_PASSWD_FILE_H
#define AVOCET_AUTH_PASSWD_FILE_H

#include "base/arena.h"
#include "base/rc.h"

struct passwd_file;

/* A file that is read for the first time now.  RC_IO, RC_LIMIT: it cannot be
 * read; the reason was logged.  Waits for the disk. */
enum rc
passwd_file_open(const char *path, struct passwd_file **ret_file) MUST_CHECK;

/* NULL is fine. */
void passwd_file_close(struct passwd_file *f);

/* The user called ${name}, compared as accounts' names are: the name as in the
 * file and packed credentials (empty: nobody may log in), in ${a}.  RC_NOTFOUND;
 * RC_LIMIT: ${a} is full.  Called from many threads; may wait for the disk. */
enum rc
passwd_file_find(struct passwd_file *f, struct str name, struct arena *a,
    struct str *ret_name, struct str *ret_credentials) MUST_CHECK;

/* One line taken apart, for the above and for tests.  NULL, or what is wrong
 * with it (static, or in ${ret_why}); an empty name when there is nothing in
 * it. */
const char *passwd_file_parse_line(
    struct str line, struct str *ret_name, struct str *ret_hash) MUST_CHECK;

#endif
