/* SPDX-License-Identifier: MIT
 *
 * RETR and TOP (RFC 1939 sections 5 and 7).
 *
 * A message is read once before anything of it is promised, which shows that
 * its octets are sound and how many come out.  A short one goes to the output at
 * once; of a long one a range is queued, which is read again while the client
 * takes it.
 */
#include "pop3/session.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mail/email.h"
#include "pop3/message_source.h"

/* What is read of a message at once lies in the second half, see
 * pop3_lines_put(). */
#define ROOM_BYTES OUT_READ_BYTES

struct reading {
	struct blob *blob;
	struct pop3_lines lines;
	uint64_t at;   /* of the blob */
	char *room;    /* ROOM_BYTES */
	size_t piece;  /* octets there, of the last step */
	uint64_t made; /* octets of all steps */
};

static enum rc
open_message(
    struct pop3_session *s, const struct message *m, struct blob **ret_blob)
{
	struct store_read *r;
	enum rc rc = store_read_begin(
	    mail_store(s->maildrop.mail), s->maildrop.account, &r);

	if (rc != RC_OK)
		return rc;
	rc = email_open(r, m->email, ret_blob);
	store_read_end(r);
	return rc;
}

/* RC_UNSUPPORTED: a header of the message, of any part, is not ASCII.  What was
 * put before the message as it came in, at most STORE_PREFIX_BYTES_MAX, belongs
 * to its header and was not parsed. */
static enum rc
check_ascii(struct pop3_session *s, const struct message *m, struct blob *b)
{
	char prefix[STORE_PREFIX_BYTES_MAX];
	struct mime_facts facts;
	struct store_read *r;
	struct email email;
	size_t got = 0;
	enum rc rc = store_read_begin(
	    mail_store(s->maildrop.mail), s->maildrop.account, &r);

	if (rc != RC_OK)
		return rc;
	rc = email_get(r, m->email, &email);
	if (rc == RC_OK && (!mime_section_facts(email.table, &facts) ||
			       email.prefix > sizeof(prefix)))
		rc = RC_CORRUPT;
	store_read_end(r);
	if (rc == RC_OK && email.prefix > 0)
		rc = blob_read(b, 0, prefix, email.prefix, &got);
	if (rc == RC_OK && got < email.prefix)
		rc = RC_CORRUPT;
	if (rc == RC_OK && (facts.has_8bit_header ||
			       !utf8_is_ascii((struct str){ prefix, got })))
		rc = RC_UNSUPPORTED;
	return rc;
}

static bool
is_done(const struct reading *r)
{
	return r->at == blob_size(r->blob) || r->lines.ended;
}

static enum rc
step(struct reading *r)
{
	char *from = r->room + ROOM_BYTES / 2;
	size_t got = 0;
	struct cursor c;
	enum rc rc = blob_read(r->blob, r->at, from, ROOM_BYTES / 2, &got);

	if (rc == RC_OK && got == 0)
		rc = RC_CORRUPT;
	if (rc != RC_OK)
		return rc;
	r->at += got;
	c = (struct cursor){ from, from + got };
	r->piece = pop3_lines_put(&r->lines, &c, r->room);
	r->made += r->piece;
	return RC_OK;
}

static enum rc
read_all(struct reading *r)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && !is_done(r))
		rc = step(r);
	return rc;
}

static void
reply_octets(struct pop3_session *s, uint64_t octets)
{
	char text[48];

	(void)snprintf(
	    text, sizeof(text), "+OK %llu octets", (unsigned long long)octets);
	pop3_reply(s, text);
}

/* All of ${r} was read: queue the answer.  The blob changes hands. */
static void
answer(struct pop3_session *s, const struct reading *r,
    const struct pop3_lines *lines)
{
	struct str end = pop3_lines_finish(&r->lines);

	reply_octets(s, r->made - r->lines.stuffed + end.n);
	if (r->made == r->piece) {
		conn_out(s->conn, (struct str){ r->room, r->piece });
		blob_close(r->blob);
	} else {
		message_source_queue(
		    r->blob, lines, r->made, &s->open_sources, s->conn);
	}
	conn_out(s->conn, end);
	conn_out(s->conn, STR(".\r\n"));
}

/* Send the message as ${lines} says.  False: it failed, and was told. */
static bool
send_lines(struct pop3_session *s, const struct message *m,
    const struct pop3_lines *lines)
{
	struct reading r = { .lines = *lines };
	enum rc rc = open_message(s, m, &r.blob);

	if (rc != RC_OK) {
		pop3_fail(s, rc);
		return false;
	}
	if (s->service->utf8 && !s->utf8)
		rc = check_ascii(s, m, r.blob);
	if (rc == RC_OK) {
		r.room = mem_resize(NULL, ROOM_BYTES);
		rc = read_all(&r);
	}
	if (rc == RC_OK) {
		answer(s, &r, lines);
	} else {
		blob_close(r.blob);
		pop3_fail(s, rc);
	}
	mem_free(r.room);
	return rc == RC_OK;
}

void
pop3_retrieve(struct pop3_session *s, const struct message *m)
{
	struct pop3_lines lines;

	pop3_lines_whole(&lines);
	lines.hide_nul = s->service->hide_nul;
	if (!send_lines(s, m, &lines))
		return;
	maildrop_see(&s->maildrop, m);
	s->retrieved++;
}

void
pop3_top(struct pop3_session *s, const struct message *m, uint32_t lines)
{
	struct pop3_lines l;

	pop3_lines_top(&l, lines);
	l.hide_nul = s->service->hide_nul;
	(void)send_lines(s, m, &l);
}
