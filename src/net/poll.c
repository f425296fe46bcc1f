/* SPDX-License-Identifier: MIT
 *
 * Tasks, their one epoll set, and the workers that run them.
 *
 * Every task has a slot.  Slots are never given back to the system while the
 * pool lives, so a worker may look at any slot that an event or a handle
 * names; the state word tells whether it is still the same task.  The word
 * holds the generation and one of
 *
 *   FREE     no task
 *   IDLE     waits; epoll may be armed for it, nobody touches it
 *   QUEUED   is on the ready list, or just left it
 *   RUNNING  one worker runs it, and only that worker touches it
 *   AGAIN    the same, and it was woken meanwhile
 *
 *   FREE -> RUNNING      poll_add (begins like the end of a run)
 *   IDLE -> RUNNING      an event of epoll
 *   IDLE -> QUEUED       poll_wake, a deadline
 *   QUEUED -> RUNNING    a worker takes it from the ready list
 *   RUNNING -> AGAIN     an event, poll_wake, a deadline
 *   RUNNING -> IDLE      the end of a run
 *   AGAIN -> QUEUED      the end of a run
 *   RUNNING, AGAIN -> FREE   the end of the last run; next generation
 *
 * At the end of a run epoll is armed first and the task made IDLE second.
 * After the change to IDLE or FREE the worker touches nothing of the task.
 *
 * An event for a task that is QUEUED is dropped, though epoll has disarmed
 * it: the run that is about to come arms it again.  Descriptor numbers may be
 * used again as soon as a task has closed its own: closing takes it out of
 * the epoll set, and what was on its way names an old generation.
 *
 * The ready list is served through the epoll set too: an eventfd becomes
 * ready when the list was empty and gets a task, and again when a worker has
 * taken one and left others.  So list and descriptors take turns.
 */
#include "net/poll_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/crew.h"
#include "net/timer.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define CHUNK_TASKS 1024
#define CHUNKS_MAX  (TASKS_MAX / CHUNK_TASKS)
#define NO_SLOT	    UINT32_MAX

/* What events carry that are not for a task; generation 0 names none. */
#define EVENT_READY 0
#define EVENT_TIMER 1

enum phase { FREE, IDLE, QUEUED, RUNNING, AGAIN };

struct task {
	_Atomic uint64_t state; /* generation << 32 | phase */
	/* What epoll is armed for, or less; see arm(). */
	_Atomic uint32_t armed;
	uint32_t slot; /* never changes */
	uint32_t next; /* on the free or the ready list; under p->lock */
	/* The rest belongs to whoever runs the task. */
	int fd;
	bool registered; /* with epoll */
	poll_run_fn *fn;
	void *arg;
	struct timer_node timer;
};

struct poll {
	int epoll_fd; /* -1: poll_new() could not make what it needs */
	int ready_fd;
	int timer_fd;
	struct crew crew;
	struct timer timer;
	_Atomic unsigned tasks;
	_Atomic bool stopping;
	_Atomic unsigned waiters; /* workers that wait for their clients */
	struct lock lock;
	/* Under the lock; the chunks are read without it. */
	uint32_t slots;
	uint32_t free;
	uint32_t ready_first;
	uint32_t ready_last;
	struct task *_Atomic chunks[CHUNKS_MAX];
};

/* -- state words ------------------------------------------------------- */

static uint64_t
word(uint32_t generation, enum phase phase)
{
	return (uint64_t)generation << 32 | phase;
}

static uint32_t
generation_of(uint64_t state)
{
	return (uint32_t)(state >> 32);
}

static enum phase
phase_of(uint64_t state)
{
	return (enum phase)(uint32_t)state;
}

/* Change the phase if it is ${from} and the generation still ${generation}. */
static bool
change(struct task *t, uint32_t generation, enum phase from, enum phase to)
{
	uint64_t expected = word(generation, from);

	return atomic_compare_exchange_strong(
	    &t->state, &expected, word(generation, to));
}

/* -- slots ------------------------------------------------------------- */

/* The slot, or NULL when there was never a task in it. */
static struct task *
task_at(struct poll *p, uint32_t slot)
{
	struct task *chunk;

	if (slot >= TASKS_MAX)
		return NULL;
	chunk = atomic_load(&p->chunks[slot / CHUNK_TASKS]);
	return chunk == NULL ? NULL : &chunk[slot % CHUNK_TASKS];
}

