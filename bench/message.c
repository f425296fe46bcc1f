/* SPDX-License-Identifier: MIT */
#include "message.h"

#include "bench.h"

#define COUNT(array)   (sizeof(array) / sizeof(*(array)))
#define LINE_OCTETS    72
#define BOUNDARY       "=_part_of_bench"
#define DATE_START     1600000000 /* 2020-09-13 */
#define DATE_STEP      977
#define ALTERNATIVE_IN 4 /* one message in so many */

static const char *const given[] = { "Ada", "Bela", "Chandra", "Dmitri",
	"Edith", "Farid", "Grace", "Hana", "Ivo", "June", "Kofi", "Lena",
	"Mateo", "Noor", "Olga", "Pavel" };
static const char *const family[] = { "Abel", "Brook", "Castle", "Dale",
	"Ember", "Field", "Grove", "Hill", "Isle", "Jetty", "Knoll", "Lake",
	"Moor", "North", "Orchard", "Pond" };
static const char *const words[] = { "account", "after", "again", "answer",
	"archive", "before", "boat", "bring", "budget", "call", "change",
	"city", "clear", "copy", "course", "date", "dinner", "draft", "early",
	"every", "field", "figure", "first", "follow", "garden", "group",
	"house", "invoice", "item", "join", "keep", "late", "letter", "list",
	"meeting", "minute", "money", "morning", "north", "note", "number",
	"offer", "order", "paper", "part", "people", "place", "plan", "price",
	"project", "question", "reader", "report", "river", "second", "server",
	"short", "table", "ticket", "today", "train", "under", "water",
	"winter" };
static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue",
	"Wed" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

uint64_t
mix(uint64_t seed, uint64_t number)
{
	return seed * UINT64_C(0x9e3779b97f4a7c15) + number;
}

/* Sebastiano Vigna's splitmix64, as its constants are published. */
uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static const char *
pick(const char *const *list, size_t count, uint64_t *state)
{
	return list[next_random(state) % count];
}

static void
make_date(char *to, uint32_t number)
{
	time_t when = DATE_START + (time_t)number * DATE_STEP;
	struct tm tm;

	gmtime_r(&when, &tm);
	snprintf(to, MESSAGE_TEXT_MAX, "%s, %d %s %d %02d:%02d:%02d +0000",
	    days[when / 86400 % 7], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
message_fields(uint64_t seed, uint32_t number, struct message_fields *ret)
{
	uint64_t state = mix(seed, number);
	const char *first = pick(given, COUNT(given), &state);
	const char *last = pick(family, COUNT(family), &state);

	snprintf(ret->from_name, MESSAGE_TEXT_MAX, "%s %s", first, last);
	snprintf(ret->from_mailbox, MESSAGE_TEXT_MAX, "%c.%s",
	    str_lower(first[0]), last);
	snprintf(ret->to_mailbox, MESSAGE_TEXT_MAX, "%s",
	    pick(family, COUNT(family), &state));
	snprintf(ret->subject, MESSAGE_TEXT_MAX, "%s %s %s %u",
	    pick(words, COUNT(words), &state),
	    pick(words, COUNT(words), &state),
	    pick(words, COUNT(words), &state), number);
	make_date(ret->date, number);
	snprintf(ret->message_id, MESSAGE_TEXT_MAX, "<%u.%016lx@%s>", number,
	    (unsigned long)next_random(&state), MESSAGE_HOST);
	ret->is_alternative = number % ALTERNATIVE_IN == 0;
}

/* Lines of words, ${octets} in all with their line ends (at least two). */
static void
add_text(struct buf *to, size_t octets, uint64_t *state)
{
	size_t end = to->n + octets;

	while (to->n < end) {
		size_t left = end - to->n;
		size_t line = left < 2 * LINE_OCTETS ? left : LINE_OCTETS;
		size_t stop;

		/* A last line is as long as it must be. */
		if (left > LINE_OCTETS && left < 2 * LINE_OCTETS)
			line = left / 2;
		stop = to->n + line - 2;
		while (to->n < stop) {
			buf_add_text(to, pick(words, COUNT(words), state));
			buf_add_byte(to, ' ');
		}
		buf_truncate(to, stop);
		buf_add_text(to, "\r\n");
	}
}

static void
add_header(struct buf *to, const struct message_fields *f)
{
	buf_add_format(to,
	    "Return-Path: <%s@" MESSAGE_HOST ">\r\n"
	    "Received: from relay." MESSAGE_HOST " (relay." MESSAGE_HOST
	    " [192.0.2.7])\r\n"
	    "\tby mx." MESSAGE_HOST " with ESMTPS; %s\r\n"
	    "From: %s <%s@" MESSAGE_HOST ">\r\n"
	    "To: %s@" MESSAGE_HOST "\r\n"
	    "Subject: %s\r\nDate: %s\r\nMessage-ID: %s\r\n"
	    "MIME-Version: 1.0\r\n",
	    f->from_mailbox, f->date, f->from_name, f->from_mailbox,
	    f->to_mailbox, f->subject, f->date, f->message_id);
}

void
message_make(struct buf *to, uint64_t seed, uint32_t number, size_t size)
{
	struct message_fields f;
	uint64_t state = mix(~seed, number);
	size_t end = to->n + size;

	message_fields(seed, number, &f);
	add_header(to, &f);
	if (!f.is_alternative) {
		buf_add_text(
		    to, "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
		add_text(to, end - to->n, &state);
		return;
	}
	buf_add_text(to,
	    "Content-Type: multipart/alternative; boundary=\"" BOUNDARY
	    "\"\r\n\r\n"
	    "--" BOUNDARY "\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
	add_text(to, (end - to->n) / 3, &state);
	buf_add_text(to, "\r\n--" BOUNDARY "\r\n"
			 "Content-Type: text/html; charset=us-ascii\r\n\r\n");
	add_text(
	    to, end - to->n - sizeof("\r\n--" BOUNDARY "--\r\n") + 1, &state);
	buf_add_text(to, "\r\n--" BOUNDARY "--\r\n");
}

uint32_t
message_number(struct str message)
{
	static const char name[] = "\r\nMessage-ID: <";
	const char *at = memmem(message.p, message.n, name, sizeof(name) - 1);
	struct str number = { at, 0 };
	uint64_t value = 0;

	if (at != NULL) {
		number = str_skip(
		    message, (size_t)(at - message.p) + sizeof(name) - 1);
		number = str_head(number, str_find(number, '.'));
	}
	if (at == NULL || !str_number(number, UINT32_MAX, &value))
		fail("a message is none of ours");
	return (uint32_t)value;
}

const char *
message_flags(uint32_t number)
{
	return number % 5 == 0 ? "()" : "(\\Seen)";
}
