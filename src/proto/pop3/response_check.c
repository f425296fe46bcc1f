/* SPDX-License-Identifier: MIT
 *
 * POP3 responses, line by line.
 */
#include "proto/pop3/response_check.h"

#include "base/base64.h"
#include "base/mem.h"
#include "proto/line_check.h"

/* RFC 2449 section 4, and section 3 for capabilities; CRLF counts. */
#define LINE_BYTES_MAX 512

/* What the next line may be. */
enum place {
	PLACE_GREETING,
	PLACE_RESPONSE,
	PLACE_OK,	    /* the same, or the first line behind +OK */
	PLACE_SIZES,	    /* of LIST, or the end */
	PLACE_UIDS,	    /* of UIDL, or the end */
	PLACE_CAPABILITIES, /* or the end */
	PLACE_MECHANISMS,   /* or the end */
	PLACE_MESSAGE,	    /* a line of it, or the end */
};

struct pop3_check {
	struct line_check lines; /* first */
	enum place place;
	uint64_t number;       /* of a list, its last line's */
	uint64_t uid;	       /* the same */
	uint64_t uidvalidity;  /* of a list, 0: nothing has come */
	unsigned capabilities; /* that have come, by bits */
	uint64_t announced;    /* octets of the message */
	uint64_t shown;	       /* that have come, without dots put in */
	uint64_t stored;       /* that were not looked at, with these dots */
};

/* -- single lines ----------------------------------------------------------- */

/* resp-code = "[" resp-level *("/" resp-level) "]"
 *                                                RFC 2449 section 3 */
static bool
resp_code(struct line_check *l)
{
	static const char *const codes[] = { "[AUTH] ", "[IN-USE] ",
		"[LOGIN-DELAY] ", "[SYS/PERM] ", "[SYS/TEMP] ", "[UTF8] " };

	size_t which;

	return line_check_one_of(
		   l, codes, sizeof(codes) / sizeof(codes[0]), &which) ||
	       line_check_expected(l, "resp-code");
}

/* greeting = "+OK" [resp-code] *gchar [timestamp] *gchar CRLF
 *                                                RFC 2449 section 3
 * Without a timestamp, since there is no APOP. */
static bool
greeting(struct pop3_check *p)
{
	struct line_check *l = &p->lines;
	struct str rest;

	if (!line_check_text(l, "+OK "))
		return false;
	rest = line_check_rest(l);
	if (str_find(rest, '<') < rest.n)
		return line_check_expected(l, "no timestamp");
	p->place = PLACE_RESPONSE;
	return line_check_text_crlf(l);
}

static bool
negative(struct pop3_check *p)
{
	struct line_check *l = &p->lines;

	p->place = PLACE_RESPONSE;
	return line_check_text(l, "-ERR ") &&
	       (!line_check_sees(l, '[') || resp_code(l)) &&
	       line_check_text_crlf(l);
}

/* "+OK" SP octets SP "octets" */
static bool
announces(const struct line_check *l, uint64_t *ret_octets)
{
	struct str behind = STR(" octets\r\n");
	struct str rest = line_check_rest(l);

	return str_ends(rest, behind) &&
	       str_number(
		   str_head(rest, rest.n - behind.n), UINT64_MAX, ret_octets);
}

static bool
positive(struct pop3_check *p)
{
	struct line_check *l = &p->lines;

	if (!line_check_text(l, "+OK"))
		return false;
	p->place = PLACE_OK;
	if (!line_check_takes(l, ' '))
		return line_check_crlf(l);
	if (line_check_sees(l, '['))
		return line_check_expected(l, "no resp-code behind +OK");
	p->shown = 0;
	p->stored = 0;
	if (announces(l, &p->announced))
		p->place = PLACE_MESSAGE;
	return line_check_text_crlf(l);
}

/* It may be of any length (RFC 5034 section 4). */
static bool
is_challenge(const struct line_check *l)
{
	return str_begins(line_check_rest(l), STR("+ "));
}

