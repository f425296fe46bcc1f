/* SPDX-License-Identifier: MIT
 *
 * What CAPA announces.
 */
#include "proto/pop3/capability.h"

const struct pop3_capability pop3_capabilities[] = {
	{ "TOP", "", POP3_ALWAYS, 1939 },
	{ "UIDL", "", POP3_ALWAYS, 1939 },
	{ "USER", "", POP3_WITH_CLEARTEXT, 1939 },
	{ "SASL", "", POP3_ALWAYS, 5034 },
	{ "STLS", "", POP3_WITH_STLS, 2595 },
	{ "PIPELINING", "", POP3_ALWAYS, 2449 },
	{ "RESP-CODES", "", POP3_ALWAYS, 2449 },
	{ "AUTH-RESP-CODE", "", POP3_ALWAYS, 3206 },
	{ "EXPIRE", " NEVER", POP3_ALWAYS, 2449 },
	{ "UTF8", " USER", POP3_WITH_UTF8, 6856 },
	{ "IMPLEMENTATION", " Avocet", POP3_ALWAYS, 2449 },
	{ .name = NULL },
};

static bool
holds(const struct pop3_capability *c, const struct pop3_offer *o)
{
	switch (c->when) {
	case POP3_ALWAYS:
		break;
	case POP3_WITH_STLS:
		return o->stls;
	case POP3_WITH_CLEARTEXT:
		return o->cleartext;
	case POP3_WITH_UTF8:
		return o->utf8;
	}
	return true;
}

/* capa-resp = single-line *capability "." CRLF   RFC 2449 section 3 */
void
pop3_write_capabilities(const struct pop3_offer *o, struct buf *to)
{
	buf_add_text(to, "+OK These are all\r\n");
	for (const struct pop3_capability *c = pop3_capabilities;
	     c->name != NULL; c++) {
		if (!holds(c, o))
			continue;
		buf_add_text(to, c->name);
		buf_add_text(to, c->arguments);
		if (str_eq(str_of(c->name), STR("SASL")))
			buf_add_text(to, o->mechanisms);
		buf_add_text(to, "\r\n");
	}
	buf_add_text(to, ".\r\n");
}
