/* SPDX-License-Identifier: MIT
 *
 * LMTP replies, line by line.
 */
#include "proto/lmtp/reply_check.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "proto/line_check.h"

#define LINE_BYTES_MAX 512 /* RFC 5321 section 4.5.3.1.5; CRLF counts */

/* What the next line may be. */
enum place {
	PLACE_GREETING,
	PLACE_REPLY,
	PLACE_KEYWORD, /* of the reply to LHLO */
	PLACE_DATA,    /* the first reply for a recipient, or the end */
	PLACE_RESULT,  /* another one */
	PLACE_END,     /* nothing more */
};

/* What LHLO has to announce (RFC 2033 section 5), and may. */
enum {
	KEYWORD_PIPELINING = 1,
	KEYWORD_ENHANCEDSTATUSCODES = 2,
	KEYWORD_8BITMIME = 4,
	KEYWORDS_NEEDED = 7,
};

struct lmtp_check {
	struct line_check lines; /* first */
	enum place place;
	unsigned keywords;   /* of this reply to LHLO, by bits */
	uint32_t recipients; /* taken since MAIL, or since the last message */
	uint32_t due;	     /* replies for them that have to follow */
};

/* A reply of one line, without its CRLF. */
struct reply {
	struct str code;
	struct str status; /* "2.1.5"; empty behind 354 */
	bool for_recipient;
};

/* -- lines ------------------------------------------------------------------ */

static bool
is_of_domain(char byte)
{
	char b = str_lower(byte);

	return (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-' ||
	       b == '.' || b == ':' || b == '[' || b == ']';
}

/* Domain / address-literal                        RFC 5321 section 4.1.2 */
static bool
domain(struct line_check *l)
{
	struct str run;

	return line_check_run(l, is_of_domain, "Domain", &run);
}

/* Greeting = "220 " ( Domain / address-literal ) [ SP textstring ] CRLF
 *                                                 RFC 5321 section 4.2 */
static bool
greeting(struct lmtp_check *s)
{
	struct line_check *l = &s->lines;

	s->place = PLACE_REPLY;
	return line_check_text(l, "220 ") && domain(l) &&
	       line_check_text(l, " ") && line_check_text_crlf(l);
}

/* -- LHLO ------------------------------------------------------------------- */

/* ehlo-line = ehlo-keyword *( SP ehlo-param )     RFC 5321 section 4.1.1.1 */
static bool
ehlo_line(struct line_check *l, size_t *ret_which)
{
	static const char *const names[] = { "PIPELINING\r\n",
		"ENHANCEDSTATUSCODES\r\n", "8BITMIME\r\n", "SMTPUTF8\r\n",
		"CHUNKING\r\n", "STARTTLS\r\n", "SIZE " };
	const size_t count = sizeof(names) / sizeof(names[0]);
	uint64_t size;

	if (!line_check_one_of(l, names, count, ret_which))
		return line_check_expected(l, "ehlo-keyword");
	return *ret_which < count - 1 ||
	       (line_check_number(l, 1, INT64_MAX, &size) &&
		   line_check_crlf(l));
}

/* ehlo-ok-rsp = ( "250-" Domain CRLF *( "250-" ehlo-line CRLF ) "250" SP
 *               ehlo-line CRLF )                  RFC 5321 section 4.1.1.1 */
static bool
begin_lhlo(struct lmtp_check *s)
{
	s->place = PLACE_KEYWORD;
	s->keywords = 0;
	s->recipients = 0;
	return line_check_text(&s->lines, "250-") && domain(&s->lines) &&
	       line_check_crlf(&s->lines);
}

static bool
keyword(struct lmtp_check *s)
{
	struct line_check *l = &s->lines;
	size_t which;
	bool more;

	if (!line_check_text(l, "250"))
		return false;
	more = line_check_takes(l, '-');
	if (!more && !line_check_text(l, " "))
		return false;
	if (!ehlo_line(l, &which))
		return false;
	if ((s->keywords & 1u << which) != 0)
		return line_check_expected(l, "ehlo-keyword once");
	s->keywords |= 1u << which;
	if (more)
		return true;
	s->place = PLACE_REPLY;
	return (s->keywords & KEYWORDS_NEEDED) == KEYWORDS_NEEDED ||
	       line_check_expected(l, "PIPELINING, ENHANCEDSTATUSCODES and "
				      "8BITMIME among the keywords");
}

/* -- replies ---------------------------------------------------------------- */

/* Reply-code = %x32-35 %x30-35 %x30-39            RFC 5321 section 4.2
 * Those of its section 4.2.3, and of extensions. */
static bool
reply_code(struct line_check *l, struct str *ret_code)
{
	static const char *const codes[] = { "211", "214", "220", "221", "250",
		"251", "252", "354", "421", "450", "451", "452", "454", "455",
		"500", "501", "502", "503", "504", "550", "551", "552", "553",
		"554", "555" };

	const char *from = l->c.at;
	size_t which;

	if (!line_check_one_of(
		l, codes, sizeof(codes) / sizeof(codes[0]), &which))
		return line_check_expected(l, "Reply-code");
	*ret_code = str_until(from, &l->c);
	return true;
}

/* status-code ::= class "." subject "." detail    RFC 2034 section 4
 * The class is that of the reply; subject and detail are registered (RFC 3463
 * section 3, RFC 6531 section 3). */
static bool
status_code(struct line_check *l, char class, struct str *ret_status)
{
	static const uint8_t details[] = { 0, 10, 4, 5, 7, 6, 10, 30 };
	const char *from = l->c.at;
	uint64_t subject, detail;

	if (!line_check_takes(l, class))
		return line_check_expected(l, "class of the reply");
	if (!line_check_text(l, ".") ||
	    !line_check_number(l, 0, sizeof(details) - 1, &subject) ||
	    !line_check_text(l, ".") ||
	    !line_check_number(l, 0, details[subject], &detail))
		return false;
	*ret_status = str_until(from, &l->c);
	return line_check_text(l, " ");
}

/* Text with a path at its end, which may be in UTF-8 if the client has asked
 * for that (RFC 6531 section 3.4); without that no such path was taken. */
static bool
text_with_path(struct line_check *l)
{
	struct str rest = line_check_rest(l);

	rest.n -= 2;
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] < ' ' || rest.p[i] == 0x7f)
			return line_check_expected(l, "text");
	if (!utf8_valid(rest))
		return line_check_expected(l, "UTF-8");
	l->c.at += rest.n;
	return line_check_crlf(l);
}