/* continue-req = "+" SP [base64] CRLF            RFC 5034 section 5 */
static bool
continue_req(struct pop3_check *p)
{
	struct line_check *l = &p->lines;
	struct str rest;
	struct buf challenge;
	bool good;

	if (!line_check_text(l, "+ "))
		return false;
	rest = line_check_rest(l);
	if (!str_ends(rest, STR("\r\n")))
		return line_check_expected(l, "CRLF");
	rest.n -= 2;
	buf_init(&challenge, rest.n + 1);
	good = rest.n == 0 || base64_decode(rest, &challenge);
	buf_fini(&challenge);
	if (!good)
		return line_check_expected(l, "base64");
	l->c.at += rest.n;
	p->place = PLACE_RESPONSE;
	return line_check_crlf(l);
}

static bool
response(struct pop3_check *p)
{
	struct line_check *l = &p->lines;

	if (line_check_sees(l, '-'))
		return negative(p);
	return is_challenge(l) ? continue_req(p) : positive(p);
}

/* -- lists ------------------------------------------------------------------ */

/* A message number, greater than the one before, and a space. */
static bool
message_number(struct pop3_check *p)
{
	return line_check_number(
		   &p->lines, p->number + 1, UINT32_MAX, &p->number) &&
	       line_check_text(&p->lines, " ");
}

/* scan listing = number SP octets                RFC 1939 section 5 */
static bool
scan_listing(struct pop3_check *p)
{
	uint64_t octets;

	return message_number(p) &&
	       line_check_number(&p->lines, 0, INT64_MAX, &octets) &&
	       line_check_crlf(&p->lines);
}

/* unique-id listing = number SP unique-id        RFC 1939 section 7
 * The id is UIDVALIDITY "." UID. */
static bool
unique_id_listing(struct pop3_check *p)
{
	struct line_check *l = &p->lines;
	uint64_t least = p->uidvalidity > 0 ? p->uidvalidity : 1;
	uint64_t most = p->uidvalidity > 0 ? p->uidvalidity : UINT32_MAX;

	return message_number(p) &&
	       line_check_number(l, least, most, &p->uidvalidity) &&
	       line_check_text(l, ".") &&
	       line_check_number(l, p->uid + 1, UINT32_MAX, &p->uid) &&
	       line_check_crlf(l);
}

static bool
is_of_mechanism(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '_';
}

/* sasl-mech = 1*20mech-char                      RFC 4422 section 3.1 */
static bool
mechanism(struct line_check *l)
{
	const char *from = l->c.at;
	struct str name;

	if (!line_check_run(l, is_of_mechanism, "sasl-mech", &name))
		return false;
	if (name.n <= 20)
		return true;
	l->c.at = from;
	return line_check_expected(l, "sasl-mech of 20 octets");
}

/* capability = capa-tag *(SP param) CRLF         RFC 2449 section 3 */
static bool
capability(struct pop3_check *p)
{
	static const char *const lines[] = { "TOP\r\n", "UIDL\r\n", "USER\r\n",
		"STLS\r\n", "PIPELINING\r\n", "RESP-CODES\r\n",
		"AUTH-RESP-CODE\r\n", "EXPIRE NEVER\r\n", "UTF8 USER\r\n",
		"IMPLEMENTATION Avocet\r\n", "SASL" };
	const size_t count = sizeof(lines) / sizeof(lines[0]);
	struct line_check *l = &p->lines;
	size_t which;

	if (!line_check_one_of(l, lines, count, &which))
		return line_check_expected(l, "capability");
	if ((p->capabilities & 1u << which) != 0)
		return line_check_expected(l, "capability once");
	p->capabilities |= 1u << which;
	if (which < count - 1)
		return true;
	while (line_check_takes(l, ' '))
		if (!mechanism(l))
			return false;
	return line_check_crlf(l);
}

