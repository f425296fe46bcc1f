/* SPDX-License-Identifier: MIT
 *
 * Whoever has the store open: the running server, or a child of ours that opens
 * it as long as we need it.  For commands that have many operations done one
 * after another (perform.h has one done), and that read or write files
 * meanwhile: that is done with the rights of whoever started us, while only a
 * process of the server's user touches the store.
 *
 * All of these wait: for the other side, and for what it does.
 */
#ifndef AVOCET_ADMIN_KEEPER_H
#define AVOCET_ADMIN_KEEPER_H

#include "admin/operation.h"
#include "config/config.h"

struct keeper;

/* ADMIN_OK, or an exit code after printing why. */
int keeper_open(const struct config *c, struct keeper **ret_keeper);
/* NULL is fine. */
void keeper_close(struct keeper *k);

/* Begin an operation: its words; then send its body, if it has one, in frames
 * of at most CONTROL_FRAME_BYTES_MAX.  RC_CLOSED: there is nobody any more;
 * nothing else can be asked then. */
enum rc keeper_begin(
    struct keeper *k, const struct str *words, size_t count) MUST_CHECK;
enum rc keeper_send(struct keeper *k, struct str bytes) MUST_CHECK;

/* End the body and read the answer: ${line} is called with each line, good
 * until it returns; NULL: they are not wanted.  Returns what the operation
 * returned; keeper_why() is then its reason, which may be "". */
enum rc keeper_answer(struct keeper *k,
    void (*line)(void *arg, struct str text), void *arg) MUST_CHECK;
const char *keeper_why(const struct keeper *k);

#endif
