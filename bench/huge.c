/* SPDX-License-Identifier: MIT
 *
 * One message of many megabytes, in by APPEND and by LMTP and out by FETCH:
 * how long that takes, and the most memory that the server had meanwhile above
 * what it had before.  A process of its own looks at that all the time.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetched.h"
#include "lmtp.h"
#include "message.h"
#include "samples.h"

#define LOOK_US 2000

struct peak {
	pid_t watcher;
	_Atomic uint64_t *most; /* octets, shared with the watcher */
	uint64_t first, from_ns;
};

static void
watch(const struct options *o, const struct peak *p)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		uint64_t now = cost_memory_own(o);

		if (now > *p->most)
			*p->most = now;
		usleep(LOOK_US);
	}
}

static void
peak_begin(struct peak *p, const struct options *o)
{
	p->most = mmap(NULL, sizeof(*p->most), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->most == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	p->first = *p->most = cost_memory_own(o);
	p->watcher = fork();
	if (p->watcher < 0)
		fail("fork: %s", strerror(errno));
	if (p->watcher == 0)
		watch(o, p);
	p->from_ns = now_ns();
}

static void
peak_end(struct peak *p, const char *name)
{
	uint64_t ns = now_ns() - p->from_ns;

	kill(p->watcher, SIGKILL);
	waitpid(p->watcher, NULL, 0);
	measure((double)ns / 1e6, "huge.%s.ms", name);
	measure((double)(*p->most - p->first) / 1024, "huge.%s.extra_kb", name);
	munmap(p->most, sizeof(*p->most));
}

static void
append(struct link *l, const struct options *o)
{
	struct buf command;
	struct peak peak;

	buf_init(&command, SIZE_MAX / 2);
	buf_add_format(
	    &command, "APPEND INBOX {%lu+}\r\n", (unsigned long)o->size);
	message_make(&command, o->seed, 1, o->size);
	peak_begin(&peak, o);
	command_run_str(l, buf_str(&command), NULL);
	peak_end(&peak, "append");
	buf_fini(&command);
}

static void
fetch(struct link *l, const struct options *o, uint32_t number)
{
	struct peak peak;
	struct answer a;
	struct fetched f;

	peak_begin(&peak, o);
	command_run(l, NULL, "FETCH %u (BODY.PEEK[])", number);
	peak_end(&peak, "fetch");
	answer_init(&a, buf_str(&l->in));
	if (!answer_next(&a) || !fetched_parse(&a, &f) || f.got != GOT_BODY)
		fail("FETCH: no message: %.*s",
		    STR_ARG(str_head(buf_str(&l->in), 80)));
	fetched_check(&a, &f, o->seed, 1, o->size);
	answer_fini(&a);
}

void
scenario_huge(const struct options *o)
{
	struct link l, delivery;
	struct peak peak;
	uint32_t count;

	login(&l, o, false, 0);
	append(&l, o);
	command_run(&l, NULL, "SELECT INBOX");
	count = answer_untagged_number(&l, "EXISTS");
	fetch(&l, o, count);
	lmtp_open(&delivery, o);
	peak_begin(&peak, o);
	lmtp_deliver(&delivery, o, o->size);
	peak_end(&peak, "lmtp");
	command_run(&l, NULL, "SELECT INBOX");
	if (answer_untagged_number(&l, "EXISTS") != count + 1)
		fail("LMTP: the message is not there");
	link_close(&delivery);
	link_close(&l);
}
