/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <stdarg.h>

#include "base/mem.h"
#include "bench.h"
#include "proto/imap/string.h"

#define SHOWN_OCTETS 200
/* A response is as large as the message in it. */
#define ARENA_OCTETS_MAX ((size_t)1 << 30)

void
answer_init(struct answer *a, struct str text)
{
	*a = (struct answer){ .c = str_cursor(text) };
	a->p.arena = arena_new(ARENA_OCTETS_MAX);
}

void
answer_fini(struct answer *a)
{
	arena_free(a->p.arena);
}

void
answer_wrong(const struct answer *a, const char *why)
{
	struct str shown = str_head(a->response, SHOWN_OCTETS);

	fail("%s in: %.*s", why, STR_ARG(shown));
}

/* Does the line end with "{number}"?  Then *ret is the number. */
static bool
ends_with_literal(struct str line, uint64_t *ret_octets)
{
	const char *brace;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return false;
	brace = memrchr(line.p, '{', line.n);
	if (brace == NULL)
		return false;
	return str_number(str_head(str_skip(line, (size_t)(brace - line.p) + 1),
			      line.n - (size_t)(brace - line.p) - 2),
	    UINT32_MAX, ret_octets);
}

bool
answer_next(struct answer *a)
{
	const char *from = a->c.at;
	uint64_t literal;

	if (a->c.at == a->c.end)
		return false;
	for (;;) {
		const char *start = a->c.at;
		const char *lf =
		    memchr(start, '\n', (size_t)(a->c.end - start));
		struct str line;

		if (lf == NULL || lf == start || lf[-1] != '\r')
			fail("a line without its end: %.*s",
			    (int)(a->c.end - from < 80 ? a->c.end - from : 80),
			    from);
		a->c.at = lf + 1;
		line = (struct str){ start, (size_t)(lf - 1 - start) };
		if (!ends_with_literal(line, &literal))
			break;
		if (literal > (size_t)(a->c.end - a->c.at))
			fail("a literal is cut off");
		a->c.at += literal;
	}
	a->response = str_until(from, &a->c);
	arena_reset(a->p.arena);
	parser_init(
	    &a->p, a->response, a->p.arena, (struct parse_options){ 0 });
	return true;
}

bool
answer_is_whole(struct str text, struct str tag)
{
	const char *before;
	struct str last;

	if (text.n < 2 || text.p[text.n - 1] != '\n')
		return false;
	before = memrchr(text.p, '\n', text.n - 1);
	last = before == NULL ? text
			      : str_skip(text, (size_t)(before - text.p) + 1);
	return last.n > tag.n && str_begins(last, tag) && last.p[tag.n] == ' ';
}

/* -- commands ------------------------------------------------------------ */

void
command_run_str(struct link *l, struct str command, uint64_t *ret_ns)
{
	static unsigned number;
	struct buf line;
	char tag[16];
	uint64_t from;
	bool closed;

	snprintf(tag, sizeof(tag), "b%u", ++number);
	buf_init(&line, SIZE_MAX / 2);
	buf_add_format(&line, "%s ", tag);
	buf_add_str(&line, command);
	buf_add_text(&line, "\r\n");
	buf_clear(&l->in);
	from = now_ns();
	link_send(l, buf_str(&line));
	while (!answer_is_whole(buf_str(&l->in), str_of(tag)))
		if (!link_receive(l, true, &closed))
			fail("the server closed a connection");
	if (ret_ns != NULL)
		*ret_ns = now_ns() - from;
	buf_clear(&line);
	buf_add_format(&line, "%s OK ", tag);
	if (memmem(l->in.p, l->in.n, line.p, line.n) == NULL)
		fail("%.*s: %.*s", STR_ARG(str_head(command, 60)),
		    STR_ARG(str_head(buf_str(&l->in), SHOWN_OCTETS)));
	buf_fini(&line);
}

struct str
command_text(char space[COMMAND_MAX], const char *format, va_list ap)
{
	int n = vsnprintf(space, COMMAND_MAX, format, ap);

	if (n < 0 || n >= COMMAND_MAX)
		fail("command too long");
	return (struct str){ space, (size_t)n };
}

void
command_run(struct link *l, uint64_t *ret_ns, const char *format, ...)
{
	char space[COMMAND_MAX];
	struct str command;
	va_list ap;

	va_start(ap, format);
	command = command_text(space, format, ap);
	va_end(ap);
	command_run_str(l, command, ret_ns);
}

uint32_t
answer_untagged_number(struct link *l, const char *word)
{
	struct answer a;
	uint32_t number, found = 0;
	unsigned times = 0;

	answer_init(&a, buf_str(&l->in));
	while (answer_next(&a))
		if (take_byte(&a.p, '*') && take_sp(&a.p) &&
		    parse_number(&a.p, &number) && take_sp(&a.p) &&
		    take_word(&a.p, word)) {
			found = number;
			times++;
		}
	answer_fini(&a);
	if (times != 1)
		fail("%u %s responses", times, word);
	return found;
}

uint64_t
answer_code_number(struct link *l, const char *word)
{
	char code[64];
	struct str text = buf_str(&l->in);
	const char *at;
	uint64_t value;
	size_t n = 0;

	snprintf(code, sizeof(code), "[%s ", word);
	at = memmem(text.p, text.n, code, strlen(code));
	if (at == NULL)
		fail("no %s]", code);
	text = str_skip(text, (size_t)(at - text.p) + strlen(code));
	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	if (!str_number(str_head(text, n), UINT64_MAX, &value))
		fail("no number in %s]", code);
	return value;
}

void
login(struct link *l, const struct options *o, bool tls, uint64_t account)
{
	bool closed;

	link_open(l, tls ? o->imaps : o->imap, tls ? LINK_TLS : LINK_PLAIN);
	while (l->in.n == 0 || memchr(l->in.p, '\n', l->in.n) == NULL)
		if (!link_receive(l, true, &closed))
			fail("no greeting");
	if (!str_begins(buf_str(&l->in), STR("* OK ")))
		fail("greeting: %.*s", STR_ARG(buf_str(&l->in)));
	command_run(l, NULL, "LOGIN %s%lu \"%s\"", o->user,
	    (unsigned long)account, o->password);
}
