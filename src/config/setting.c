/* SPDX-License-Identifier: MIT
 *
 * The table of settings, the only authority on their names, defaults, limits
 * and meaning.
 */
#include "config/setting.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "config/unit.h"

static const char *
check_hostname(struct str s)
{
	if (s.n > 255)
		return "is longer than 255 characters";
	for (size_t i = 0; i < s.n; i++) {
		char b = str_lower(s.p[i]);

		if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') ||
			b == '-' || b == '.'))
			return "is not a host name";
	}
	return NULL;
}

const char *
setting_hostname(const char *machine)
{
	return *machine != '\0' && check_hostname(str_of(machine)) == NULL
		   ? machine
		   : "localhost";
}

static const char *
check_absolute(struct str s)
{
	if (s.n == 0 || s.p[0] != '/')
		return "must be an absolute path";
	return NULL;
}

static const char *
check_folder(struct str s)
{
	return s.n == 0 ? NULL : check_absolute(s);
}

static const char *
check_control(struct str s)
{
	/* The size of sun_path. */
	if (s.n > 107)
		return "is too long for a socket (107 characters)";
	return s.n == 0 ? NULL : check_absolute(s);
}

/* The name of a file, which may not lead out of its folder. */
static const char *
check_service(struct str s)
{
	if (s.n > 64)
		return "is longer than 64 characters";
	for (size_t i = 0; i < s.n; i++) {
		char b = str_lower(s.p[i]);

		if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') ||
			b == '-' || b == '_' || (b == '.' && i > 0)))
			return "is not the name of a service";
	}
	return NULL;
}

static const char *
check_user(struct str s)
{
	return s.n > 32 ? "is not a user name" : NULL;
}

/* Only the form; whether it can be bound shows at start. */
static const char *
check_address(struct str s)
{
	size_t colon = s.n;
	uint64_t port;

	if (str_begins(s, STR("unix:")))
		return check_absolute(str_skip(s, 5));
	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || !str_number(str_skip(s, colon), 65535, &port))
		return "must be \"address:port\", \"*:port\" or \"unix:/path\"";
	return NULL;
}

/* One address, perhaps with the number of bits that count, or "unix". */
static bool
is_network(struct str s)
{
	unsigned char address[sizeof(struct in6_addr)];
	size_t slash = str_find(s, '/');
	char text[INET6_ADDRSTRLEN];
	uint64_t bits, most = 0;

	if (str_eq(s, STR("unix")))
		return true;
	if (slash == 0 || slash >= sizeof(text))
		return false;
	memcpy(text, s.p, slash);
	text[slash] = '\0';
	if (inet_pton(AF_INET, text, address) == 1)
		most = 32;
	else if (inet_pton(AF_INET6, text, address) == 1)
		most = 128;
	return most > 0 && (slash == s.n ||
			       str_number(str_skip(s, slash + 1), most, &bits));
}

static const char *
check_networks(struct str s)
{
	unsigned count = 0;

	while (s.n > 0) {
		size_t end = str_find(s, ' ');

		if (!is_network(str_head(s, end)))
			return "must be addresses, networks such as "
			       "\"192.0.2.0/24\", or \"unix\"";
		if (++count > PROXY_NETWORKS_MAX)
			return "are too many";
		s = str_skip(s, end + 1);
	}
	return NULL;
}

#define AT(member) offsetof(struct config, member)

