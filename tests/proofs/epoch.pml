/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidation of looked-up addresses: workers write through pointers that
 * they looked up before; a change of the map (a translation that is taken
 * back, memory that is unplugged, bus mastering off) ends with a commit that
 * raises the epoch and waits until each worker has closed what it had open.
 * After the commit has returned, nothing is written by a pointer of before.
 *
 * BREAK_WAIT:  the commit does not wait.
 * BREAK_ORDER: a worker looks at the epoch before it opens.
 * BREAK_RAISE: the commit waits first and raises then.
 */
#define WORKERS 2

byte epoch;
bool mapped = true;             /* the map as it is */
bool committed;                 /* ... and the guest has its answer */
bool busy[WORKERS];

proctype worker(byte me)
{
    byte seen = 255;            /* when the pointer was looked up */
    bool pointer;
    byte chunks;

    for (chunks : 1 .. 3) {
#ifndef BREAK_ORDER
        busy[me] = true;
        if
        :: atomic { seen != epoch -> seen = epoch }; pointer = mapped
        :: atomic { seen == epoch -> skip }
        fi;
#else
        if
        :: atomic { seen != epoch -> seen = epoch }; pointer = mapped
        :: atomic { seen == epoch -> skip }
        fi;
        busy[me] = true;
#endif
        if
        :: pointer -> assert(!committed) /* one chunk is written */
        :: else
        fi;
        busy[me] = false
    }
}

proctype change()
{
    byte i;

    mapped = false;
#ifndef BREAK_RAISE
    epoch++;
#endif
#ifndef BREAK_WAIT
    for (i : 0 .. WORKERS - 1) {
        !busy[i]
    }
#endif
#ifdef BREAK_RAISE
    epoch++;
#endif
    committed = true
}

init {
    atomic { run worker(0); run worker(1); run change() }
}