/* Add a chunk of free slots; under the lock. */
static void
add_chunk(struct poll *p)
{
	struct task *chunk = mem_array(CHUNK_TASKS, sizeof(*chunk));

	for (uint32_t i = CHUNK_TASKS; i-- > 0;) {
		chunk[i].slot = p->slots + i;
		chunk[i].state = word(1, FREE);
		chunk[i].next = p->free;
		p->free = chunk[i].slot;
	}
	atomic_store(&p->chunks[p->slots / CHUNK_TASKS], chunk);
	p->slots += CHUNK_TASKS;
}

/* A free slot; NULL when TASKS_MAX are in use. */
static struct task *
slot_take(struct poll *p)
{
	struct task *t = NULL;

	lock_take(&p->lock);
	if (p->free == NO_SLOT && p->slots < TASKS_MAX)
		add_chunk(p);
	if (p->free != NO_SLOT) {
		t = task_at(p, p->free);
		p->free = t->next;
	}
	lock_release(&p->lock);
	return t;
}

/* The task is over: late events and wakes name a generation that is no
 * more.  Generation 0 is left out, so that a zeroed handle names nothing. */
static void
slot_give(struct poll *p, struct task *t)
{
	uint32_t next = generation_of(atomic_load(&t->state)) + 1;

	timer_remove(&p->timer, &t->timer);
	atomic_store(&t->state, word(next == 0 ? 1 : next, FREE));
	atomic_fetch_sub(&p->tasks, 1);
	lock_take(&p->lock);
	t->next = p->free;
	p->free = t->slot;
	lock_release(&p->lock);
}

/* -- the ready list ---------------------------------------------------- */

/* Let one worker that waits at epoll look at the ready list. */
static void
ready_signal(struct poll *p)
{
	/* It can only fail when the counter is full, and then it signals. */
	(void)eventfd_write(p->ready_fd, 1);
}

static void
ready_push(struct poll *p, struct task *t)
{
	bool was_empty;

	lock_take(&p->lock);
	was_empty = p->ready_first == NO_SLOT;
	t->next = NO_SLOT;
	if (was_empty)
		p->ready_first = t->slot;
	else
		task_at(p, p->ready_last)->next = t->slot;
	p->ready_last = t->slot;
	lock_release(&p->lock);
	if (was_empty)
		ready_signal(p);
}

/* The task that waits longest, or NULL. */
static struct task *
ready_pop(struct poll *p)
{
	struct task *t = NULL;
	bool more;

	lock_take(&p->lock);
	if (p->ready_first != NO_SLOT) {
		t = task_at(p, p->ready_first);
		p->ready_first = t->next;
	}
	more = p->ready_first != NO_SLOT;
	lock_release(&p->lock);
	if (more)
		ready_signal(p);
	return t;
}

/* -- running ----------------------------------------------------------- */

static uint32_t
epoll_events(unsigned wants)
{
	return (wants & POLL_INPUT ? EPOLLIN : 0u) |
	       (wants & POLL_OUTPUT ? EPOLLOUT : 0u);
}

/* Arm epoll for what the task wants, if it is not armed for just that.
 *
 * ${armed} is stored before the system call and set to 0 by whoever receives
 * the event, before it looks at the state.  So 0 may be too little, but any
 * other value means that the event is still to come, or is with a worker
 * that will find the task IDLE or make it run again.
 *
 * Wanting nothing still lets epoll tell a hang-up, once. */
static enum rc
arm(struct poll *p, struct task *t, unsigned wants)
{
	uint32_t events = epoll_events(wants);
	struct epoll_event event = { .events = events | EPOLLONESHOT };

	if (t->fd < 0 || (t->registered && events == atomic_load(&t->armed)))
		return RC_OK;
	event.data.u64 =
	    word(generation_of(atomic_load(&t->state)), FREE) | t->slot;
	atomic_store(&t->armed, events);
	if (epoll_ctl(p->epoll_fd,
		t->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, t->fd,
		&event) != 0)
		return errno == ENOSPC ? RC_LIMIT : RC_IO;
	t->registered = true;
	return RC_OK;
}

/* The end of a run that is not the last.  Nothing of the task may be touched
 * after it has become IDLE. */