const struct setting setting_server[] = {
	{ "hostname", SETTING_TEXT, AT(hostname), "", NULL, 0, 0,
	    check_hostname,
	    "The name of this server in greetings and in the certificate that "
	    "it makes. Empty: the name of the machine, or localhost if that is "
	    "no host name." },
	{ "data", SETTING_TEXT, AT(data), "/var/lib/avocet", NULL, 0, 0,
	    check_absolute, "The folder that holds all mail." },
	{ "domains", SETTING_NAMES, AT(domains), "", NULL, 0, 0, NULL,
	    "The domains at which users and aliases are found that are named "
	    "without one: `alice@example.org` is then `alice`, for mail that "
	    "comes in and for logging in. Empty: mail for any domain; nobody "
	    "logs in with one." },
	{ "user", SETTING_TEXT, AT(user), "avocet", NULL, 0, 0, check_user,
	    "Who the server becomes after it was started as root and has bound "
	    "its ports. Empty: it stays who started it." },
	{ "control", SETTING_TEXT, AT(control), "", NULL, 0, 0, check_control,
	    "The socket by which the command-line tool talks to the running "
	    "server. Empty: `control` in the data folder." },
	{ "plaintext_login", SETTING_CHOICE, AT(plaintext_login), "never",
	    "never loopback", 0, 0, NULL,
	    "Whether passwords may come without TLS: `never`, or `loopback` "
	    "for clients on this machine." },
	{ "pop3_utf8", SETTING_BOOL, AT(pop3_utf8), "false", NULL, 0, 0, NULL,
	    "Offer UTF8 (RFC 6856) by POP3. Clients that do not ask for it, "
	    "which are most, are then refused messages with UTF-8 in a header; "
	    "otherwise they get them as they are." },
	{ "password_memory", SETTING_DURATION, AT(password_memory_seconds),
	    "10m", NULL, 0, 86400, NULL,
	    "How long a password that was found right is remembered, so that "
	    "the next logins of the account with it cost no slow hash. Kept in "
	    "memory only, as a keyed hash; a changed password counts at once. "
	    "The price: in that time, who can read the server's memory can try "
	    "guesses at the passwords of those who logged in as fast as plain "
	    "hashing goes. `0s`: not at all." },
	{ "passwd_file", SETTING_FILE, AT(passwd_file), "", NULL, 0, 0, NULL,
	    "A file of users beside those of the store, in Dovecot's format "
	    "(`user:{SCHEME}hash:...`); it is read again when it changes. "
	    "doc/users.md says more. Empty: none." },
	{ "pam.service", SETTING_TEXT, AT(pam_service), "", NULL, 0, 0,
	    check_service,
	    "PAM's service (`avocet`) for users who have no password in the "
	    "store or the file of users: then PAM is asked. doc/users.md says "
	    "more. Empty: PAM is not asked." },
	{ "pam.directory", SETTING_TEXT, AT(pam_directory), "", NULL, 0, 0,
	    check_folder,
	    "The folder with PAM's file for that service. Empty: "
	    "`/etc/pam.d`." },
	{ "tls.certificate", SETTING_FILE, AT(tls_certificate), "", NULL, 0, 0,
	    NULL,
	    "The certificate and its chain, a PEM file. Empty: the server "
	    "makes a self-signed one in the data folder." },
	{ "tls.key", SETTING_FILE, AT(tls_key), "", NULL, 0, 0, NULL,
	    "The key of the certificate, a PEM file." },
	{ "tls.client_ca", SETTING_FILE, AT(tls_client_ca), "", NULL, 0, 0,
	    NULL,
	    "Certificates of authorities, a PEM file: clients are asked for a "
	    "certificate that one of them has signed, and can log in with it "
	    "(EXTERNAL). Empty: they are not asked." },
	{ "tls.client_name", SETTING_CHOICE, AT(tls_client_name), "email",
	    "email common_name", 0, 0, NULL,
	    "What in a client's certificate names the user: `email`, the "
	    "address in its alternative names, or `common_name`, that of the "
	    "subject. A certificate with none, or with several, lets nobody "
	    "in." },
	{ "oauth.keys", SETTING_FILE, AT(oauth_keys), "", NULL, 0, 0, NULL,
	    "The public keys of whoever issues tokens, a JWK set; read again "
	    "when it changes. With it clients can log in with a token "
	    "(OAUTHBEARER, XOAUTH2) that is a JWT signed with RS256, ES256 or "
	    "EdDSA. Empty: no tokens are taken." },
	{ "oauth.issuer", SETTING_TEXT, AT(oauth_issuer), "", NULL, 0, 0, NULL,
	    "The issuer (`iss`) that a token must have." },
	{ "oauth.audience", SETTING_TEXT, AT(oauth_audience), "", NULL, 0, 0,
	    NULL, "The audience (`aud`) that a token must have." },
	{ "oauth.claim", SETTING_TEXT, AT(oauth_claim), "email", NULL, 0, 0,
	    NULL, "The claim of a token that names the user." },
	{ "mechanisms_off", SETTING_NAMES, AT(mechanisms_off), "", NULL, 0, 0,
	    NULL,
	    "SASL mechanisms that are not offered, such as `SCRAM-SHA-1`." },
	{ "retention", SETTING_DURATION, AT(retention_seconds), "14d", NULL,
	    3600, 3650ull * 86400, NULL,
	    "How long deleted messages can be brought back. On a full disk "
	    "they "
	    "go at once, to make room." },
	{ "message_size_max", SETTING_SIZE, AT(message_bytes_max), "128M", NULL,
	    64 * 1024, MESSAGE_BYTES_MAX, NULL,
	    "The largest message that is taken." },
	{ "address_connections", SETTING_NUMBER, AT(address_connections),
	    "1000", NULL, 0, 1000000, NULL,
	    "The most connections that one address may have at once, over all "
	    "listeners; an IPv6 /64 is one. This machine is not counted. 0: no "
	    "limit." },
	{ "address_rate", SETTING_NUMBER, AT(address_rate), "3000", NULL, 0,
	    1000000, NULL,
	    "The most connections that one address may make in a minute; so "
	    "many may also come at once. 0: no limit." },
	{ "account_connections", SETTING_NUMBER, AT(account_connections), "100",
	    NULL, 0, 1000000, NULL,
	    "The most connections that one account may have at once, by IMAP "
	    "and POP3 together. Who logs in then is refused, and told why. 0: "
	    "no limit." },
	{ "account_rate", SETTING_NUMBER, AT(account_rate), "3000", NULL, 0,
	    1000000, NULL,
	    "The most logins of one account in a minute, with the right "
	    "password; so many may also come at once. 0: no limit." },
	{ "account_bandwidth", SETTING_SIZE, AT(account_bandwidth), "0", NULL,
	    0, UINT64_C(1) << 40, NULL,
	    "How many octets a second are sent to the sessions of one account "
	    "together, by IMAP and POP3, on average; what it has not used in "
	    "the last ten seconds it may use at once. Less than 16K is 16K. 0: "
	    "no limit." },
	{ "log_level", SETTING_CHOICE, AT(log_level), "info",
	    "debug info warn error", 0, 0, NULL,
	    "The least important lines that are logged." },
	{ "workers", SETTING_NUMBER, AT(workers), "256", NULL, 2, WORKERS_MAX,
	    NULL, "The most threads that run sessions." },
	{ "shards", SETTING_NUMBER, AT(shards), "4", NULL, 1, CONFIG_SHARDS_MAX,
	    NULL,
	    "How many logs a new store has; an existing store keeps its "
	    "number." },
	{ "zero_ahead", SETTING_BOOL, AT(zero_ahead), "true", NULL, 0, 0, NULL,
	    "Write zeros to log files ahead of use: faster commits for twice "
	    "the bytes written." },
	{ "sandbox", SETTING_BOOL, AT(sandbox), "true", NULL, 0, 0, NULL,
	    "Confine the running server to its data folder (Landlock) and to "
	    "the system calls it needs (seccomp). Off only to debug it." },
	{ "capabilities_off", SETTING_NAMES, AT(capabilities_off), "", NULL, 0,
	    0, NULL, "IMAP capabilities that are not offered." },
	{ "lenient", SETTING_BOOL, AT(lenient), "true", NULL, 0, 0, NULL,
	    "Take what is not quite IMAP but known of clients: after login, a "
	    "line that ends with LF alone and announces no literal, several "
	    "spaces where one belongs and spaces at the end of a command; "
	    "system flags that do not exist, such as `\\Forwarded`, which are "
	    "dropped; and messages with headers that are not ASCII from a "
	    "client that has enabled neither UTF8=ACCEPT nor IMAP4rev2. "
	    "Otherwise all of these are refused." },
	{ "folder_synonyms", SETTING_BOOL, AT(folder_synonyms), "true", NULL, 0,
	    0, NULL,
	    "Names that programs give to their folder for sent mail, drafts, "
	    "junk, trash and the archive (`Sent Items`, `Gesendete Objekte` "
	    "...) mean the mailbox that has this use, when there is no mailbox "
	    "of that name: it can be selected, asked for and stored into under "
	    "them, and CREATE of one is refused as existing, so that there is "
	    "no second one." },
	{ "progress", SETTING_DURATION, AT(progress_seconds), "10s", NULL, 0,
	    60, NULL,
	    "When an IMAP client is told that its command still waits for the "
	    "disk, and how often: some give up after 20 seconds. `0s`: the "
	    "first time at once." },
	{ "pop3_hide_nul", SETTING_BOOL, AT(pop3_hide_nul), "false", NULL, 0, 0,
	    NULL,
	    "Send the octet 0x80 for each NUL in a message by POP3: old "
	    "Outlook hangs on NUL. Otherwise messages are sent as they are." },
	{ "lmtp_lenient", SETTING_BOOL, AT(lmtp_lenient), "false", NULL, 0, 0,
	    NULL,
	    "Take LMTP addresses with blanks in front of them, and without "
	    "angle brackets." },
};
const size_t setting_server_count =
    sizeof(setting_server) / sizeof(setting_server[0]);
