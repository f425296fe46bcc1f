/* SPDX-License-Identifier: MIT
 *
 * Files that an export writes, below a folder that it made itself.
 */
#ifndef AVOCET_ADMIN_OUTPUT_H
#define AVOCET_ADMIN_OUTPUT_H

#include "base/buf.h"

/* Make the folder ${path}, or take an empty one.  RC_EXISTS: something is in
 * it; RC_IO with errno. */
enum rc output_make_root(const char *path, int *ret_fd) MUST_CHECK;

/* Make a folder, which may be there already; its parents must be. */
enum rc output_make_folder(int root, const char *path) MUST_CHECK;

/* A new file to write.  RC_EXISTS, RC_IO with errno. */
enum rc output_make_file(int root, const char *path, int *ret_fd) MUST_CHECK;

/* Write all of ${bytes} and empty it.  RC_IO with errno. */
enum rc output_write(int fd, struct buf *bytes) MUST_CHECK;

#endif
