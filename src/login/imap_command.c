/* SPDX-License-Identifier: MIT
 *
 * Pre-login commands of IMAP: RFC 9051 sections 2.2, 4 and 9, RFC 2971 (ID), RFC 4959
 * (initial responses), RFC 7888 (literals without waiting).
 *
 * Lines end in CRLF and nothing else here: a bare LF is not a line end, so no
 * two parties can disagree about where a command ends.
 */
#include "login/imap_command.h"

#include <string.h>

#include "base/cursor.h"

/* -- cutting ----------------------------------------------------------- */

/* The number in an announcement.  One that does not fit into 64 bits is more
 * than is ever taken, too: its octets must not be read as commands. */
static bool
announced_number(struct str digits, uint64_t *ret_bytes)
{
	if (str_number(digits, UINT64_MAX, ret_bytes))
		return true;
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
	*ret_bytes = UINT64_MAX;
	return digits.n > 0;
}

/* literal announcement = "{" number ["+"] "}" at the end of a line
 *                                                RFC 9051 section 4.3
 * Take the one that ends ${line}, if any. */
static bool
literal_announced(struct str line, uint64_t *ret_bytes, bool *ret_waits)
{
	size_t open = line.n;
	struct str number;

	if (!str_ends(line, STR("}")))
		return false;
	while (open > 0 && line.p[open - 1] != '{')
		open--;
	if (open == 0)
		return false;
	number = (struct str){ line.p + open, line.n - open - 1 };
	*ret_waits = !str_ends(number, STR("+"));
	if (!*ret_waits)
		number.n--;
	return announced_number(number, ret_bytes);
}

/* Where the line that begins at ${from} ends, after its CRLF; 0: not yet. */
static size_t
line_end(struct str input, size_t from)
{
	size_t at = from;

	while (at < input.n) {
		const char *cr = memchr(input.p + at, '\r', input.n - at);

		if (cr == NULL)
			return 0;
		at = (size_t)(cr - input.p) + 1;
		if (at == input.n)
			return 0;
		if (input.p[at] == '\n')
			return at + 1;
	}
	return 0;
}

/* The line that ends at ${end} announces ${bytes} of literal. */
static enum login_cut
cut_literal(struct login_scan *scan, size_t end, uint64_t bytes, bool waits,
    size_t *ret_count)
{
	if (bytes <= LITERAL_BYTES_MAX_PRELOGIN &&
	    end + bytes <= COMMAND_BYTES_MAX_PRELOGIN) {
		scan->at = end + (size_t)bytes;
		return waits ? LOGIN_CUT_CONTINUE : LOGIN_CUT_MORE;
	}
	*scan = (struct login_scan){ 0 };
	*ret_count = end;
	return waits ? LOGIN_CUT_TOOBIG : LOGIN_CUT_LOST;
}

/* As login_cut_line(), for the line that begins at ${from}. */
static enum login_cut
cut_line_at(struct str input, size_t from, size_t *ret_end)
{
	size_t end = line_end(input, from);
	size_t size = (end > 0 ? end : input.n) - from;

	if (size > LINE_BYTES_MAX_PRELOGIN ||
	    from + size > COMMAND_BYTES_MAX_PRELOGIN)
		return LOGIN_CUT_LOST;
	if (end == 0)
		return LOGIN_CUT_MORE;
	*ret_end = end;
	return LOGIN_CUT_COMMAND;
}

enum login_cut
login_cut_line(struct str input, size_t *ret_count)
{
	return cut_line_at(input, 0, ret_count);
}

enum login_cut
login_cut_command(struct str input, struct login_scan *scan, size_t *ret_count)
{
	enum login_cut cut = LOGIN_CUT_MORE;

	while (cut == LOGIN_CUT_MORE && input.n > scan->at) {
		struct str line;
		uint64_t bytes;
		size_t end;
		bool waits;

		cut = cut_line_at(input, scan->at, &end);
		if (cut != LOGIN_CUT_COMMAND)
			return cut;
		line = (struct str){ input.p + scan->at, end - 2 - scan->at };
		if (literal_announced(line, &bytes, &waits)) {
			cut = cut_literal(scan, end, bytes, waits, ret_count);
		} else {
			*scan = (struct login_scan){ 0 };
			*ret_count = end;
		}
	}
	return cut;
}

