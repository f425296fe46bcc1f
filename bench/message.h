/* SPDX-License-Identifier: MIT
 *
 * Seeded messages: message ${number} of a seed is the same in every run, so
 * that whatever a server says of it can be checked.
 */
#ifndef AVOCET_BENCH_MESSAGE_H
#define AVOCET_BENCH_MESSAGE_H

#include "base/buf.h"
#include "base/str.h"

/* The smallest size that a message may be asked for. */
#define MESSAGE_SIZE_MIN 1024

#define MESSAGE_TEXT_MAX 96

/* What a server should find in the header, each terminated. */
struct message_fields {
	char from_name[MESSAGE_TEXT_MAX];
	char from_mailbox[MESSAGE_TEXT_MAX];
	char to_mailbox[MESSAGE_TEXT_MAX];
	char subject[MESSAGE_TEXT_MAX];
	char date[MESSAGE_TEXT_MAX];
	char message_id[MESSAGE_TEXT_MAX]; /* with its angle brackets */
	bool is_alternative; /* multipart/alternative of a text and an HTML
			      * part, else text/plain */
};
#define MESSAGE_HOST "bench.example"

void message_fields(
    uint64_t seed, uint32_t number, struct message_fields *ret_fields);

/* Append the message: exactly ${size} octets, lines of ASCII with CRLF. */
void message_make(struct buf *to, uint64_t seed, uint32_t number, size_t size);

/* The number of a message whose text is ${message}; it ends the program when
 * that is none of ours. */
uint32_t message_number(struct str message);

/* The flag list that message ${number} is appended with, "()" or "(\Seen)". */
const char *message_flags(uint32_t number);

/* The start of a sequence of random numbers that depends on both. */
uint64_t mix(uint64_t seed, uint64_t number);

/* The next of a sequence. */
uint64_t next_random(uint64_t *state);

#endif
