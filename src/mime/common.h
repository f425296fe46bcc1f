/* SPDX-License-Identifier: MIT
 *
 * The header fields that clients ask for to show a list of messages, packed by
 * the parser as they stand: HEADER.FIELDS of these needs no look into the
 * message.
 *
 * Fields that a delivery puts before a message (Return-Path, Received,
 * Delivered-To) are never among them.
 */
#ifndef AVOCET_MIME_COMMON_H
#define AVOCET_MIME_COMMON_H

#include "base/buf.h"

/* What is packed at most; a header with more has nothing packed. */
#define MIME_COMMON_BYTES_MAX (16 * 1024)

/* Which of the fields: a bit each. */
typedef uint64_t mime_common_set;

/* The set of ${names}, whatever their case; false when one of them is not
 * packed. */
bool mime_common_set_of(
    const struct str *names, size_t count, mime_common_set *ret_set);

/* Pack the common fields of a whole ${header} and the empty line behind them,
 * if there is one.  Appends nothing when they are more than
 * MIME_COMMON_BYTES_MAX; else what is appended is not empty. */
void mime_common_pack(struct str header, struct buf *to);

/* Append what mime_fields_choose() would of the whole header.  False when
 * ${packed} is damaged. */
bool mime_common_choose(
    struct str packed, mime_common_set set, struct buf *to) MUST_CHECK;

#endif
