/* SPDX-License-Identifier: MIT
 *
 * From octets to whole lines, and the small parts of them.
 */
#include "proto/line_check.h"

#include "base/cursor.h"
#include "base/mem.h"

#define LINE_BYTES_MAX (1024 * 1024) /* a message's are of any length */
#define SHOWN_BYTES    300	     /* of the line, around what is wrong */

bool
line_check_expected(struct line_check *l, const char *what)
{
	l->expected = what;
	return false;
}

/* -- octets ----------------------------------------------------------------- */

static bool
end_line(struct line_check *l)
{
	if (!l->line(l))
		return false;
	if (l->c.at < l->c.end)
		return line_check_expected(l, "the end of the line");
	buf_clear(&l->text);
	return true;
}

static bool
check_text(struct output_check *o, struct str octets)
{
	struct line_check *l = (struct line_check *)o;

	while (octets.n > 0) {
		size_t n = str_find(octets, '\n');
		bool ends = n < octets.n;

		n += ends;
		buf_add(&l->text, octets.p, n);
		l->c = str_cursor(buf_str(&l->text));
		if (buf_check(&l->text) != RC_OK)
			return line_check_expected(l, "LF");
		if (ends && !end_line(l))
			return false;
		octets = str_skip(octets, n);
	}
	return true;
}

static bool
check_stored(struct output_check *o, uint64_t count)
{
	(void)count;
	return line_check_expected(
	    (struct line_check *)o, "no octets of a message");
}

static void
explain(const struct output_check *o, struct buf *to)
{
	const struct line_check *l = (const struct line_check *)o;
	struct str rest = line_check_rest(l);
	struct str before = str_head(buf_str(&l->text), l->text.n - rest.n);
	size_t from = before.n > SHOWN_BYTES ? before.n - SHOWN_BYTES : 0;

	buf_add_format(
	    to, "expected %s at octet %zu, behind ", l->expected, before.n);
	buf_add_str(to, str_skip(before, from));
	buf_add_text(to, " <here> ");
	buf_add_str(to, str_head(rest, SHOWN_BYTES));
}

static void
check_free(struct output_check *o)
{
	struct line_check *l = (struct line_check *)o;

	buf_fini(&l->text);
	mem_free(l);
}

void
line_check_init(struct line_check *l, line_check_fn *line)
{
	l->base = (struct output_check){
		.text = check_text,
		.stored = check_stored,
		.why = explain,
		.free = check_free,
	};
	l->line = line;
	buf_init(&l->text, LINE_BYTES_MAX);
}

/* -- parts of a line -------------------------------------------------------- */

struct str
line_check_rest(const struct line_check *l)
{
	return (struct str){ l->c.at, (size_t)(l->c.end - l->c.at) };
}

bool
line_check_sees(const struct line_check *l, char byte)
{
	return cursor_sees(&l->c, byte);
}

bool
line_check_takes(struct line_check *l, char byte)
{
	return cursor_takes(&l->c, byte);
}

bool
line_check_text(struct line_check *l, const char *text)
{
	struct str want = str_of(text);

	if (!str_begins(line_check_rest(l), want))
		return line_check_expected(l, text);
	l->c.at += want.n;
	return true;
}

bool
line_check_one_of(struct line_check *l, const char *const *texts, size_t count,
    size_t *ret_which)
{
	for (size_t i = 0; i < count; i++) {
		if (line_check_text(l, texts[i])) {
			*ret_which = i;
			return true;
		}
	}
	return false;
}

bool
line_check_crlf(struct line_check *l)
{
	return line_check_text(l, "\r\n");
}

static bool
is_printable(char byte)
{
	return byte >= ' ' && byte < 0x7f;
}

bool
line_check_text_crlf(struct line_check *l)
{
	struct str run;

	return line_check_run(l, is_printable, "text", &run) &&
	       line_check_crlf(l);
}

bool
line_check_run(struct line_check *l, bool (*is)(char byte), const char *what,
    struct str *ret_run)
{
	const char *from = l->c.at;

	while (l->c.at < l->c.end && is(*l->c.at))
		l->c.at++;
	if (l->c.at == from)
		return line_check_expected(l, what);
	*ret_run = str_until(from, &l->c);
	return true;
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

bool
line_check_number(
    struct line_check *l, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	const char *from = l->c.at;
	struct str digits;
	uint64_t number;

	if (!line_check_run(l, is_digit, "number", &digits))
		return false;
	if ((digits.n == 1 || digits.p[0] != '0') &&
	    str_number(digits, max, &number) && number >= min) {
		*ret_number = number;
		return true;
	}
	l->c.at = from;
	return line_check_expected(l, "number in its range");
}
