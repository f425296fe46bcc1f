/* SPDX-License-Identifier: MIT
 *
 * A message as the lines of a multi-line response.
 */
#include "proto/pop3/lines.h"

#include <string.h>

void
pop3_lines_whole(struct pop3_lines *l)
{
	*l = (struct pop3_lines){ 0 };
}

void
pop3_lines_top(struct pop3_lines *l, uint32_t lines)
{
	*l = (struct pop3_lines){ .top = true, .left = lines };
}

/* Note what the next octets of the line are, of which none is an LF. */
static void
note_run(struct pop3_lines *l, const char *run, size_t count)
{
	if (l->in_line || count > 1 || *run != '\r')
		l->text = true;
	l->in_line = true;
	l->cr = run[count - 1] == '\r';
}

/* Put ${count} octets of a line from ${from} to ${to}. */
static void
put_run(const struct pop3_lines *l, char *to, const char *from, size_t count)
{
	memmove(to, from, count);
	if (!l->hide_nul)
		return;
	for (char *nul = to; (nul = memchr(nul, '\0', count)) != NULL;) {
		*nul = (char)0x80;
		count -= (size_t)(nul - to);
		to = nul;
	}
}

/* The line has its LF. */
static void
end_line(struct pop3_lines *l)
{
	if (l->body && l->left > 0)
		l->left--;
	if (!l->text)
		l->body = true;
	if (l->top && l->body && l->left == 0)
		l->ended = true;
	l->in_line = false;
	l->text = false;
	l->cr = false;
}

/* The place to put to is never beyond the one to take from when both are in
 * the same memory: each octet becomes two at most. */
size_t
pop3_lines_put(struct pop3_lines *l, struct cursor *c, char *to)
{
	char *at = to;

	while (c->at < c->end && !l->ended) {
		size_t rest = (size_t)(c->end - c->at);
		const char *lf = memchr(c->at, '\n', rest);
		size_t count = lf != NULL ? (size_t)(lf - c->at) : rest;

		if (!l->in_line && *c->at == '.') {
			*at++ = '.';
			l->stuffed++;
		}
		if (count > 0) {
			note_run(l, c->at, count);
			put_run(l, at, c->at, count);
			at += count;
			c->at += count;
		}
		if (lf == NULL)
			break;
		if (!l->cr)
			*at++ = '\r';
		*at++ = '\n';
		c->at++;
		end_line(l);
	}
	return (size_t)(at - to);
}

struct str
pop3_lines_finish(const struct pop3_lines *l)
{
	bool no_body = l->top && !l->body && (!l->in_line || l->text);

	if (!l->in_line)
		return no_body ? STR("\r\n") : STR("");
	if (l->cr)
		return no_body ? STR("\n\r\n") : STR("\n");
	return no_body ? STR("\r\n\r\n") : STR("\r\n");
}
