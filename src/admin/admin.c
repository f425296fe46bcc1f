/* SPDX-License-Identifier: MIT
 *
 * The table of subcommands, and running one of them.
 */
#include "admin/admin.h"

#include <stdio.h>
#include <string.h>

#include "admin/table.h"
#include "base/log.h"

#define CONFIG_USAGE "[-c FILE]"

const struct admin_command admin_commands[] = {
	{ "serve", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true, cmd_serve,
	    "Run the server until SIGTERM or SIGINT." },
	{ "user add", "USER [--hash | --no-password] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_HASH | ARGS_NO_PASSWORD, 1, 1, true,
	    cmd_user_add,
	    "Make an account. The password is asked for twice on the terminal, "
	    "or is one line of standard input. With --hash that is a hash of "
	    "it, made by another server: \"{SCHEME}hash\" as Dovecot writes "
	    "it, or what crypt(3) makes; doc/users.md has the schemes. With "
	    "--no-password the user has none here: that of the file of users "
	    "or of PAM counts, if they are asked." },
	{ "user passwd", "USER [--hash | --no-password] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_HASH | ARGS_NO_PASSWORD, 1, 1, true,
	    cmd_user_passwd,
	    "Change a password. It is asked for twice on the terminal, or is "
	    "one line of standard input; --hash and --no-password as for "
	    "`user add`." },
	{ "user del", "USER " CONFIG_USAGE, ARGS_CONFIG, 1, 1, true,
	    cmd_user_del, "Delete an account with all its mail, for good." },
	{ "user list", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true, cmd_user_list,
	    "List the accounts." },
	{ "password add",
	    "USER NAME [--scope PROTOCOLS] [--expires TIME] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_SCOPE | ARGS_EXPIRES, 2, 2, true,
	    cmd_password_add,
	    "Make a password for one application of a user, beside the user's "
	    "own, and print it: it cannot be shown again. NAME is for people. "
	    "--scope says where it is good: \"imap\", \"pop3\" or "
	    "\"imap,pop3\" (as without it); --expires until when: for so long "
	    "(\"90d\"), or a moment in UTC (\"2026-12-31\")." },
	{ "password remove", "USER NAME " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_password_remove, "Take such a password away." },
	{ "password list", "USER " CONFIG_USAGE, ARGS_CONFIG, 1, 1, true,
	    cmd_password_list,
	    "List the passwords of a user's applications: name, scope, when it "
	    "was made, until when it is good, when it was last used (give or "
	    "take an hour)." },
	{ "alias add", "ADDRESS USER " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_alias_add,
	    "Let mail for ADDRESS go to USER; more than one user may get it. "
	    "\"local@domain\" is one address, \"local\" that at every domain "
	    "of "
	    "ours, \"@domain\" whatever nobody else at the domain gets. Who "
	    "alone gets mail for an address may log in under it, unless it is "
	    "\"@domain\"." },
	{ "alias remove", "ADDRESS [USER] " CONFIG_USAGE, ARGS_CONFIG, 1, 2,
	    true, cmd_alias_remove,
	    "Let mail for ADDRESS no longer go to USER; to nobody when USER is "
	    "left out." },
	{ "alias list", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true, cmd_alias_list,
	    "List addresses and who gets mail for them." },
	{ "capability off", "USER NAME " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_capability_off,
	    "Announce the IMAP capability NAME no longer to one user, for a "
	    "program that gets along better without it: in sessions that begin "
	    "from now on it unlocks nothing. `capabilities_off` in the "
	    "configuration does this for everybody, or for a listener." },
	{ "capability on", "USER NAME " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_capability_on,
	    "Announce it again, if the configuration does not say otherwise." },
	{ "capability list", "USER " CONFIG_USAGE, ARGS_CONFIG, 1, 1, true,
	    cmd_capability_list,
	    "List the capabilities that are off for a user." },
	{ "mailbox list", "USER " CONFIG_USAGE, ARGS_CONFIG, 1, 1, true,
	    cmd_mailbox_list,
	    "List the mailboxes of a user: messages, unseen ones, octets, "
	    "name." },
	{ "mailbox create", "USER NAME " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_mailbox_create, "Make a mailbox; \"/\" is between levels." },
	{ "mailbox delete", "USER NAME " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_mailbox_delete,
	    "Delete a mailbox. Its messages can be brought back with undelete "
	    "until the retention time ends." },
	{ "deliver", "USER [-m MAILBOX] " CONFIG_USAGE " < MESSAGE",
	    ARGS_CONFIG | ARGS_MAILBOX, 1, 1, true, cmd_deliver,
	    "Put the message on standard input into a mailbox (INBOX). Unless "
	    "its first line ends with CRLF, line ends without CR get one; "
	    "nothing else is changed." },
	{ "undelete", "USER [--since TIME] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_SINCE, 1, 1, true, cmd_undelete,
	    "Bring back messages that were deleted since TIME: so long ago "
	    "(\"2h\", \"3d\"), or a moment in UTC (\"2026-01-31\", "
	    "\"2026-01-31T12:00:00Z\"). Without TIME: in the last day." },
	{ "import maildir",
	    "USER PATH [--into MAILBOX] [--fresh-uids] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_INTO | ARGS_FRESH_UIDS, 2, 2, true,
	    cmd_import_maildir,
	    "Bring in a tree of Maildir folders, with UIDs, flags, keywords, "
	    "dates and subscriptions as Dovecot keeps them; what was brought "
	    "before is passed over. --into puts all below a mailbox; "
	    "doc/moving.md has the rest." },
	{ "import mbox", "USER PATH [--into MAILBOX] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_INTO, 2, 2, true, cmd_import_mbox,
	    "Bring in an mbox file (into INBOX), or all in a folder, each into "
	    "a mailbox of its name; otherwise as `import maildir`." },
	{ "import eml", "USER PATH [--into MAILBOX] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_INTO, 2, 2, true, cmd_import_eml,
	    "Bring in a message in a file, or all in a folder whose names end "
	    "with \".eml\", into INBOX or another mailbox." },
	{ "import imap",
	    "USER SERVER [--into MAILBOX] [--fresh-uids] "
	    "[--fingerprint SHA256] [--plain] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_INTO | ARGS_FRESH_UIDS | ARGS_FINGERPRINT |
		ARGS_PLAIN,
	    2, 2, true, cmd_import_imap,
	    "Bring in all that a user has at another IMAP server. SERVER is "
	    "[imaps://][LOGIN@]HOST[:PORT]; imap:// begins with STARTTLS "
	    "instead, and with --plain nothing is encrypted. LOGIN is USER "
	    "unless given; \"user*master\" logs in as many servers let "
	    "administrators do. The password is asked for on the terminal, or "
	    "is one line of standard input. The certificate has to be one "
	    "that this machine trusts, for HOST, or the one with the given "
	    "--fingerprint. Otherwise as `import maildir`." },
	{ "export maildir", "USER PATH " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_export_maildir,
	    "Write all of a user's mail to a new folder as a Maildir tree, "
	    "with "
	    "UIDs, flags, keywords, dates and subscriptions as Dovecot keeps "
	    "them; `import maildir` reads it back exactly." },
	{ "export mbox", "USER PATH " CONFIG_USAGE, ARGS_CONFIG, 2, 2, true,
	    cmd_export_mbox,
	    "Write all of a user's mail to a new folder, an mbox file for each "
	    "mailbox." },
	{ "check", "[--repair] " CONFIG_USAGE, ARGS_CONFIG | ARGS_REPAIR, 0, 0,
	    true, cmd_check,
	    "Prove that everything stored is whole. With --repair, make anew "
	    "what can be made from the rest; what cannot be read is kept, and "
	    "mailboxes that may have lost something get a new UIDVALIDITY. "
	    "A repair needs the server stopped." },
	{ "doctor", "[--resolver ADDRESS[:PORT]] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_RESOLVER, 0, 0, true, cmd_doctor,
	    "Ask the server what a client asks, where it listens and at each "
	    "address of its name: does each port answer, is TLS offered, is "
	    "the certificate trusted, for the right name, and good for two "
	    "weeks more, is nothing old taken, do passwords not go in clear. "
	    "Ask the DNS by which records mail programs find it (SRV for "
	    "_imaps, _imap, _pop3s and _pop3) at each of the `domains`, or "
	    "that of its name. Each fault is told with its cure; the exit code "
	    "is 1 when there is one. --resolver names a DNS server to ask "
	    "instead of those of this machine, such as one that sees what the "
	    "world sees." },
	{ "who", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true, cmd_who,
	    "List the sessions of the running server: number, user, protocol, "
	    "address, TLS or plain, what it does, since when, octets in and "
	    "out, selected mailbox, and what the client says it is." },
	{ "kick", "USER | NUMBER " CONFIG_USAGE, ARGS_CONFIG, 1, 1, true,
	    cmd_kick,
	    "End all sessions of a user, or the one with this number. A "
	    "client that is not kept out otherwise comes back." },
	{ "trace", "USER [--contents] " CONFIG_USAGE,
	    ARGS_CONFIG | ARGS_CONTENTS, 1, 1, true, cmd_trace,
	    "Print what a user's IMAP and POP3 sessions and their clients say, "
	    "as they say it, until it is interrupted: when, number of the "
	    "session, \"C:\" or \"S:\" for client or server, the line; \"--\" "
	    "where a session begins or ends. A session is seen from after its "
	    "login on, and what may be a password all the same is \"***\". "
	    "What "
	    "is compressed or under TLS is shown as it is without that. Of "
	    "literals and messages the size is told; with --contents, their "
	    "lines, as \"C|\" and \"S|\". What is no printable ASCII is shown "
	    "as "
	    "\"\\xHH\". The server waits for nobody: lines that are not read "
	    "in "
	    "time are lost, and how many is told." },
	{ "reload", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true, cmd_reload,
	    "Have the running server read its configuration and certificates "
	    "anew, as SIGHUP does. No connection is dropped; sessions keep "
	    "what they were offered. When something is wrong, nothing changes, "
	    "and that is said. All settings take effect, listeners too, but "
	    "those that doc/configuration.md names as needing a restart; of "
	    "these the ones that have changed are named. A certificate whose "
	    "files change is loaded without this, within a minute. The server "
	    "has given up root by then: its user must be able to read the key "
	    "and to bind the ports." },
	{ "log level", "debug | info | warn | error " CONFIG_USAGE, ARGS_CONFIG,
	    1, 1, true, cmd_log_level,
	    "Have the running server log from this level on, until it is "
	    "reloaded or ends." },
	{ "config check", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true,
	    cmd_config_check, "Report every mistake in the configuration." },
	{ "config show", CONFIG_USAGE, ARGS_CONFIG, 0, 0, true, cmd_config_show,
	    "Print every setting, its value and where that comes from." },
	{ "config page", "", 0, 0, 0, false, cmd_config_page,
	    "Print doc/configuration.md." },
	{ "version", "", 0, 0, 0, false, cmd_version, "Print the version." },
	{ "help", "[COMMAND | page | protocol]", 0, 0, 2, false, cmd_help,
	    "Explain a command, or list them; `page` prints doc/avocet.md, "
	    "`protocol` doc/protocol.md." },
};
const size_t admin_command_count =
    sizeof(admin_commands) / sizeof(admin_commands[0]);

