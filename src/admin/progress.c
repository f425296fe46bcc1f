/* SPDX-License-Identifier: MIT
 *
 * One line, written over and over.
 */
#include "admin/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define PRINT_MS 200

void
progress_begin(struct progress *p, uint64_t total)
{
	*p = (struct progress){ .shown = isatty(STDERR_FILENO) == 1,
		.total = total,
		.begun_ms = clock_ms() };
}

void
progress_write_time(struct buf *to, uint64_t seconds)
{
	if (seconds < 60)
		buf_add_format(to, "%" PRIu64 " s", seconds);
	else if (seconds < 3600)
		buf_add_format(
		    to, "%" PRIu64 ":%02" PRIu64, seconds / 60, seconds % 60);
	else
		buf_add_format(to, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		    seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void
print(const struct progress *p, uint64_t ms, struct str mailbox)
{
	uint64_t rate = p->octets * 1000 / ms;
	struct buf line;

	buf_init(&line, 512);
	buf_add_format(&line,
	    "\r\033[K%" PRIu64 " messages, %" PRIu64 " MB, %" PRIu64 ".%" PRIu64
	    " MB/s",
	    p->messages, p->octets / 1000000, rate / 1000000,
	    rate / 100000 % 10);
	if (p->total > 0 && p->done > 0 && p->done <= p->total) {
		buf_add_format(
		    &line, ", %" PRIu64 " %%, ", p->done * 100 / p->total);
		progress_write_time(
		    &line, (p->total - p->done) * ms / p->done / 1000);
		buf_add_text(&line, " left");
	}
	buf_add_text(&line, ": ");
	buf_add_str(&line, str_head(mailbox, 30));
	(void)fwrite(line.p, 1, line.n, stderr);
	buf_fini(&line);
}

void
progress_add(struct progress *p, uint64_t done, uint64_t messages,
    uint64_t octets, struct str mailbox)
{
	uint64_t now = clock_ms();

	p->done += done;
	p->messages += messages;
	p->octets += octets;
	if (!p->shown || now < p->next_ms || now == p->begun_ms)
		return;
	p->next_ms = now + PRINT_MS;
	print(p, now - p->begun_ms, mailbox);
}

void
progress_clear(struct progress *p)
{
	if (p->shown)
		(void)fputs("\r\033[K", stderr);
}
