/* SPDX-License-Identifier: MIT
 *
 * A password is read, made into credentials and wiped at once; it goes to no
 * other process.
 */
#include "admin/password.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "auth/scheme.h"
#include "base/mem.h"

/* Read a line byte by byte, so that none of it stays in a buffer. */
static bool
read_line(char line[PASSWORD_LINE_BYTES], struct str *ret_line)
{
	size_t n = 0;
	ssize_t count = 0;

	while (n < PASSWORD_LINE_BYTES &&
	       (count = read(STDIN_FILENO, line + n, 1)) == 1 &&
	       line[n] != '\n')
		n++;
	if (count < 0 || (count == 0 && n == 0))
		return false;
	*ret_line = (struct str){ .p = line, .n = n };
	return true;
}

static bool
ask(const char *prompt, char line[PASSWORD_LINE_BYTES], struct str *ret_line)
{
	struct termios before, quiet;
	bool done;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return false;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)fprintf(stderr, "%s", prompt);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
		return false;
	done = read_line(line, ret_line);
	/* If this fails, the shell puts the terminal right. */
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)fprintf(stderr, "\n");
	return done;
}

/* Get the password, or a hash of it, into ${line}; NULL, or why not. */
static const char *
get_secret(bool hash, char line[PASSWORD_LINE_BYTES], struct str *ret_password)
{
	char again[PASSWORD_LINE_BYTES];
	struct str second;
	bool same;

	if (isatty(STDIN_FILENO) == 0)
		return read_line(line, ret_password)
			   ? NULL
			   : "standard input holds no password";
	if (hash)
		return ask("Hash of the password: ", line, ret_password)
			   ? NULL
			   : "no hash was given";
	if (!ask("New password: ", line, ret_password) ||
	    !ask("The same again: ", again, &second))
		return "no password was given";
	same = str_eq(*ret_password, second);
	mem_wipe(again, sizeof(again));
	return same ? NULL : "the two passwords differ";
}

static const char *
make_credentials(struct str password, struct buf *to)
{
	struct credentials made;
	struct credentials_cost cost = { 0 };

	if (password.n == 0)
		return "a password must not be empty";
	if (password.n > PASSWORD_BYTES_MAX)
		return "the password is too long";
	switch (credentials_make(password, cost, &made)) {
	case RC_OK:
		credentials_pack(&made, to);
		credentials_wipe(&made);
		return NULL;
	case RC_INVALID:
		return "the password must be UTF-8 without control characters";
	default:
		return "the password cannot be hashed on this system";
	}
}

/* From a hash that another server made.  A password in the clear becomes what
 * we would have made of it.  The reason is good until the next call. */
static const char *
read_hash(struct str text, struct buf *to)
{
	static char why[SCHEME_WHY_BYTES];
	struct credentials read;
	struct str password;

	if (scheme_is_plain(text, &password))
		return make_credentials(password, to);
	if (scheme_read(text, &read, why) != RC_OK)
		return why;
	credentials_pack(&read, to);
	credentials_wipe(&read);
	return NULL;
}

bool
password_read_credentials(bool hash, struct buf *credentials)
{
	char line[PASSWORD_LINE_BYTES];
	struct str secret;
	const char *why = get_secret(hash, line, &secret);

	if (why == NULL)
		why = hash ? read_hash(str_trim(secret), credentials)
			   : make_credentials(secret, credentials);
	mem_wipe(line, sizeof(line));
	if (why != NULL)
		(void)fprintf(stderr, "avocet: %s\n", why);
	return why == NULL;
}

bool
password_read(const char *prompt, char line[PASSWORD_LINE_BYTES],
    struct str *ret_password)
{
	bool good = isatty(STDIN_FILENO) != 0 ? ask(prompt, line, ret_password)
					      : read_line(line, ret_password);

	if (good && ret_password->n > PASSWORD_BYTES_MAX)
		good = false;
	if (!good)
		(void)fprintf(stderr,
		    "avocet: there is no password, or it is too long: it is "
		    "one line of standard input\n");
	return good;
}
