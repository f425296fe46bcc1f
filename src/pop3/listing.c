/* SPDX-License-Identifier: MIT
 *
 * LIST and UIDL (RFC 1939 sections 5 and 7).  A list of all messages is written
 * a part at a time: between two parts the session only knows the number to go on
 * with, so a million lines take no more memory than a few.
 */
#include "pop3/session.h"

#include <assert.h>

#include "base/limits.h"

/* A number, a space, a size or unique-id, CRLF. */
#define LISTING_LINE_BYTES_MAX 96

void
pop3_list_one(struct pop3_session *s, enum listing what,
    const struct message *m, struct buf *to)
{
	buf_add_number(to, m->seq);
	buf_add_byte(to, ' ');
	if (what == LISTING_SIZES)
		buf_add_number(to, maildrop_size_of(m));
	else
		maildrop_write_uid(&s->maildrop, m, to);
	buf_add_text(to, "\r\n");
}

static bool
list_message(void *arg, const struct message *m)
{
	struct pop3_session *s = arg;
	char room[LISTING_LINE_BYTES_MAX];
	struct buf line;

	buf_init_room(&line, sizeof(room), room, sizeof(room));
	pop3_list_one(s, (enum listing)s->listing, m, &line);
	assert(buf_check(&line) == RC_OK);
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
	return conn_out_memory(s->conn) <= OUT_MEMORY_BYTES_MAX;
}

void
pop3_list_more(struct pop3_session *s)
{
	enum rc rc = maildrop_walk(
	    &s->maildrop, s->listing_next, list_message, s, &s->listing_next);

	if (rc != RC_OK) {
		/* A list has no way to say that it failed. */
		pop3_end(s, rc_text(rc));
		s->listing = LISTING_NONE;
	} else if (s->listing_next > maildrop_last(&s->maildrop)) {
		conn_out(s->conn, STR(".\r\n"));
		s->listing = LISTING_NONE;
	}
}

void
pop3_list_all(struct pop3_session *s, enum listing what)
{
	pop3_reply(s, "+OK");
	s->listing = (uint8_t)what;
	s->listing_next = 1;
}
