/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that workers keep: a worker uses one while it has something open
 * and the epoch is that of the translation; one that it lacks is asked for under
 * the big lock, while it has nothing open.  An I/O MMU that is told of a change
 * raises the epoch, waits for what is open, then does as it was told and
 * answers, all of it under the big lock.  After the answer, nothing is written
 * by a translation of before.
 *
 * BREAK_WAIT:  the I/O MMU does not wait for what is open.
 * BREAK_LOCK:  a translation is asked for without the big lock.
 * BREAK_NOTE:  the epoch of a translation is looked at after the lock was given
 *              back.
 * BREAK_AFTER: the I/O MMU does as it was told before it raises the epoch, and
 *              answers before, too.
 */
#define WORKERS 2

byte epoch;
bool mapped = true;             /* what the tables of the I/O MMU say */
bool answered;                  /* ... and software knows that they do */
bool busy[WORKERS];
bool lock;

#ifdef BREAK_LOCK
#define TAKE skip
#define GIVE skip
#else
#define TAKE atomic { !lock -> lock = true }
#define GIVE lock = false
#endif

proctype worker(byte me)
{
    byte made = 255;            /* epoch of the translation */
    bool pointer;
    byte chunks;

    for (chunks : 1 .. 4) {
        busy[me] = true;
        if
        :: atomic { made == epoch && pointer -> skip };
           assert(!answered)    /* one chunk is written */
        :: atomic { made != epoch || !pointer -> skip };
           busy[me] = false;
           TAKE;
#ifndef BREAK_NOTE
           made = epoch;
#endif
           pointer = mapped;
           GIVE;
#ifdef BREAK_NOTE
           made = epoch;
#endif
        fi;
        busy[me] = false
    }
}

inline settle()
{
    epoch++;
#ifndef BREAK_WAIT
    for (i : 0 .. WORKERS - 1) {
        !busy[i]
    }
#endif
}

proctype iommu()
{
    byte i;

    atomic { !lock -> lock = true };
#ifndef BREAK_AFTER
    settle();
#endif
    mapped = false;
    answered = true;
#ifdef BREAK_AFTER
    settle();
#endif
    lock = false
}

init {
    atomic { run worker(0); run worker(1); run iommu() }
}