static const struct {
	enum admin_exit code;
	const char *meaning;
} exits[] = {
	{ ADMIN_OK, "done" },
	{ ADMIN_REFUSED, "refused: no such user, a name is taken, and so on" },
	{ ADMIN_USAGE, "the command line or the configuration is wrong" },
	{ ADMIN_UNREACHABLE, "the data cannot be opened or reached" },
	{ ADMIN_DAMAGED, "check found damage" },
};

const struct admin_command *
admin_find(const struct args *args, size_t *ret_words)
{
	char two[64] = "";

	if (args->word_count > 1)
		(void)snprintf(
		    two, sizeof(two), "%s %s", args->words[0], args->words[1]);
	for (size_t i = 0; i < admin_command_count; i++) {
		const struct admin_command *c = &admin_commands[i];

		*ret_words = strchr(c->name, ' ') != NULL ? 2 : 1;
		if (args->word_count >= *ret_words &&
		    strcmp(c->name, *ret_words == 2 ? two : args->words[0]) ==
			0)
			return c;
	}
	return NULL;
}

void
admin_write_usage(struct buf *to)
{
	buf_add_text(to, "Usage: avocet COMMAND\n\n");
	for (size_t i = 0; i < admin_command_count; i++)
		buf_add_format(to, "  %s %s\n", admin_commands[i].name,
		    admin_commands[i].usage);
	buf_add_text(to, "\nThe configuration is " CONFIG_FILE_DEFAULT
			 " unless -c names another file.\n"
			 "`avocet help COMMAND` says more.\n\nExit codes:\n");
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		buf_add_format(
		    to, "  %d  %s\n", (int)exits[i].code, exits[i].meaning);
}