_Static_assert(
    sizeof(setting_server) / sizeof(setting_server[0]) <= CONFIG_SETTINGS_MAX,
    "room for every setting's value");

#undef AT
#define AT(member) offsetof(struct config_listener, member)

const struct setting setting_listener[] = {
	{ "protocol", SETTING_CHOICE, AT(protocol), "imap", "imap pop3 lmtp", 0,
	    0, NULL, "What is spoken." },
	{ "address", SETTING_TEXT, AT(address), "", NULL, 0, 0, check_address,
	    "Where to listen: `address:port`, `*:port` for all addresses, or "
	    "`unix:/path`. Must be given." },
	{ "tls", SETTING_CHOICE, AT(tls), "starttls", "starttls implicit none",
	    0, 0, NULL,
	    "`starttls`: offered (POP3 calls it STLS); `implicit`: from the "
	    "first byte; `none`: not "
	    "at all." },
	{ "connections", SETTING_NUMBER, AT(connections), "10000", NULL, 1,
	    1000000, NULL,
	    "The most connections at once. Who comes then gets the place of "
	    "the one that has not logged in for longest; if all have, and for "
	    "LMTP, he waits." },
	{ "keepalive", SETTING_DURATION, AT(keepalive_seconds), "15m", NULL, 0,
	    86400, NULL,
	    "How often an IMAP client in IDLE is sent a line that says "
	    "nothing, so that what is between does not forget the connection; "
	    "at the same moments for all sessions of a user, so that a phone "
	    "wakes once. `0s`: never." },
	{ "capabilities_off", SETTING_NAMES, AT(capabilities_off), "", NULL, 0,
	    0, NULL,
	    "IMAP capabilities that are not offered here, beside those that "
	    "are not offered anywhere." },
	{ "proxies", SETTING_NAMES, AT(proxies), "", NULL, 0, 0, check_networks,
	    "Addresses and networks (`192.0.2.0/24`, `2001:db8::1`, `unix`) of "
	    "proxies in front of this listener, which say by the PROXY "
	    "protocol "
	    "(version 1 or 2) who their clients are. Then nobody else may "
	    "connect to it. Empty: it has none." },
};
const size_t setting_listener_count =
    sizeof(setting_listener) / sizeof(setting_listener[0]);
