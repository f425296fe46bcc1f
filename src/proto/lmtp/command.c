/* SPDX-License-Identifier: MIT
 *
 * Command lines of LMTP: RFC 2033 section 4, RFC 5321 section 4.1.1, and the
 * parameters of RFC 1870 (SIZE), 6152 (8BITMIME), 6531 (SMTPUTF8) and the
 * BDAT command of RFC 3030.
 */
#include "proto/lmtp/command.h"

/* What follows a verb. */
enum argument {
	ARGUMENT_NONE,
	ARGUMENT_ANY,	 /* optional and ignored, or a word */
	ARGUMENT_NEEDED, /* some text */
	ARGUMENT_MAIL,
	ARGUMENT_RCPT,
	ARGUMENT_BDAT,
};

static const struct {
	const char *name;
	enum lmtp_verb verb;
	enum argument argument;
} verbs[] = {
	{ "LHLO", LMTP_LHLO, ARGUMENT_NEEDED },
	{ "HELO", LMTP_HELO, ARGUMENT_ANY },
	{ "EHLO", LMTP_EHLO, ARGUMENT_ANY },
	{ "MAIL", LMTP_MAIL, ARGUMENT_MAIL },
	{ "RCPT", LMTP_RCPT, ARGUMENT_RCPT },
	{ "DATA", LMTP_DATA, ARGUMENT_NONE },
	{ "BDAT", LMTP_BDAT, ARGUMENT_BDAT },
	{ "RSET", LMTP_RSET, ARGUMENT_NONE },
	{ "NOOP", LMTP_NOOP, ARGUMENT_ANY },
	{ "VRFY", LMTP_VRFY, ARGUMENT_NEEDED },
	{ "EXPN", LMTP_EXPN, ARGUMENT_ANY },
	{ "HELP", LMTP_HELP, ARGUMENT_ANY },
	{ "STARTTLS", LMTP_STARTTLS, ARGUMENT_NONE },
	{ "QUIT", LMTP_QUIT, ARGUMENT_NONE },
};

static struct str
rest_of(const struct cursor *c)
{
	return (struct str){ .p = c->at, .n = (size_t)(c->end - c->at) };
}

/* Take ${word}, whatever the case of its letters. */
static bool
take_word(struct cursor *c, struct str word)
{
	if (!str_begins_nocase(rest_of(c), word))
		return false;
	c->at += word.n;
	return true;
}

/* What is up to the next space or the end. */
static struct str
take_until_space(struct cursor *c)
{
	const char *from = c->at;

	while (c->at < c->end && *c->at != ' ')
		c->at++;
	return str_until(from, c);
}

/* 1*DIGIT, at most UINT64_MAX, which larger numbers become. */
static bool
parse_octets(struct str digits, uint64_t *ret_octets)
{
	if (digits.n == 0)
		return false;
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
	if (!str_number(digits, UINT64_MAX, ret_octets))
		*ret_octets = UINT64_MAX;
	return true;
}

/* esmtp-param = esmtp-keyword ["=" esmtp-value]   RFC 5321 section 4.1.2
 *
 * SIZE (RFC 1870 section 3), BODY (RFC 6152 section 2), SMTPUTF8 (RFC 6531
 * section 3.4). */
static bool
take_mail_parameter(
    struct str parameter, struct lmtp_command *m, enum lmtp_fault *ret_fault)
{
	struct cursor c = str_cursor(parameter);

	*ret_fault = LMTP_FAULT_ARGUMENT;
	if (take_word(&c, STR("SIZE=")))
		return parse_octets(rest_of(&c), &m->size);
	if (take_word(&c, STR("BODY=")))
		return str_eq_nocase(rest_of(&c), STR("7BIT")) ||
		       str_eq_nocase(rest_of(&c), STR("8BITMIME"));
	if (str_eq_nocase(parameter, STR("SMTPUTF8"))) {
		m->smtputf8 = true;
		return true;
	}
	*ret_fault = LMTP_FAULT_PARAMETER;
	return false;
}