void
admin_write_help(struct buf *to, const struct admin_command *c)
{
	buf_add_format(
	    to, "Usage: avocet %s %s\n\n%s\n", c->name, c->usage, c->help);
}

void
admin_write_page(struct buf *to)
{
	buf_add_text(to,
	    "# The command line\n\n"
	    "<!-- Made by `avocet help page` from src/admin/admin.c; `make "
	    "check` compares. -->\n\n"
	    "While a server runs on the same data, commands are done by it, "
	    "over its control socket; otherwise the tool\n"
	    "opens the data itself. So both need the same user: run them as "
	    "root or as the user of the server.\n\n"
	    "The configuration is `" CONFIG_FILE_DEFAULT
	    "` unless `-c` names another file.\n\n");
	for (size_t i = 0; i < admin_command_count; i++)
		buf_add_format(to, "## avocet %s %s\n\n%s\n\n",
		    admin_commands[i].name, admin_commands[i].usage,
		    admin_commands[i].help);
	buf_add_text(to, "## Exit codes\n\n| Code | Means |\n| --- | --- |\n");
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		buf_add_format(
		    to, "| %d | %s |\n", (int)exits[i].code, exits[i].meaning);
}

void
admin_print(struct buf *text)
{
	(void)fwrite(text->p, 1, text->n, stdout);
	buf_clear(text);
}