_Static_assert(sizeof(setting_listener) / sizeof(setting_listener[0]) <=
		   CONFIG_LISTENER_SETTINGS_MAX,
    "room for every setting's value");

const struct setting_listener_default setting_listeners[] = {
	{ "imap", { "imap", "*:143", "starttls" } },
	{ "imaps", { "imap", "*:993", "implicit" } },
	{ "pop3", { "pop3", "*:110", "starttls" } },
	{ "pop3s", { "pop3", "*:995", "implicit" } },
	{ "lmtp", { "lmtp", "127.0.0.1:24", "none" } },
};
const size_t setting_listeners_count =
    sizeof(setting_listeners) / sizeof(setting_listeners[0]);

bool
setting_is_fixed(const struct setting *row)
{
	/* What the store, the threads, the helper for PAM and the confinement
	 * of the process were made with. */
	static const char *const fixed[] = { "data", "user", "control",
		"pam.service", "pam.directory", "workers", "shards",
		"zero_ahead", "sandbox" };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(row->name, fixed[i]) == 0)
			return true;
	return false;
}

const char *
setting_type_name(enum setting_type type)
{
	static const char *const names[] = { "text", "a file", "a word",
		"a number", "a size", "a duration", "true or false",
		"a list of names" };

	return names[type];
}