static bool
reply_text(struct line_check *l, bool *ret_for_recipient)
{
	struct str rest = line_check_rest(l);

	*ret_for_recipient =
	    str_ends(rest, STR(">\r\n")) && str_find(rest, '<') < rest.n;
	return *ret_for_recipient ? text_with_path(l) : line_check_text_crlf(l);
}

static bool
reply_line(struct line_check *l, struct reply *r)
{
	return reply_code(l, &r->code) && line_check_text(l, " ") &&
	       (r->code.p[0] == '3' ||
		   status_code(l, r->code.p[0], &r->status)) &&
	       reply_text(l, &r->for_recipient);
}

/* Another of the replies that a message gets. */
static bool
result(struct lmtp_check *s)
{
	s->due--;
	s->place = s->due > 0 ? PLACE_RESULT : PLACE_REPLY;
	if (s->due == 0)
		s->recipients = 0;
	return true;
}

/* A reply that is none for a recipient. */
static bool
other_reply(struct lmtp_check *s, const struct reply *r)
{
	bool ok = str_eq(r->code, STR("250"));

	if (str_eq(r->code, STR("421")) || str_eq(r->code, STR("221"))) {
		s->place = PLACE_END;
	} else if (str_eq(r->code, STR("354"))) {
		s->place = PLACE_DATA;
		s->due = s->recipients;
		return s->recipients > 0 ||
		       line_check_expected(&s->lines, "recipients before 354");
	} else if (ok && str_eq(r->status, STR("2.1.0"))) {
		s->recipients = 0;
	} else if (ok && str_eq(r->status, STR("2.1.5"))) {
		s->recipients++;
	}
	return true;
}

static bool
reply(struct lmtp_check *s)
{
	struct line_check *l = &s->lines;
	struct reply r = { 0 };

	if (s->place == PLACE_REPLY &&
	    str_begins(line_check_rest(l), STR("250-")))
		return begin_lhlo(s);
	if (!reply_line(l, &r))
		return false;
	if (s->place == PLACE_REPLY && !r.for_recipient)
		return other_reply(s, &r);
	if (s->place == PLACE_DATA && str_eq(r.code, STR("421")))
		return other_reply(s, &r);
	if (!r.for_recipient)
		return line_check_expected(l, "reply for a recipient");
	/* The last chunk of a message was taken. */
	if (s->place == PLACE_REPLY)
		s->due = s->recipients;
	if (s->due == 0)
		return line_check_expected(l, "no reply for a recipient");
	return result(s);
}

static bool
check_line(struct line_check *l)
{
	struct lmtp_check *s = (struct lmtp_check *)l;

	if (line_check_rest(l).n > LINE_BYTES_MAX)
		return line_check_expected(l, "512 octets");
	switch (s->place) {
	case PLACE_GREETING:
		return greeting(s);
	case PLACE_KEYWORD:
		return keyword(s);
	case PLACE_END:
		return line_check_expected(l, "nothing more");
	default:
		return reply(s);
	}
}

struct output_check *
lmtp_reply_check_new(void)
{
	struct lmtp_check *s = mem_alloc(sizeof(*s));

	line_check_init(&s->lines, check_line);
	return &s->lines.base;
}