/* -- grammar ----------------------------------------------------------- */

static bool
take_crlf(struct cursor *c)
{
	if (c->end - c->at != 2 || c->at[0] != '\r' || c->at[1] != '\n')
		return false;
	c->at += 2;
	return true;
}

/* ASTRING-CHAR = ATOM-CHAR / resp-specials       RFC 9051 section 9 */
static bool
is_astring_char(char byte)
{
	return byte > ' ' && byte < 0x7f &&
	       memchr("(){%*\"\\", byte, 7) == NULL;
}

/* 1*ASTRING-CHAR */
static bool
parse_word(struct cursor *c, struct str *ret_word)
{
	const char *from = c->at;

	while (c->at < c->end && is_astring_char(*c->at))
		c->at++;
	*ret_word = str_until(from, c);
	return ret_word->n > 0;
}

/* tag = 1*<any ASTRING-CHAR except "+">          RFC 9051 section 9
 * and not endless, since it is sent back; for which reason, too, it is none
 * unless it ends as a tag does. */
static bool
parse_tag(struct cursor *c, struct str *ret_tag)
{
	struct cursor probe = *c;
	struct str tag;

	if (!parse_word(&probe, &tag) || tag.n > TAG_BYTES_MAX ||
	    str_find(tag, '+') < tag.n ||
	    (probe.at < probe.end && *probe.at != ' ' && *probe.at != '\r'))
		return false;
	*c = probe;
	*ret_tag = tag;
	return true;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE            RFC 9051 section 9
 * UTF-8 is not checked: auth/ takes any bytes.  The value is made in place
 * (the bytes are ours, see login_parse_command). */
static bool
parse_quoted(struct cursor *c, struct str *ret_value)
{
	struct cursor probe = *c;
	char *value = (char *)c->at;
	size_t n = 0;

	if (!cursor_takes(&probe, '"'))
		return false;
	while (probe.at < probe.end && *probe.at != '"') {
		char byte = *probe.at++;

		if (byte == '\r' || byte == '\n')
			return false;
		if (byte == '\\') {
			if (probe.at == probe.end ||
			    (*probe.at != '"' && *probe.at != '\\'))
				return false;
			byte = *probe.at++;
		}
		value[n++] = byte;
	}
	if (!cursor_takes(&probe, '"'))
		return false;
	*c = probe;
	*ret_value = (struct str){ value, n };
	return true;
}

/* literal = "{" number ["+"] "}" CRLF *CHAR8     RFC 9051 section 9 */
static bool
parse_literal(struct cursor *c, struct str *ret_value)
{
	struct cursor probe = *c;
	const char *from;
	uint64_t bytes;

	if (!cursor_takes(&probe, '{'))
		return false;
	from = probe.at;
	while (probe.at < probe.end && *probe.at >= '0' && *probe.at <= '9')
		probe.at++;
	if (!str_number(
		str_until(from, &probe), LITERAL_BYTES_MAX_PRELOGIN, &bytes))
		return false;
	(void)cursor_takes(&probe, '+');
	if (!cursor_takes(&probe, '}') || !cursor_takes(&probe, '\r') ||
	    !cursor_takes(&probe, '\n') ||
	    (uint64_t)(probe.end - probe.at) < bytes)
		return false;
	*ret_value = (struct str){ probe.at, (size_t)bytes };
	probe.at += bytes;
	*c = probe;
	return true;
}

/* string = quoted / literal                      RFC 9051 section 9 */
static bool
parse_string(struct cursor *c, struct str *ret_value)
{
	return parse_quoted(c, ret_value) || parse_literal(c, ret_value);
}

/* astring = 1*ASTRING-CHAR / string              RFC 9051 section 9 */
static bool
parse_astring(struct cursor *c, struct str *ret_value)
{
	return parse_word(c, ret_value) || parse_string(c, ret_value);
}

/* nstring = string / nil                         RFC 9051 section 9 */
static bool
parse_nstring(struct cursor *c, struct str *ret_value)
{
	struct str word;

	if (parse_string(c, ret_value))
		return true;
	if (!parse_word(c, &word) || !str_eq_nocase(word, STR("NIL")))
		return false;
	*ret_value = (struct str){ NULL, 0 };
	return true;
}

/* -- commands ---------------------------------------------------------- */

/* login = "LOGIN" SP userid SP password          RFC 9051 section 9 */
static bool
parse_login(struct cursor *c, struct login_command *cmd)
{
	return cursor_takes(c, ' ') && parse_astring(c, &cmd->user) &&
	       cursor_takes(c, ' ') && parse_astring(c, &cmd->secret);
}

/* authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]
 *                                                RFC 9051 section 9
 * The initial response is looked at when the mechanism may be used. */
static bool
parse_authenticate(struct cursor *c, struct login_command *cmd)
{
	if (!cursor_takes(c, ' ') || !parse_word(c, &cmd->mechanism))
		return false;
	return !cursor_takes(c, ' ') || parse_word(c, &cmd->secret);
}

/* One "name" value pair; those beyond the limit are dropped. */
static bool
parse_id_field(struct cursor *c, struct login_command *cmd)
{
	struct login_id_field field;

	if (!parse_string(c, &field.name) || !cursor_takes(c, ' ') ||
	    !parse_nstring(c, &field.value))
		return false;
	if (cmd->id_count < ID_FIELDS_MAX)
		cmd->id[cmd->id_count++] = field;
	return true;
}

/* id = "ID" SP id-params-list                    RFC 2971 section 4
 * id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil,
 * where the empty list is also what the examples of some clients have. */
static bool
parse_id(struct cursor *c, struct login_command *cmd)
{
	struct str word;

	if (!cursor_takes(c, ' '))
		return false;
	if (!cursor_takes(c, '('))
		return parse_word(c, &word) && str_eq_nocase(word, STR("NIL"));
	if (cursor_takes(c, ')'))
		return true;
	do
		if (!parse_id_field(c, cmd))
			return false;
	while (cursor_takes(c, ' '));
	return cursor_takes(c, ')');
}

static enum login_verb
verb_of(struct str word)
{
	static const struct {
		const char *name;
		enum login_verb verb;
	} verbs[] = {
		{ "CAPABILITY", LOGIN_VERB_CAPABILITY },
		{ "NOOP", LOGIN_VERB_NOOP },
		{ "LOGOUT", LOGIN_VERB_LOGOUT },
		{ "ID", LOGIN_VERB_ID },
		{ "STARTTLS", LOGIN_VERB_STARTTLS },
		{ "AUTHENTICATE", LOGIN_VERB_AUTHENTICATE },
		{ "LOGIN", LOGIN_VERB_LOGIN },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (str_eq_nocase(word, str_of(verbs[i].name)))
			return verbs[i].verb;
	return LOGIN_VERB_OTHER;
}

static bool
parse_arguments(struct cursor *c, struct login_command *cmd)
{
	switch (cmd->verb) {
	case LOGIN_VERB_LOGIN:
		return parse_login(c, cmd);
	case LOGIN_VERB_AUTHENTICATE:
		return parse_authenticate(c, cmd);
	case LOGIN_VERB_ID:
		return parse_id(c, cmd);
	case LOGIN_VERB_OTHER:
		c->at = c->end - 2; /* whatever they are */
		return true;
	default:
		return true;
	}
}

static void
malformed(struct login_command *cmd, const char *wrong)
{
	cmd->verb = LOGIN_VERB_NONE;
	cmd->wrong = wrong;
}

void
login_parse_command(
    char *bytes, size_t count, struct login_command *ret_command)
{
	struct login_command cmd = { .verb = LOGIN_VERB_NONE };
	struct cursor c = { bytes, bytes + count };
	struct str word;

	if (!parse_tag(&c, &cmd.tag)) {
		malformed(&cmd, "Tag expected");
	} else if (memchr(bytes, '\0', count) != NULL) {
		malformed(&cmd, "NUL is not allowed");
	} else if (!cursor_takes(&c, ' ') || !parse_word(&c, &word)) {
		malformed(&cmd, "Command expected");
	} else {
		cmd.verb = verb_of(word);
		if (!parse_arguments(&c, &cmd) || !take_crlf(&c))
			malformed(&cmd, "Arguments not valid");
	}
	*ret_command = cmd;
}
