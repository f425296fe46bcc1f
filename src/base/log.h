/* SPDX-License-Identifier: MIT
 *
 * The log: one line an event, in logfmt (key=value, values quoted and escaped
 * when they need it), written with one write(2) to standard error or to the
 * descriptor given.  Never put a password or a message's text in it.
 *
 *   log_event(LOG_INFO, "listen", "address=%s protocol=%s", a, p);
 *
 * for fixed, trusted words; and for what a client sent
 *
 *   struct log_line line;
 *   log_begin(&line, LOG_INFO, "session-end");
 *   log_str(&line, "user", user);
 *   log_number(&line, "bytes_in", n);
 *   log_end(&line);
 */
#ifndef AVOCET_BASE_LOG_H
#define AVOCET_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

#define LOG_LINE_BYTES_MAX 1024

struct log_line {
	char text[LOG_LINE_BYTES_MAX]; /* what does not fit is cut */
	size_t n;
	enum log_level level;
};

/* Lines below ${least} are dropped; others go to descriptor ${fd}.  Call
 * before threads start.  Until then: LOG_INFO to standard error.
 *
 * A pipe or socket whose reader stalls holds up one line for LOG_PATIENCE_MS.
 * After that lines are lost until there is room, and then a line "log-lost"
 * says how many. */
void log_setup(int fd, enum log_level least);

/* The same later, while threads run. */
void log_set_level(enum log_level least);

void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_str(struct log_line *line, const char *key, struct str value);
void log_text(struct log_line *line, const char *key, const char *value);
void log_number(struct log_line *line, const char *key, uint64_t value);
void log_end(struct log_line *line);

/* One line; ${format} gives ready-made key=value pairs. */
void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One line for a failed system call: adds error="..." from errno. */
void log_errno(enum log_level level, const char *event, const char *what);

#endif