static void
rest(struct poll *p, struct task *t, uint32_t generation)
{
	if (change(t, generation, RUNNING, IDLE))
		return;
	atomic_store(&t->state, word(generation, QUEUED));
	ready_push(p, t);
}

/* Run a task that this worker has made RUNNING. */
static void
run(struct poll *p, struct task *t)
{
	uint32_t generation = generation_of(atomic_load(&t->state));
	unsigned wants = t->fn(t->arg);

	if (wants == POLL_DONE) {
		slot_give(p, t);
		return;
	}
	/* Changing a registered descriptor only fails when it was closed. */
	if (arm(p, t, wants) != RC_OK)
		log_errno(LOG_ERROR, "poll-failed", "epoll_ctl");
	rest(p, t, generation);
}

/* Make a run come, for a wake or a deadline. */
static void
wake(struct poll *p, struct task *t, uint32_t generation)
{
	for (;;) {
		uint64_t state = atomic_load(&t->state);

		if (generation_of(state) != generation)
			return;
		switch (phase_of(state)) {
		case IDLE:
			if (!change(t, generation, IDLE, QUEUED))
				continue;
			ready_push(p, t);
			return;
		case RUNNING:
			if (!change(t, generation, RUNNING, AGAIN))
				continue;
			return;
		case FREE:
		case QUEUED:
		case AGAIN:
			return;
		}
	}
}

/* An event of epoll came for the task: run it here if it is idle. */
static void
run_for_event(struct poll *p, struct task *t, uint32_t generation)
{
	atomic_store(&t->armed, 0);
	if (change(t, generation, IDLE, RUNNING))
		run(p, t);
	else
		wake(p, t, generation);
}

static void
run_ready(struct poll *p)
{
	struct task *t = ready_pop(p);
	bool queued;

	if (t == NULL)
		return;
	queued =
	    change(t, generation_of(atomic_load(&t->state)), QUEUED, RUNNING);
	assert(queued);
	(void)queued;
	run(p, t);
}

void
poll_timers_run(struct poll *p, uint64_t now_ms)
{
	struct timer_node *n;
	uint32_t generation;

	while (timer_take(&p->timer, now_ms, &n, &generation)) {
		char *node = (char *)n;
		struct task *t =
		    (struct task *)(void *)(node -
					    offsetof(struct task, timer));

		wake(p, t, generation);
	}
}

/* -- workers ----------------------------------------------------------- */

static void
dispatch(struct poll *p, uint64_t data)
{
	if (generation_of(data) != 0)
		run_for_event(
		    p, task_at(p, (uint32_t)data), generation_of(data));
	else if (data == EVENT_READY)
		run_ready(p);
	else
		poll_timers_run(p, clock_ms());
}

/* Wait for a ready task, run it, until there is no need of this worker.  One
 * event a wait: what is not taken is left for the others. */
static void
worker_run(void *arg)
{
	struct poll *p = arg;
	struct epoll_event event;
	int count, rest_ms;

	for (;;) {
		rest_ms = crew_rest(&p->crew);
		count = epoll_wait(p->epoll_fd, &event, 1, rest_ms);
		if (!crew_work(&p->crew, count != 0))
			break;
		if (count == 1)
			dispatch(p, event.data.u64);
	}
	/* When all have to stop, each sends the next one home.  Otherwise the
	 * others are left to rest: one that is woken for nothing takes itself
	 * to be at work and has another worker started. */
	if (poll_stopping(p))
		ready_signal(p);
}

/* How many workers should be able to run at once: one for each core. */
static unsigned
cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

/* -- the pool ---------------------------------------------------------- */

/* Edge-triggered: each write, or each time the timer fires, is told to one
 * worker, and nobody has to read. */
static bool
watch(struct poll *p, int fd, uint64_t data)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLET,
		.data.u64 = data,
	};

	return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
close_fds(struct poll *p)
{
	int *fds[] = { &p->epoll_fd, &p->ready_fd, &p->timer_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
		*fds[i] = -1;
	}
}

static void
open_fds(struct poll *p)
{
	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	p->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->timer_fd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->epoll_fd < 0 || p->ready_fd < 0 || p->timer_fd < 0 ||
	    !watch(p, p->ready_fd, EVENT_READY) ||
	    !watch(p, p->timer_fd, EVENT_TIMER)) {
		log_errno(LOG_ERROR, "poll-failed", "epoll");
		close_fds(p);
	}
}

