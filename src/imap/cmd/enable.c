/* SPDX-License-Identifier: MIT
 *
 * ENABLE (RFC 9051 section 6.3.1, RFC 5161).  IMAP4rev2 may be enabled at any
 * time; UTF8=ACCEPT is RFC 9755's, CONDSTORE and QRESYNC are RFC 7162's.
 */
#include "imap/cmd/cmd.h"
#include "imap/modseq.h"
#include "proto/imap/command.h"

static const struct {
	const char *name; /* as it is announced */
	enum capability capability;
	uint8_t bit;
	uint8_t implies; /* others that go on with it */
} extensions[] = {
	{ "IMAP4rev2", CAPABILITY_IMAP4REV2, ENABLED_REV2, 0 },
	{ "UTF8=ACCEPT", CAPABILITY_UTF8_ACCEPT, ENABLED_UTF8, 0 },
	{ "CONDSTORE", CAPABILITY_CONDSTORE, ENABLED_CONDSTORE, 0 },
	{ "QRESYNC", CAPABILITY_QRESYNC, ENABLED_QRESYNC, ENABLED_CONDSTORE },
};

#define EXTENSION_COUNT (sizeof(extensions) / sizeof(*extensions))

bool
parse_cmd_enable(struct parser *p, struct arena *a, void **ret_args)
{
	struct enable_args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_enable(p, args);
}

/* What an extension that is offered switches on, else 0. */
static uint8_t
bits_of(const struct imap_session *s, struct str name)
{
	for (size_t i = 0; i < EXTENSION_COUNT; i++)
		if (str_eq_nocase(name, str_of(extensions[i].name)) &&
		    session_has(s, extensions[i].capability))
			return extensions[i].bit | extensions[i].implies;
	return 0;
}

/* enable-data = "ENABLED" *(SP capability)        RFC 9051 section 9
 * Only what this command has enabled. */
struct answer
cmd_enable(struct imap_session *s, void *args)
{
	const struct enable_args *enable = args;
	uint8_t wanted = s->enabled;
	uint8_t fresh;
	struct buf *line;

	for (size_t i = 0; i < enable->name_count; i++)
		wanted |= bits_of(s, enable->names[i]);
	fresh = wanted & (uint8_t)~s->enabled;
	line = respond_begin(s);
	buf_add_text(line, "* ENABLED");
	for (size_t i = 0; i < EXTENSION_COUNT; i++) {
		if (!(fresh & extensions[i].bit))
			continue;
		buf_add_byte(line, ' ');
		buf_add_text(line, extensions[i].name);
	}
	respond_line(s);
	if (fresh & ENABLED_CONDSTORE)
		modseq_enable(s);
	s->enabled = wanted;
	return answer_ok("Enabled what is known");
}