static const char *explain(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *
explain(struct arena *a, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_text(a, str_of(text));
}

/* The next word of ${c}; empty at the end. */
static struct str
next_word(struct cursor *c)
{
	const char *from;

	while (c->at < c->end && *c->at == ' ')
		c->at++;
	from = c->at;
	while (c->at < c->end && *c->at != ' ')
		c->at++;
	return str_until(from, c);
}

static bool
take_choice(const struct setting *row, struct str text, unsigned *ret_index)
{
	struct cursor c = str_cursor(str_of(row->choices));
	struct str word;

	for (unsigned i = 0; (word = next_word(&c)).n > 0; i++) {
		if (str_eq(word, text)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

static struct config_names
take_names(const char *text, struct arena *a)
{
	struct cursor c = str_cursor(str_of(text));
	struct config_names names = { 0 };

	while (next_word(&c).n > 0)
		names.n++;
	names.v = arena_array(a, names.n, sizeof(struct str));
	c = str_cursor(str_of(text));
	for (size_t i = 0; i < names.n; i++)
		names.v[i] = next_word(&c);
	return names;
}

static bool
take_number(const struct setting *row, struct str text, uint64_t *ret_number)
{
	switch (row->type) {
	case SETTING_SIZE:
		return unit_parse_size(text, ret_number);
	case SETTING_DURATION:
		return unit_parse_duration(text, ret_number);
	default:
		return str_number(text, UINT64_MAX, ret_number);
	}
}

static const char *
set_number(
    const struct setting *row, const char *text, void *at, struct arena *a)
{
	uint64_t number;

	if (!take_number(row, str_of(text), &number))
		return explain(a, "must be %s",
		    unit_example(row->type == SETTING_SIZE,
			row->type == SETTING_DURATION));
	if (number < row->least || number > row->most)
		return explain(a, "must be between %llu and %llu",
		    (unsigned long long)row->least,
		    (unsigned long long)row->most);
	memcpy(at, &number, sizeof(number));
	return NULL;
}

static const char *
set_text(const struct setting *row, const char *text, void *at, struct arena *a)
{
	const char *why = NULL;

	if (row->type == SETTING_FILE && *text != '\0' &&
	    access(text, R_OK) != 0)
		return explain(a, "cannot be read: %s", strerror(errno));
	if (row->check != NULL)
		why = row->check(str_of(text));
	if (why == NULL)
		memcpy(at, &text, sizeof(text));
	return why;
}

static const char *
set_choice(
    const struct setting *row, const char *text, void *at, struct arena *a)
{
	unsigned index;

	if (!take_choice(row, str_of(text), &index))
		return explain(a, "must be one of: %s", row->choices);
	memcpy(at, &index, sizeof(index));
	return NULL;
}

bool
setting_take(const struct setting *row, const char *text, void *base,
    struct arena *a, const char **ret_why)
{
	void *at = (char *)base + row->offset;
	const char *why = NULL;
	struct config_names names;
	bool yes;

	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_FILE:
		why = set_text(row, text, at, a);
		break;
	case SETTING_CHOICE:
		why = set_choice(row, text, at, a);
		break;
	case SETTING_NUMBER:
	case SETTING_SIZE:
	case SETTING_DURATION:
		why = set_number(row, text, at, a);
		break;
	case SETTING_BOOL:
		yes = str_eq(str_of(text), STR("true"));
		memcpy(at, &yes, sizeof(yes));
		break;
	case SETTING_NAMES:
		names = take_names(text, a);
		if (row->check != NULL)
			why = row->check(str_of(text));
		if (why == NULL)
			memcpy(at, &names, sizeof(names));
		break;
	}
	if (why != NULL)
		*ret_why = why;
	return why == NULL;
}
