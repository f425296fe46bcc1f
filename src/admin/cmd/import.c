/* SPDX-License-Identifier: MIT
 *
 * avocet import maildir | mbox | eml | imap
 */
#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "admin/import_source.h"
#include "admin/password.h"
#include "admin/remote.h"
#include "base/mem.h"
#include "tls/outgoing.h"

static int
import(struct admin *a, void (*source)(struct bring *b, const char *path))
{
	struct bring_options options = { .user = a->args.words[0],
		.into = a->args.into,
		.fresh_uids = (a->args.given & ARGS_FRESH_UIDS) != 0 };
	struct bring *b;
	int code = bring_begin(a->config, &options, &b);

	if (code != 0)
		return code;
	source(b, a->args.words[1]);
	return bring_end(b);
}

int
cmd_import_maildir(struct admin *a)
{
	return import(a, import_maildir);
}

int
cmd_import_mbox(struct admin *a)
{
	return import(a, import_mbox);
}

int
cmd_import_eml(struct admin *a)
{
	return import(a, import_eml);
}

/* -- imap ---------------------------------------------------------------- */

/* Cut ${text} behind its last ${byte}, which is overwritten, and give what is
 * behind; NULL: there is none. */
static char *
cut(char *text, char byte)
{
	char *at = strrchr(text, byte);

	if (at != NULL)
		*at++ = '\0';
	return at;
}

/* HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. */
static bool
read_host(char *text, struct remote_options *o)
{
	char *bracket = text[0] == '[' ? cut(text, ']') : NULL;
	char *port;

	if (text[0] == '[' && bracket == NULL)
		return false;
	o->host = bracket != NULL ? text + 1 : text;
	port = cut(bracket != NULL ? bracket : text, ':');
	if (bracket != NULL && bracket[0] != '\0')
		return false;
	if (port != NULL)
		o->port = port;
	return o->host[0] != '\0' && o->port[0] != '\0';
}

/* [imaps:// | imap://][LOGIN@]HOST[:PORT], in place. */
static bool
read_server(char *text, bool plain, struct remote_options *o)
{
	bool starttls = strncmp(text, "imap://", 7) == 0;
	char *host;

	if (starttls || strncmp(text, "imaps://", 8) == 0)
		text = strchr(text, '/') + 2;
	if (plain && !starttls)
		return false;
	o->tls = plain ? REMOTE_PLAIN : starttls ? REMOTE_STARTTLS : REMOTE_TLS;
	o->port = starttls ? "143" : "993";
	host = cut(text, '@');
	if (host != NULL)
		o->login = text;
	return o->login[0] != '\0' && read_host(host != NULL ? host : text, o);
}

static int
usage(const char *why)
{
	(void)fprintf(
	    stderr, "avocet: %s: see `avocet help import imap`\n", why);
	return ADMIN_USAGE;
}

static int
bring_from(struct admin *a, struct remote_options *o)
{
	struct bring_options options = { .user = a->args.words[0],
		.into = a->args.into,
		.fresh_uids = (a->args.given & ARGS_FRESH_UIDS) != 0 };
	char line[PASSWORD_LINE_BYTES], prompt[300];
	struct bring *b;
	int code, ended;

	/* The password is for this process alone: the store may be opened by
	 * another one, which begins here. */
	code = bring_begin(a->config, &options, &b);
	if (code != ADMIN_OK)
		return code;
	(void)snprintf(prompt, sizeof(prompt),
	    "Password of %s at %s: ", o->login, o->host);
	if (password_read(prompt, line, &o->password))
		import_imap(b, o);
	else
		code = ADMIN_USAGE;
	mem_wipe(line, sizeof(line));
	ended = bring_end(b);
	return code != ADMIN_OK ? code : ended;
}

int
cmd_import_imap(struct admin *a)
{
	bool plain = (a->args.given & ARGS_PLAIN) != 0;
	struct remote_options o = { .login = a->args.words[0],
		.fingerprint = a->args.fingerprint };
	char *server;
	int code;

	if (o.fingerprint != NULL &&
	    !tls_outgoing_is_fingerprint(o.fingerprint))
		return usage("the fingerprint is no SHA-256 in hexadecimal");
	if (plain && o.fingerprint != NULL)
		return usage("--plain has no certificate");
	server = mem_strdup(a->args.words[1]);
	code = read_server(server, plain, &o)
		   ? bring_from(a, &o)
		   : usage("SERVER is [imaps:// | imap://][LOGIN@]HOST[:PORT], "
			   "and --plain is for imap://");
	mem_free(server);
	return code;
}
