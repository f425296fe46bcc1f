/* SPDX-License-Identifier: MIT
 *
 * logfmt lines.  Of the file-scope variables the descriptor is set once at
 * start, the level may be set anew.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

static int log_fd = STDERR_FILENO;
static int log_opened = -1; /* by us, in place of a pipe; else -1 */
static bool log_is_socket;
static _Atomic enum log_level log_least = LOG_INFO;
static _Atomic uint64_t log_lost; /* lines, since the last that went out */

/* A pipe opened anew, so as not to block on it without taking blocking away
 * from those who share ours. */
static int
open_again(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

void
log_setup(int fd, enum log_level least)
{
	struct stat st;
	bool known = fstat(fd, &st) == 0;

	if (log_opened >= 0)
		(void)close(log_opened);
	log_opened = known && S_ISFIFO(st.st_mode) ? open_again(fd) : -1;
	log_is_socket = known && S_ISSOCK(st.st_mode);
	log_fd = log_opened >= 0 ? log_opened : fd;
	log_least = least;
}

void
log_set_level(enum log_level least)
{
	log_least = least;
}

static const char *
level_name(enum log_level level)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	return names[level];
}

/* One byte is kept for the newline. */
static void
put(struct log_line *line, const char *bytes, size_t count)
{
	size_t room = sizeof(line->text) - 1 - line->n;

	if (count > room)
		count = room;
	memcpy(line->text + line->n, bytes, count);
	line->n += count;
}

static void
put_text(struct log_line *line, const char *text)
{
	put(line, text, strlen(text));
}

static bool
is_plain(char byte)
{
	return byte > ' ' && byte < 0x7f && byte != '"' && byte != '=' &&
	       byte != '\\';
}

static void
put_escaped(struct log_line *line, char byte)
{
	char hex[5];

	if (byte == '"' || byte == '\\') {
		put(line, (char[]){ '\\', byte }, 2);
	} else if (byte < ' ' || byte == 0x7f) {
		(void)snprintf(
		    hex, sizeof(hex), "\\x%02x", (unsigned char)byte);
		put(line, hex, 4);
	} else {
		put(line, &byte, 1);
	}
}

static void
put_value(struct log_line *line, struct str value)
{
	bool plain = value.n > 0;

	for (size_t i = 0; i < value.n && plain; i++)
		plain = is_plain(value.p[i]);
	if (plain) {
		put(line, value.p, value.n);
		return;
	}
	put(line, "\"", 1);
	for (size_t i = 0; i < value.n; i++) {
		/* Bytes above 0x7f are escaped too: a log is read in
		 * terminals, and a client chose them. */
		if ((unsigned char)value.p[i] > 0x7f) {
			char hex[5];

			(void)snprintf(hex, sizeof(hex), "\\x%02x",
			    (unsigned char)value.p[i]);
			put(line, hex, 4);
		} else {
			put_escaped(line, value.p[i]);
		}
	}
	put(line, "\"", 1);
}

void
log_begin(struct log_line *line, enum log_level level, const char *event)
{
	char stamp[CLOCK_STAMP_BYTES];

	line->n = 0;
	line->level = level;
	clock_stamp(stamp);
	put_text(line, "time=");
	put_text(line, stamp);
	put_text(line, " level=");
	put_text(line, level_name(level));
	put_text(line, " event=");
	put_text(line, event);
}

void
log_str(struct log_line *line, const char *key, struct str value)
{
	put(line, " ", 1);
	put_text(line, key);
	put(line, "=", 1);
	put_value(line, value);
}

void
log_text(struct log_line *line, const char *key, const char *value)
{
	log_str(line, key, str_of(value));
}

void
log_number(struct log_line *line, const char *key, uint64_t value)
{
	char digits[STR_DIGITS_MAX];

	log_str(line, key, str_of_number(value, digits));
}

/* Whether there was room for the line.  Nobody is left to tell when the log
 * itself cannot be written for another reason. */
static bool
write_now(const struct log_line *line)
{
	ssize_t count;

	if (log_is_socket)
		count = send(
		    log_fd, line->text, line->n, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		count = write(log_fd, line->text, line->n);
	return count >= 0 || errno != EAGAIN;
}

/* Write the line, or count it as lost.  Only the first one that finds no room
 * is patient. */
static void
write_line(const struct log_line *line)
{
	struct pollfd room = { .fd = log_fd, .events = POLLOUT };
	bool done = write_now(line);

	if (!done && log_lost == 0)
		done = poll(&room, 1, LOG_PATIENCE_MS) == 1 && write_now(line);
	if (!done)
		log_lost++;
}

static void
tell_lost(void)
{
	uint64_t lost = atomic_exchange(&log_lost, 0);
	struct log_line line;

	if (lost == 0)
		return;
	log_begin(&line, LOG_WARN, "log-lost");
	log_number(&line, "lines", lost);
	line.text[line.n++] = '\n';
	if (!write_now(&line))
		log_lost += lost;
}

void
log_end(struct log_line *line)
{
	if (line->level < log_least)
		return;
	line->text[line->n++] = '\n';
	if (log_lost > 0)
		tell_lost();
	write_line(line);
}

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
	struct log_line line;
	char pairs[LOG_LINE_BYTES_MAX];
	va_list args;

	if (level < log_least)
		return;
	va_start(args, format);
	(void)vsnprintf(pairs, sizeof(pairs), format, args);
	va_end(args);
	log_begin(&line, level, event);
	put(&line, " ", 1);
	put_text(&line, pairs);
	log_end(&line);
}

void
log_errno(enum log_level level, const char *event, const char *what)
{
	int number = errno;
	struct log_line line;
	char text[128];

	log_begin(&line, level, event);
	log_text(&line, "what", what);
	log_text(&line, "error", strerror_r(number, text, sizeof(text)));
	log_end(&line);
	errno = number;
}