static bool
item(struct pop3_check *p)
{
	if (line_check_takes(&p->lines, '.')) {
		p->place = PLACE_RESPONSE;
		return line_check_crlf(&p->lines);
	}
	switch (p->place) {
	case PLACE_SIZES:
		return scan_listing(p);
	case PLACE_UIDS:
		return unique_id_listing(p);
	case PLACE_CAPABILITIES:
		return capability(p);
	default:
		return mechanism(&p->lines) && line_check_crlf(&p->lines);
	}
}

/* A line of a list tells of which: numbers are in two of them, and of these a
 * dot in one; TOP is always the first capability. */
static bool
first_item(struct pop3_check *p)
{
	struct str rest = line_check_rest(&p->lines);

	p->number = 0;
	p->uid = 0;
	p->uidvalidity = 0;
	p->capabilities = 0;
	if (str_eq(rest, STR("TOP\r\n")))
		p->place = PLACE_CAPABILITIES;
	else if (rest.p[0] < '0' || rest.p[0] > '9')
		p->place = PLACE_MECHANISMS;
	else if (str_find(rest, '.') < rest.n)
		p->place = PLACE_UIDS;
	else
		p->place = PLACE_SIZES;
	return item(p);
}

/* -- messages --------------------------------------------------------------- */

static bool
end_message(struct pop3_check *p)
{
	if (p->announced < p->shown || p->announced - p->shown > p->stored)
		return line_check_expected(
		    &p->lines, "as many octets as were announced");
	p->place = PLACE_RESPONSE;
	return line_check_text(&p->lines, ".\r\n");
}

/* What ends a stored message that has no line end, or no body. */
static bool
behind_stored(struct pop3_check *p)
{
	(void)line_check_takes(&p->lines, '\r');
	return line_check_text(&p->lines, "\n");
}

/* multi-line = single-line *dot-stuffed "." CRLF  RFC 2449 section 3 */
static bool
message_line(struct pop3_check *p)
{
	struct line_check *l = &p->lines;
	struct str line = line_check_rest(l);

	if (str_eq(line, STR(".\r\n")))
		return end_message(p);
	p->shown += line.n - (line.p[0] == '.');
	if (p->stored > 0)
		return behind_stored(p);
	if (line_check_takes(l, '.') && !line_check_sees(l, '.'))
		return line_check_expected(l, "a second dot");
	if (!str_ends(line, STR("\r\n")))
		return line_check_expected(l, "CR in front of LF");
	if (p->shown > p->announced)
		return line_check_expected(l, "the end of the message");
	l->c.at = l->c.end;
	return true;
}

static bool
check_stored(struct output_check *o, uint64_t count)
{
	struct pop3_check *p = (struct pop3_check *)o;

	if (p->place != PLACE_MESSAGE || p->lines.text.n > 0 || p->stored > 0)
		return line_check_expected(&p->lines, "no octets of a message");
	p->stored = count;
	return true;
}

/* -- all of them ------------------------------------------------------------ */

static bool
check_line(struct line_check *l)
{
	struct pop3_check *p = (struct pop3_check *)l;

	if (p->place == PLACE_MESSAGE)
		return message_line(p);
	if (line_check_rest(l).n > LINE_BYTES_MAX && !is_challenge(l))
		return line_check_expected(l, "512 octets");
	switch (p->place) {
	case PLACE_GREETING:
		return greeting(p);
	case PLACE_RESPONSE:
		return response(p);
	case PLACE_OK:
		return line_check_sees(l, '+') || line_check_sees(l, '-')
			   ? response(p)
			   : first_item(p);
	default:
		return item(p);
	}
}

struct output_check *
pop3_response_check_new(bool greeted)
{
	struct pop3_check *p = mem_alloc(sizeof(*p));

	line_check_init(&p->lines, check_line);
	p->lines.base.stored = check_stored;
	p->place = greeted ? PLACE_RESPONSE : PLACE_GREETING;
	return &p->lines.base;
}