struct poll *
poll_new(unsigned workers_max)
{
	struct poll *p = mem_alloc(sizeof(*p));

	open_fds(p);
	lock_init(&p->lock);
	crew_init(&p->crew, cores(), workers_max, worker_run, p);
	timer_init(&p->timer, p->timer_fd);
	p->free = NO_SLOT;
	p->ready_first = NO_SLOT;
	return p;
}

enum rc
poll_start(struct poll *p)
{
	return p->epoll_fd < 0 ? RC_IO : crew_start(&p->crew);
}

void
poll_stop(struct poll *p)
{
	atomic_store(&p->stopping, true);
	crew_stop(&p->crew);
	ready_signal(p);
	crew_join(&p->crew);
}

void
poll_free(struct poll *p)
{
	if (p == NULL)
		return;
	timer_fini(&p->timer);
	crew_fini(&p->crew);
	lock_fini(&p->lock);
	close_fds(p);
	for (size_t i = 0; i < CHUNKS_MAX; i++)
		mem_free(p->chunks[i]);
	mem_free(p);
}

enum rc
poll_add(struct poll *p, int fd, unsigned wants, uint64_t deadline_ms,
    poll_run_fn *fn, void *arg, struct poll_handle *ret_handle)
{
	struct task *t;
	uint32_t generation;
	enum rc rc;

	assert(wants != POLL_DONE);
	if (p->epoll_fd < 0)
		return RC_IO;
	t = slot_take(p);
	if (t == NULL)
		return RC_LIMIT;
	generation = generation_of(atomic_load(&t->state));
	t->fd = fd;
	t->registered = false;
	t->fn = fn;
	t->arg = arg;
	atomic_store(&t->armed, 0);
	timer_node_init(&t->timer, generation);
	atomic_fetch_add(&p->tasks, 1);
	*ret_handle = (struct poll_handle){ t->slot, generation };
	atomic_store(&t->state, word(generation, RUNNING));
	timer_want(&p->timer, &t->timer, deadline_ms);
	rc = arm(p, t, wants);
	if (rc == RC_OK)
		rest(p, t, generation);
	else
		slot_give(p, t);
	return rc;
}

/* The task that the handle names; it has to be the one that runs here. */
static struct task *
running(struct poll *p, struct poll_handle h)
{
	struct task *t = task_at(p, h.slot);
	uint64_t state;

	assert(t != NULL);
	state = atomic_load(&t->state);
	assert(generation_of(state) == h.generation);
	assert(phase_of(state) == RUNNING || phase_of(state) == AGAIN);
	(void)state;
	return t;
}

void
poll_deadline(struct poll *p, struct poll_handle h, uint64_t deadline_ms)
{
	timer_want(&p->timer, &running(p, h)->timer, deadline_ms);
}

void
poll_become(struct poll *p, struct poll_handle h, poll_run_fn *fn, void *arg)
{
	struct task *t = running(p, h);

	t->fn = fn;
	t->arg = arg;
}

void
poll_wake(struct poll *p, struct poll_handle h)
{
	struct task *t = task_at(p, h.slot);

	if (t != NULL)
		wake(p, t, h.generation);
}

bool
poll_stopping(const struct poll *p)
{
	return atomic_load(&p->stopping);
}

void
poll_waiter_add(struct poll *p)
{
	atomic_fetch_add(&p->waiters, 1);
}

void
poll_waiter_remove(struct poll *p)
{
	atomic_fetch_sub(&p->waiters, 1);
}

enum poll_crowd
poll_crowd(const struct poll *p)
{
	const unsigned kept_free = p->crew.max / WORKERS_KEPT_FREE_PART;
	unsigned waiters = atomic_load(&p->waiters);

	if (kept_free == 0 || waiters <= p->crew.max / 2)
		return POLL_CALM;
	return waiters <= p->crew.max - kept_free ? POLL_CROWDED : POLL_FULL;
}

unsigned
poll_tasks(const struct poll *p)
{
	return atomic_load(&p->tasks);
}

unsigned
poll_workers(const struct poll *p)
{
	return crew_count(&p->crew);
}
