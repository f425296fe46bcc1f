/* SPDX-License-Identifier: MIT
 *
 * Mail addresses of the envelope (RFC 5321 section 4.1.2), with UTF-8 (RFC
 * 6531 section 3.3).
 *
 * Nothing here lets a control character through, quoted or not: what passes
 * can be put on one header line.
 */
#include "proto/lmtp/command.h"

#include <string.h>

#include "base/cursor.h"
#include "base/utf8.h"

static bool
is_let_dig(char byte)
{
	char b = str_lower(byte);

	return (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
}

/* UTF8-non-ascii                                  RFC 6531 section 3.3 */
static bool
take_non_ascii(struct cursor *c)
{
	uint32_t character;

	return c->at < c->end && (unsigned char)*c->at >= 0x80 &&
	       utf8_next(c, &character);
}

/* atext                                           RFC 5322 section 3.2.3 */
static bool
take_atext(struct cursor *c)
{
	if (c->at == c->end)
		return false;
	if (is_let_dig(*c->at) ||
	    (*c->at != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", *c->at) != NULL)) {
		c->at++;
		return true;
	}
	return take_non_ascii(c);
}

/* Dot-string = Atom *("." Atom)                   RFC 5321 section 4.1.2 */
static bool
parse_dot_string(struct cursor *c)
{
	struct cursor probe = *c;

	do {
		if (!take_atext(&probe))
			return false;
		while (take_atext(&probe))
			;
	} while (cursor_takes(&probe, '.'));
	*c = probe;
	return true;
}

/* QcontentSMTP = qtextSMTP / quoted-pairSMTP      RFC 5321 section 4.1.2
 *
 * Adds the byte that is meant to the local part. */
static bool
take_qcontent(struct cursor *c, struct lmtp_path *path)
{
	const char *from = c->at;

	if (cursor_takes(c, '\\')) {
		if (c->at == c->end || *c->at < ' ' || *c->at > '~')
			return false;
		path->local[path->local_size++] = *c->at++;
		return true;
	}
	if (c->at < c->end && *c->at >= ' ' && *c->at <= '~' && *c->at != '"') {
		path->local[path->local_size++] = *c->at++;
		return true;
	}
	if (!take_non_ascii(c))
		return false;
	memcpy(path->local + path->local_size, from, (size_t)(c->at - from));
	path->local_size += (size_t)(c->at - from);
	return true;
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE     RFC 5321 section 4.1.2 */
static bool
parse_quoted_string(struct cursor *c, struct lmtp_path *path)
{
	if (!cursor_takes(c, '"'))
		return false;
	while (!cursor_takes(c, '"'))
		if (!take_qcontent(c, path))
			return false;
	return true;
}

/* Local-part = Dot-string / Quoted-string         RFC 5321 section 4.1.2 */
static bool
parse_local_part(struct cursor *c, struct lmtp_path *path)
{
	const char *from = c->at;

	if (parse_quoted_string(c, path))
		return true;
	c->at = from;
	if (!parse_dot_string(c))
		return false;
	path->local_size = (size_t)(c->at - from);
	memcpy(path->local, from, path->local_size);
	return true;
}

/* address-literal = "[" ... "]"                   RFC 5321 section 4.1.3
 *
 * What is between is not looked into: it names no mailbox here. */
static bool
parse_address_literal(struct cursor *c)
{
	struct cursor probe = *c;

	if (!cursor_takes(&probe, '['))
		return false;
	while (probe.at < probe.end &&
	       (is_let_dig(*probe.at) || *probe.at == ':' || *probe.at == '.' ||
		   *probe.at == '-'))
		probe.at++;
	if (!cursor_takes(&probe, ']'))
		return false;
	*c = probe;
	return true;
}

/* sub-domain = Let-dig [Ldh-str] / U-label        RFC 6531 section 3.3 */
static bool
take_sub_domain(struct cursor *c)
{
	const char *from = c->at;

	while ((c->at < c->end && (is_let_dig(*c->at) || *c->at == '-')) ||
	       (c->at < c->end && (unsigned char)*c->at >= 0x80)) {
		if ((unsigned char)*c->at < 0x80)
			c->at++;
		else if (!take_non_ascii(c))
			return false;
	}
	return c->at > from && *from != '-' && c->at[-1] != '-';
}

/* Domain = sub-domain *("." sub-domain)           RFC 5321 section 4.1.2 */
static bool
parse_domain(struct cursor *c)
{
	struct cursor probe = *c;

	do {
		if (!take_sub_domain(&probe))
			return false;
	} while (cursor_takes(&probe, '.'));
	*c = probe;
	return true;
}

/* A-d-l = At-domain *( "," At-domain ), then ":"  RFC 5321 section 4.1.2
 *
 * To be accepted and ignored (RFC 5321 appendix C). */
static void
skip_source_route(struct cursor *c)
{
	struct cursor probe = *c;

	do {
		if (!cursor_takes(&probe, '@') || !parse_domain(&probe))
			return;
	} while (cursor_takes(&probe, ','));
	if (cursor_takes(&probe, ':'))
		*c = probe;
}

/* Mailbox = Local-part "@" ( Domain / address-literal )
 *                                                 RFC 5321 section 4.1.2 */
static bool
parse_mailbox(struct cursor *c, struct lmtp_path *path)
{
	const char *from = c->at;
	const char *at;

	if (!parse_local_part(c, path))
		return false;
	if (cursor_takes(c, '@')) {
		at = c->at;
		if (!parse_address_literal(c) && !parse_domain(c))
			return false;
		path->domain = str_until(at, c);
	}
	path->text = str_until(from, c);
	path->utf8 = !utf8_is_ascii(path->text);
	return true;
}

/* Begin a path at ${c}.  What is looked at is bounded, so the local part fits:
 * it is no longer than what it came from. */
static struct cursor
begin_path(const struct cursor *c, struct lmtp_path *path)
{
	struct cursor probe = *c;

	if (probe.end - probe.at > LMTP_PATH_BYTES_MAX)
		probe.end = probe.at + LMTP_PATH_BYTES_MAX;
	path->text = (struct str){ 0 };
	path->domain = (struct str){ 0 };
	path->local_size = 0;
	path->utf8 = false;
	return probe;
}

bool
lmtp_parse_path(struct cursor *c, struct lmtp_path *ret_path)
{
	struct cursor probe = *c;

	if (!cursor_takes(&probe, '<'))
		return false;
	probe = begin_path(&probe, ret_path);
	if (cursor_takes(&probe, '>')) {
		c->at = probe.at;
		return true;
	}
	skip_source_route(&probe);
	if (!parse_mailbox(&probe, ret_path) || !cursor_takes(&probe, '>'))
		return false;
	c->at = probe.at;
	return true;
}

bool
lmtp_parse_bare_path(struct cursor *c, struct lmtp_path *ret_path)
{
	struct cursor probe = begin_path(c, ret_path);

	if (!parse_mailbox(&probe, ret_path) ||
	    (probe.at < c->end && *probe.at != ' '))
		return false;
	c->at = probe.at;
	return true;
}
