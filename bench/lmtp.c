/* SPDX-License-Identifier: MIT */
#include "lmtp.h"

#include "bench.h"
#include "message.h"

/* The reply to one command; it must begin with ${code}. */
static void
say(struct link *l, struct str command, char code)
{
	bool closed;

	buf_clear(&l->in);
	link_send(l, command);
	for (;;) {
		struct str text = buf_str(&l->in);
		const char *before;

		if (text.n > 0 && text.p[text.n - 1] == '\n') {
			before = memrchr(text.p, '\n', text.n - 1);
			before = before == NULL ? text.p : before + 1;
			if (before[0] != code)
				fail("LMTP: %.*s", STR_ARG(text));
			if (before[3] == ' ')
				return;
		}
		if (!link_receive(l, true, &closed))
			fail("LMTP: closed");
	}
}

void
lmtp_open(struct link *l, const struct options *o)
{
	link_open(l, o->lmtp, LINK_PLAIN);
	say(l, STR(""), '2');
	say(l, STR("LHLO bench.example\r\n"), '2');
}

uint64_t
lmtp_deliver(struct link *l, const struct options *o, size_t size)
{
	struct buf message;
	char recipient[256];

	snprintf(recipient, sizeof(recipient), "RCPT TO:<%s0%s%s>\r\n", o->user,
	    o->domain != NULL ? "@" : "", o->domain != NULL ? o->domain : "");
	say(l, STR("MAIL FROM:<sender@" MESSAGE_HOST ">\r\n"), '2');
	say(l, str_of(recipient), '2');
	say(l, STR("DATA\r\n"), '3');
	buf_init(&message, SIZE_MAX / 2);
	message_make(&message, o->seed, 1, size);
	buf_add_text(&message, ".\r\n");
	say(l, buf_str(&message), '2');
	buf_fini(&message);
	return now_ns();
}
