/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that workers keep: a worker uses one while it has something open
 * and the epoch is that of the translation; one that it lacks is asked for under
 * the big lock, while it has nothing open.  An I/O MMU that is told of a change
 * raises the epoch, waits for what is open, then does as it was told and
 * answers, all of it under the big lock.  After the answer, nothing is written
 * by a translation of before.
 *
 * Which page a change is about is in a log, so that translations of others stay
 * for the next epoch.  The log has room for two; a worker that comes later lets
 * go of all it has.  While it reads, one more may be added: who adds waits for
 * what is open.
 *
 * BREAK_WAIT:  the I/O MMU does not wait for what is open.
 * BREAK_LOCK:  a translation is asked for without the big lock.
 * BREAK_NOTE:  the epoch of a translation is looked at after the lock was given
 *              back.
 * BREAK_AFTER: the I/O MMU does as it was told before it raises the epoch, and
 *              answers before, too.
 * BREAK_LOG:   it raises the epoch before it writes the log.
 * BREAK_LAP:   a worker does not look whether the log goes back far enough.
 */
#define WORKERS 2

byte epoch;
bool mapped = true;             /* what the tables of the I/O MMU say */
bool answered;                  /* ... and software knows that they do */
bool busy[WORKERS];
bool lock;
#define LOG 2
bool log_of_page[LOG];          /* of this page, or of another one */

#ifdef BREAK_LOCK
#define TAKE skip
#define GIVE skip
#else
#define TAKE atomic { !lock -> lock = true }
#define GIVE lock = false
#endif

proctype worker(byte me)
{
    byte made;                  /* epoch of the translation */
    byte now, at;
    bool pointer;
    byte chunks;

    for (chunks : 1 .. 4) {
        busy[me] = true;
        now = epoch;
        if
        :: !pointer -> skip
#ifndef BREAK_LAP
        :: pointer && now - made >= LOG -> pointer = false
#endif
        :: else ->
           at = made;
           do
           :: at != now ->
              at++;
              pointer = pointer && !log_of_page[at % LOG]
           :: else -> break
           od
        fi;
        made = now;
        if
        :: pointer ->
           assert(!answered)    /* one chunk is written */
        :: else ->
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

inline settle(page)
{
#ifdef BREAK_LOG
    epoch++;
    log_of_page[epoch % LOG] = page;
#else
    log_of_page[(epoch + 1) % LOG] = page;
    epoch++;
#endif
#ifndef BREAK_WAIT
    for (i : 0 .. WORKERS - 1) {
        !busy[i]
    }
#endif
}

proctype iommu()
{
    byte i, before, others;

    select(before : 0 .. 2);
    for (others : 0 .. 3) {
        atomic { !lock -> lock = true };
        if
        :: others == before ->
#ifndef BREAK_AFTER
           settle(true);
#endif
           mapped = false;
           answered = true;
#ifdef BREAK_AFTER
           settle(true);
#endif
        :: else -> settle(false)
        fi;
        lock = false
    }
}

init {
    atomic { run worker(0); run worker(1); run iommu() }
}
