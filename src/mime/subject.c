/* SPDX-License-Identifier: MIT
 *
 * The base subject, step by step as RFC 5256 section 2.1 has it; the ABNF is
 * in its section 5.
 */
#include "mime/subject.h"

#include "base/limits.h"
#include "mime/mime_internal.h"

/* (1): tabs and folds to spaces, several spaces to one. */
static void
squeeze(struct str subject, struct buf *to)
{
	struct str in = str_trim(subject);

	for (size_t i = 0; i < in.n; i++) {
		if (!mime_is_space(in.p[i]))
			buf_add_byte(to, in.p[i]);
		else if (!mime_is_space(in.p[i - 1]))
			buf_add_byte(to, ' ');
	}
}

static struct str
skip_wsp(struct str s)
{
	while (s.n > 0 && mime_is_wsp(s.p[0]))
		s = str_skip(s, 1);
	return s;
}

/* subj-blob = "[" *BLOBCHAR "]" *WSP */
static bool
take_blob(struct str *s)
{
	if (s->n == 0 || s->p[0] != '[')
		return false;
	for (size_t i = 1; i < s->n && s->p[i] != '['; i++) {
		if (s->p[i] == ']') {
			*s = skip_wsp(str_skip(*s, i + 1));
			return true;
		}
	}
	return false;
}

/* subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static bool
take_refwd(struct str *s)
{
	struct str rest;

	if (str_begins_nocase(*s, STR("fwd")))
		rest = str_skip(*s, 3);
	else if (str_begins_nocase(*s, STR("re")) ||
		 str_begins_nocase(*s, STR("fw")))
		rest = str_skip(*s, 2);
	else
		return false;
	rest = skip_wsp(rest);
	(void)take_blob(&rest);
	if (rest.n == 0 || rest.p[0] != ':')
		return false;
	*s = str_skip(rest, 1);
	return true;
}

/* subj-leader = (*subj-blob subj-refwd) / WSP */
static bool
take_leader(struct str *s, bool *is_reply)
{
	struct str rest = *s;

	if (rest.n > 0 && mime_is_wsp(rest.p[0])) {
		*s = str_skip(rest, 1);
		return true;
	}
	while (take_blob(&rest))
		continue;
	if (!take_refwd(&rest))
		return false;
	*is_reply = true;
	*s = rest;
	return true;
}

static bool
ends_nocase(struct str s, struct str part)
{
	return s.n >= part.n && str_eq_nocase(str_skip(s, s.n - part.n), part);
}

/* (2): subj-trailer = "(fwd)" / WSP */
static void
drop_trailers(struct str *s, bool *is_reply)
{
	for (;;) {
		if (ends_nocase(*s, STR("(fwd)"))) {
			*is_reply = true;
			s->n -= 5;
		} else if (s->n > 0 && mime_is_wsp(s->p[s->n - 1])) {
			s->n--;
		} else {
			return;
		}
	}
}

/* (3) to (5) */
static void
drop_leaders(struct str *s, bool *is_reply)
{
	bool more;

	do {
		struct str rest;

		while (take_leader(s, is_reply))
			continue;
		rest = *s;
		more = take_blob(&rest) && rest.n > 0;
		if (more)
			*s = rest;
	} while (more);
}

/* (6): subj-fwd-hdr = "[fwd:", subj-fwd-trl = "]" */
static bool
drop_forward(struct str *s)
{
	if (!str_begins_nocase(*s, STR("[fwd:")) || !str_ends(*s, STR("]")))
		return false;
	*s = str_skip(*s, 5);
	s->n--;
	return true;
}

void
mime_base_subject(struct str subject, struct buf *to, bool *ret_is_reply)
{
	bool is_reply = false;
	char room[MIME_TEXT_ROOM];
	struct buf squeezed;
	struct str s;

	/* Cut first: looking for "Re:" behind many blobs costs their square. */
	subject = str_head(subject, MIME_STRING_BYTES_MAX);
	buf_init_room(&squeezed, subject.n + 1, room, sizeof(room));
	squeeze(subject, &squeezed);
	s = buf_str(&squeezed);
	do {
		drop_trailers(&s, &is_reply);
		drop_leaders(&s, &is_reply);
	} while (drop_forward(&s) && (is_reply = true));
	buf_add_str(to, s);
	buf_fini(&squeezed);
	*ret_is_reply = is_reply;
}