/* Mail-parameters = esmtp-param *(SP esmtp-param) RFC 5321 section 4.1.2 */
static bool
take_mail_parameters(
    struct cursor *c, struct lmtp_command *m, enum lmtp_fault *ret_fault)
{
	while (c->at < c->end) {
		*ret_fault = LMTP_FAULT_ARGUMENT;
		if (*c->at != ' ')
			return false;
		c->at++;
		if (!take_mail_parameter(take_until_space(c), m, ret_fault))
			return false;
	}
	return true;
}

/* A path, as strictly as the command says. */
static bool
take_path(struct cursor *c, struct lmtp_command *m)
{
	while (m->lenient && c->at < c->end && *c->at == ' ')
		c->at++;
	return lmtp_parse_path(c, &m->path) ||
	       (m->lenient && lmtp_parse_bare_path(c, &m->path));
}

/* "MAIL FROM:" Reverse-path [SP Mail-parameters]  RFC 5321 section 4.1.1.2 */
static bool
take_mail(struct cursor *c, struct lmtp_command *m, enum lmtp_fault *ret_fault)
{
	return take_word(c, STR("FROM:")) && take_path(c, m) &&
	       take_mail_parameters(c, m, ret_fault);
}

/* "RCPT TO:" Forward-path [SP Rcpt-parameters]    RFC 5321 section 4.1.1.3
 *
 * No parameter is offered. */
static bool
take_rcpt(struct cursor *c, struct lmtp_command *m, enum lmtp_fault *ret_fault)
{
	if (!take_word(c, STR("TO:")) || !take_path(c, m) ||
	    m->path.text.n == 0)
		return false;
	if (c->at == c->end)
		return true;
	if (*c->at == ' ')
		*ret_fault = LMTP_FAULT_PARAMETER;
	return false;
}

/* "BDAT" SP chunk-size [SP end-marker]            RFC 3030 section 2 */
static bool
take_bdat(struct cursor *c, struct lmtp_command *m)
{
	struct str size = take_until_space(c);

	m->last = take_word(c, STR(" LAST"));
	return c->at == c->end && parse_octets(size, &m->size);
}

static bool
take_argument(enum argument kind, struct cursor *c, struct lmtp_command *m,
    enum lmtp_fault *ret_fault)
{
	m->argument = rest_of(c);
	switch (kind) {
	case ARGUMENT_NONE:
		return c->at == c->end;
	case ARGUMENT_ANY:
		return true;
	case ARGUMENT_NEEDED:
		return c->at < c->end;
	case ARGUMENT_MAIL:
		return take_mail(c, m, ret_fault);
	case ARGUMENT_RCPT:
		return take_rcpt(c, m, ret_fault);
	case ARGUMENT_BDAT:
		return take_bdat(c, m);
	}
	return false;
}

/* Spaces at the end of a line do no harm (RFC 5321 section 4.1.1), bytes that
 * a line cannot hold do. */
static bool
trim_line(struct str *line)
{
	while (line->n > 0 && line->p[line->n - 1] == ' ')
		line->n--;
	for (size_t i = 0; i < line->n; i++)
		if ((unsigned char)line->p[i] < ' ' || line->p[i] == 0x7f)
			return false;
	return true;
}

bool
lmtp_parse_command(struct str line, bool lenient,
    struct lmtp_command *ret_command, enum lmtp_fault *ret_fault)
{
	struct cursor c;
	struct str word;

	*ret_fault = LMTP_FAULT_VERB;
	if (!trim_line(&line))
		return false;
	c = str_cursor(line);
	word = take_until_space(&c);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!str_eq_nocase(word, str_of(verbs[i].name)))
			continue;
		*ret_fault = LMTP_FAULT_ARGUMENT;
		ret_command->verb = verbs[i].verb;
		ret_command->size = 0;
		ret_command->smtputf8 = false;
		ret_command->last = false;
		ret_command->lenient = lenient;
		if (c.at < c.end)
			c.at++;
		return take_argument(
		    verbs[i].argument, &c, ret_command, ret_fault);
	}
	return false;
}
