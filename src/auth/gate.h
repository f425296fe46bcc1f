/* SPDX-License-Identifier: MIT
 *
 * A gate that lets a few through at once.  The others stand in line in front
 * of it, each without a thread: it is woken when its turn has come.  So the
 * gate bounds the memory and the cores that password hashing takes, and a
 * place in line costs no more than what waits there.
 *
 * There are three lines.  While others wait behind one, GATE_TURNS go to it for
 * each turn of theirs, and so among these again: whom nobody knows cannot keep
 * out who is familiar, however many there are, and whoever gets himself suspected
 * gets in others' way that much less; but everybody's turn comes.
 *
 * Two with the same key are not let in together, as the first may spare the
 * second its way: others behind them go first.  To keep this cheap, only the
 * first GATE_LOOK_AHEAD of a line are looked at; when all those would have to
 * wait the first goes in as if it had another key.
 *
 * How many can be in line is for the caller to bound.
 */
#ifndef AVOCET_AUTH_GATE_H
#define AVOCET_AUTH_GATE_H

#include "base/lock.h"

#include <stdbool.h>
#include <stdint.h>

#define GATE_TURNS	3
#define GATE_LOOK_AHEAD 64

/* The first goes first. */
enum gate_line { GATE_FAMILIAR, GATE_COMMON, GATE_SUSPECT, GATE_LINES };

enum gate_where { GATE_OUTSIDE, GATE_WAITING, GATE_INSIDE };

/* Who wants to go through: part of something of the caller's, which sets the
 * first three before it comes, and leaves the rest zero. */
struct gate_place {
	uint64_t key;
	/* Its turn has come.  Called on whichever thread made room, with the
	 * gate's lock held: must not wait, nor use the gate. */
	void (*wake)(void *arg);
	void *arg;
	/* The gate's, under its lock: */
	enum gate_where where;
	enum gate_line line; /* where it waits, or waited */
	struct gate_place *next;
	struct gate_place *prev;
};

struct gate_list {
	struct gate_place *first;
	struct gate_place *last;
};

struct gate {
	struct lock lock;
	/* Under the lock: */
	unsigned room; /* how many more may go in */
	/* In a row, while somebody waited behind the line. */
	unsigned turns[GATE_LINES];
	struct gate_list inside;
	struct gate_list lines[GATE_LINES];
};

/* ${inside_max} is at least 1. */
void gate_init(struct gate *g, unsigned inside_max);

/* Nobody is inside or in line any more. */
void gate_fini(struct gate *g);

/* None of the functions below waits; they may be called from many threads. */

/* Go in, or stand in ${line}.  True: it is inside, maybe since it was woken.
 * One that has been in another line moves to the end of this one, also when
 * it was inside already. */
bool gate_enter(struct gate *g, struct gate_place *p, enum gate_line line);

/* Does it stand in line?  False for one whose turn has come. */
bool gate_waits(struct gate *g, const struct gate_place *p);

/* Out of the gate or of the line, wherever it is; it is not woken after
 * this. */
void gate_leave(struct gate *g, struct gate_place *p);

#endif