static int
usage_error(const char *what, const char *why)
{
	(void)fprintf(stderr,
	    "avocet: %s: %s\nSee `avocet help` for what there is.\n", what,
	    why);
	return ADMIN_USAGE;
}

/* Read the configuration; false after reporting its problems. */
static bool
load_config(struct admin *a)
{
	struct buf text;

	a->config = config_load(a->args.config);
	a->server->check_config(a->config);
	if (a->config->problem_count == 0)
		return true;
	buf_init(&text, CONFIG_ARENA_BYTES_MAX);
	config_write_problems(a->config, &text);
	(void)fwrite(text.p, 1, text.n, stderr);
	buf_fini(&text);
	return false;
}

static int
run_command(struct admin *a, const struct admin_command *c)
{
	int code;

	if (c->needs_config && !load_config(a)) {
		config_free(a->config);
		return ADMIN_USAGE;
	}
	code = c->run(a);
	config_free(a->config);
	if (fflush(stdout) != 0 && code == ADMIN_OK) {
		(void)fprintf(stderr, "avocet: output cannot be written\n");
		code = ADMIN_UNREACHABLE;
	}
	return code;
}

int
admin_run(int argc, char *const *argv, const struct admin_server *server)
{
	struct admin a = { .server = server };
	const struct admin_command *c;
	char why[ARGS_WHY_BYTES];
	size_t words;

	if (argc < 2)
		return usage_error("nothing to do", "no command given");
	if (!args_parse(argc - 1, argv + 1, &a.args, why))
		return usage_error("command line", why);
	c = admin_find(&a.args, &words);
	if (c == NULL)
		return usage_error(a.args.word_count > 0 ? a.args.words[0] : "",
		    "no such command");
	a.args.word_count -= words;
	memmove(a.args.words, a.args.words + words,
	    a.args.word_count * sizeof(a.args.words[0]));
	if (a.args.word_count < c->least)
		return usage_error(c->name, "something is missing");
	if (a.args.word_count > c->most)
		return usage_error(c->name, "too many words");
	if ((a.args.given & ~c->options) != 0)
		return usage_error(c->name, "does not take this option");
	return run_command(&a, c);
}
