/* SPDX-License-Identifier: MIT
 *
 * One epoll set, level-triggered.  Connecting, shaking hands and sending wait
 * (the servers are on this machine and read what they are sent); receiving
 * does not.
 */
#include "crowd.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"

#define EVENTS	    256
#define PATIENCE_MS (120 * 1000)

void
crowd_init(struct crowd *w, const struct options *o, unsigned count,
    void (*answered)(struct client *c))
{
	*w = (struct crowd){ .o = o, .answered = answered, .count = count };
	w->clients = mem_array(count, sizeof(*w->clients));
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0)
		fail("epoll: %s", strerror(errno));
	for (unsigned i = 0; i < count; i++)
		w->clients[i] = (struct client){ .crowd = w,
			.number = i,
			.link.fd = -1,
			.until = UNTIL_ROUND };
}

void
crowd_fini(struct crowd *w)
{
	for (unsigned i = 0; i < w->count; i++)
		client_close(&w->clients[i]);
	mem_free(w->clients);
	close(w->epoll);
}

void
client_wait(struct client *c, enum until until)
{
	if (c->until != UNTIL_ROUND)
		c->crowd->busy--;
	if (until != UNTIL_ROUND)
		c->crowd->busy++;
	c->until = until;
}

void
client_connect(struct client *c, const char *where, enum link_tls tls)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

	c->sent_ns = now_ns();
	link_open(&c->link, where, tls);
	if (epoll_ctl(c->crowd->epoll, EPOLL_CTL_ADD, c->link.fd, &event) != 0)
		fail("epoll: %s", strerror(errno));
	c->replies = 1;
	client_wait(c, UNTIL_LINE);
}

void
client_close(struct client *c)
{
	if (c->link.fd < 0)
		return;
	link_close(&c->link);
	client_wait(c, UNTIL_ROUND);
}

/* -- sending ------------------------------------------------------------- */

void
client_send(struct client *c, struct str octets, enum until until)
{
	buf_clear(&c->link.in);
	c->replies = 1;
	c->sent_ns = now_ns();
	link_send(&c->link, octets);
	client_wait(c, until);
}

void
client_command_str(struct client *c, struct str command)
{
	struct buf line;

	buf_init(&line, SIZE_MAX / 2);
	buf_add_format(&line, "c%u ", ++c->tag);
	buf_add_str(&line, command);
	buf_add_text(&line, "\r\n");
	client_send(c, buf_str(&line), UNTIL_TAGGED);
	buf_fini(&line);
}

void
client_command(struct client *c, const char *format, ...)
{
	char space[COMMAND_MAX];
	struct str command;
	va_list ap;

	va_start(ap, format);
	command = command_text(space, format, ap);
	va_end(ap);
	client_command_str(c, command);
}

/* -- receiving ----------------------------------------------------------- */

/* Lines whose fourth octet is no "-" are the last of a reply. */
static unsigned
count_replies(struct str text)
{
	unsigned count = 0;

	while (text.n > 0) {
		size_t n = str_find(text, '\n');

		if (n == text.n)
			break;
		if (n < 4 || text.p[3] != '-')
			count++;
		text = str_skip(text, n + 1);
	}
	return count;
}

static bool
is_answered(const struct client *c)
{
	struct str text = buf_str(&c->link.in);
	char tag[16];

	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return false;
	switch (c->until) {
	case UNTIL_TAGGED:
		snprintf(tag, sizeof(tag), "c%u", c->tag);
		return answer_is_whole(text, str_of(tag));
	case UNTIL_CONTINUE:
		return text.p[0] == '+' ||
		       memmem(text.p, text.n, "\n+", 2) != NULL;
	case UNTIL_LINE:
		return true;
	case UNTIL_REPLY:
		return count_replies(text) >= c->replies;
	case UNTIL_CLOSED:
	case UNTIL_ROUND:
		break;
	}
	return false;
}

static void
receive(struct client *c)
{
	bool closed;

	/* An answer may be there already: that to a request that was sent with
	 * the one before it. */
	while (link_receive(&c->link, false, &closed)) {
		if (c->until == UNTIL_ROUND || !is_answered(c))
			continue;
		c->crowd->answered(c);
		if (c->link.fd < 0)
			return;
		buf_clear(&c->link.in);
		if (c->until == UNTIL_ROUND)
			return;
	}
	if (!closed)
		return;
	if (c->until != UNTIL_CLOSED)
		fail("the server closed a connection; its last words: %.*s",
		    STR_ARG(buf_str(&c->link.in)));
	c->crowd->answered(c);
}

void
crowd_run(struct crowd *w)
{
	struct epoll_event events[EVENTS];

	while (w->busy > 0) {
		int n = epoll_wait(w->epoll, events, EVENTS, PATIENCE_MS);

		if (n <= 0)
			fail("%u clients had no answer for %d s", w->busy,
			    PATIENCE_MS / 1000);
		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;

			if (c->link.fd >= 0)
				receive(c);
		}
	}
}

/* -- answers ------------------------------------------------------------- */

void
client_expect_ok(const struct client *c)
{
	struct str text = buf_str(&c->link.in);
	char want[24];

	snprintf(want, sizeof(want), "c%u OK ", c->tag);
	if (memmem(text.p, text.n, want, strlen(want)) == NULL)
		fail("not OK: %.*s", STR_ARG(text));
}

uint64_t
client_elapsed(const struct client *c)
{
	return now_ns() - c->sent_ns;
}

/* -- logging in ---------------------------------------------------------- */

static void
logged_in(struct client *c)
{
	const struct options *o = c->crowd->o;

	if (c->until == UNTIL_LINE) {
		if (!str_begins(buf_str(&c->link.in), STR("* OK ")))
			fail("greeting: %.*s", STR_ARG(buf_str(&c->link.in)));
		client_command(c, "LOGIN %s%u \"%s\"", o->user,
		    c->number % (unsigned)o->users, o->password);
		return;
	}
	client_expect_ok(c);
	client_wait(c, UNTIL_ROUND);
}

void
crowd_login(struct crowd *w, enum link_tls tls)
{
	void (*answered)(struct client * c) = w->answered;

	w->answered = logged_in;
	for (unsigned i = 0; i < w->count; i++) {
		client_connect(&w->clients[i],
		    tls == LINK_PLAIN ? w->o->imap : w->o->imaps, tls);
		if (i % EVENTS == EVENTS - 1)
			crowd_run(w);
	}
	crowd_run(w);
	w->answered = answered;
}
