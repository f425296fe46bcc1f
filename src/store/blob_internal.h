/* SPDX-License-Identifier: MIT
 *
 * The form of blob images, shared by the writer (stage.c) and the reader
 * (blob.c).
 */
#ifndef AVOCET_STORE_BLOB_INTERNAL_H
#define AVOCET_STORE_BLOB_INTERNAL_H

#include "base/limits.h"
#include "store/store_internal.h"

#define BLOCK_BYTES	 65536
#define BLOCK_COMPRESSED 0x80000000u
#define BLOCKS_MAX	 (MESSAGE_BYTES_MAX / BLOCK_BYTES + 128)

/* Open the image at ${at}, preceded by ${prefix} (copied). */
enum rc blob_open_at(struct shard *h, const struct location *at,
    struct str prefix, struct blob **ret_blob) MUST_CHECK;
/* The same in a file that stays open until the blob is closed; the segment's
 * number is not looked at. */
enum rc blob_open_fd(int fd, const struct location *at, struct str prefix,
    struct blob **ret_blob) MUST_CHECK;

#endif
