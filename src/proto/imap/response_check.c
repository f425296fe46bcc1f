/* SPDX-License-Identifier: MIT
 *
 * From octets to whole responses.
 *
 * The text of a response is gathered up to the line end that no literal
 * follows; octets of literals are only counted.  Then the grammar sees all of
 * it at once.
 */
#include "proto/imap/response_check.h"

#include "base/mem.h"
#include "proto/imap/response_internal.h"

#define TEXT_BYTES_MAX (16 * 1024 * 1024)
#define SHOWN_BYTES    300 /* of the text around what is wrong */

struct response_check {
	struct output_check base;
	struct response_facts facts;
	struct buf text;       /* of the response, as far as it has come */
	uint64_t literal_left; /* octets that are still to come */
	size_t wrong_at;       /* in text */
	const char *expected;  /* there; NULL: all is well */
	bool gave_up;	       /* a response was too long to be kept */
};

static bool
wrong(struct response_check *r, const char *expected)
{
	r->expected = expected;
	r->wrong_at = r->text.n;
	return false;
}

/* -- whole responses ------------------------------------------------------- */

/* tag = 1*<any ASTRING-CHAR except "+">           RFC 9051 section 9 */
static bool
tag(struct response *r)
{
	const char *from = r->c.at;

	/* ASTRING-CHAR is ATOM-CHAR and "]". */
	for (;;) {
		struct str run;

		if (!response_takes(r, ']') && !response_atom(r, &run))
			break;
	}
	if (r->c.at == from || memchr(from, '+', (size_t)(r->c.at - from)))
		return response_expected(r, "tag");
	return true;
}

/* response-tagged = tag SP resp-cond-state CRLF   RFC 9051 section 9 */
static bool
tagged(struct response *r)
{
	struct str state;

	if (!r->facts->greeted)
		return response_expected(r, "greeting");
	if (!tag(r) || !response_sp(r) || !response_name(r, &state))
		return false;
	if (!str_eq(state, STR("OK")) && !str_eq(state, STR("NO")) &&
	    !str_eq(state, STR("BAD")))
		return response_expected(r, "resp-cond-state");
	return response_sp(r) && response_resp_text(r);
}

/* continue-req = "+" SP (resp-text / base64) CRLF RFC 9051 section 9
 * A challenge of nothing is base64 of nothing. */
static bool
continue_req(struct response *r)
{
	return response_text(r, "+ ") &&
	       (response_sees(r, '\r') || response_resp_text(r));
}

static bool
any(struct response *r)
{
	bool good = response_sees(r, '+') ? continue_req(r)
		    : response_takes(r, '*')
			? response_sp(r) && response_data(r)
			: tagged(r);

	if (!good || !response_text(r, "\r\n"))
		return false;
	return r->c.at == r->c.end ||
	       response_expected(r, "the end of the response");
}

static bool
check_whole(struct response_check *r)
{
	struct response whole = {
		.c = str_cursor(buf_str(&r->text)),
		.facts = &r->facts,
	};

	if (!any(&whole)) {
		r->expected = whole.expected;
		r->wrong_at = (size_t)(whole.c.at - r->text.p);
		return false;
	}
	buf_fini(&r->text);
	buf_init(&r->text, TEXT_BYTES_MAX);
	return true;
}

/* -- octets ----------------------------------------------------------------- */

/* Does the line end with "{number}" CRLF?  Then so many octets follow. */
static bool
ends_in_literal(struct str line, uint64_t *ret_octets)
{
	size_t digits = 0;
	struct str number;

	if (!str_ends(line, STR("}\r\n")))
		return false;
	line.n -= 3;
	while (digits < line.n && line.p[line.n - digits - 1] >= '0' &&
	       line.p[line.n - digits - 1] <= '9')
		digits++;
	number = str_skip(line, line.n - digits);
	line.n -= digits;
	return str_ends(line, STR("{")) &&
	       str_number(number, INT64_MAX, ret_octets);
}

/* The text ends with a line feed. */
static bool
end_line(struct response_check *r)
{
	struct str line = buf_str(&r->text);
	uint64_t octets;

	if (!str_ends(line, STR("\r\n")))
		return wrong(r, "CR in front of LF");
	if (!ends_in_literal(line, &octets))
		return check_whole(r);
	if (octets == 0)
		return wrong(r, "no literal of nothing");
	r->literal_left = octets;
	return true;
}

static bool
check_text(struct output_check *o, struct str octets)
{
	struct response_check *r = (struct response_check *)o;

	while (octets.n > 0 && !r->gave_up) {
		size_t n = octets.n;

		if (r->literal_left > 0) {
			if (n > r->literal_left)
				n = (size_t)r->literal_left;
			r->literal_left -= n;
			octets = str_skip(octets, n);
			continue;
		}
		n = str_find(octets, '\n');
		n += n < octets.n;
		buf_add(&r->text, octets.p, n);
		r->gave_up = buf_check(&r->text) != RC_OK;
		if (!r->gave_up && octets.p[n - 1] == '\n' && !end_line(r))
			return false;
		octets = str_skip(octets, n);
	}
	return true;
}

static bool
check_stored(struct output_check *o, uint64_t count)
{
	struct response_check *r = (struct response_check *)o;

	if (r->gave_up)
		return true;
	if (count > r->literal_left)
		return wrong(r, "a literal as long as what was announced");
	r->literal_left -= count;
	return true;
}

static void
explain(const struct output_check *o, struct buf *to)
{
	const struct response_check *r = (const struct response_check *)o;
	struct str text = buf_str(&r->text);
	size_t from = r->wrong_at > SHOWN_BYTES ? r->wrong_at - SHOWN_BYTES : 0;

	buf_add_format(
	    to, "expected %s at octet %zu, behind ", r->expected, r->wrong_at);
	buf_add_str(to, str_skip(str_head(text, r->wrong_at), from));
	buf_add_text(to, " <here> ");
	buf_add_str(to, str_head(str_skip(text, r->wrong_at), SHOWN_BYTES));
}

static void
check_free(struct output_check *o)
{
	struct response_check *r = (struct response_check *)o;

	buf_fini(&r->text);
	mem_free(r);
}

struct output_check *
response_check_new(bool greeted)
{
	struct response_check *r = mem_alloc(sizeof(*r));

	r->base = (struct output_check){
		.text = check_text,
		.stored = check_stored,
		.why = explain,
		.free = check_free,
	};
	r->facts.greeted = greeted;
	buf_init(&r->text, TEXT_BYTES_MAX);
	return &r->base;
}
