/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What SDXI workers park (hw/dma/sdxi/worker.c): a context that waits for memory
 * is parked, and tried again in a quantum that is fresh. Two workers have it and
 * others to run, each in a job; one kick says that the memory is there. Whatever
 * the order, the context is tried again after that.
 *
 * BREAK_COUNT: nobody counts kicks: who was woken before a job forgets it.
 * BREAK_JOB:   a job that a kick came into parks like any other.
 */
#define WORKERS 2
#define OTHERS  2               /* contexts that need nothing */

bool memory;                    /* is there */
bool parked;
byte ready = 1;                 /* the context, if it is not parked */
byte others = OTHERS;
bool done;
byte kicks, tried;
bool dozing[WORKERS];
bool wake[WORKERS];             /* the event */

inline wake_one()
{
    if
    :: atomic { dozing[0] -> dozing[0] = false }; wake[0] = true
    :: atomic { !dozing[0] && dozing[1] -> dozing[1] = false }; wake[1] = true
    :: atomic { !dozing[0] && !dozing[1] -> skip }
    fi
}

proctype kicker()
{
    memory = true;
    kicks++;
    wake_one()
}

/* As owner: what is parked, if it is to be looked at, and a context */
inline pick()
{
    atomic {
        seen = kicks;
#ifndef BREAK_COUNT
        fresh = fresh || seen != tried;
#endif
        if
        :: fresh -> tried = seen; ready = ready + parked; parked = false
        :: else
        fi;
        if
        :: ready -> ready--; has = 1
        :: others -> others--; has = 2
        :: !ready && !others -> has = 0
        fi
    }
}

/* What it finds is put back as owner, some time after. */
inline job()
{
    waits = has == 1 && !memory;
    done = done || (has == 1 && !waits);
    atomic {
        parked = parked || waits;
#ifndef BREAK_JOB
        if
        :: kicks != seen -> tried = seen
        :: else
        fi
#endif
    }
}

proctype worker(byte me)
{
    bool fresh = true, was, waits;
    byte has, seen;

    do
    ::
        wake[me] = false;
        atomic { was = dozing[me]; dozing[me] = true };
        fresh = fresh || !was;
        pick();
        if
        :: has ->
            atomic { was = dozing[me]; dozing[me] = false };
            if
            :: !was -> wake_one()
            :: else
            fi;
            job();
            dozing[me] = true;
            fresh = false
        :: else ->
            fresh = true;
end_sleep:  wake[me]
        fi
    od
}

init {
    atomic { run worker(0); run worker(1); run kicker() };
    (timeout);
    assert(done)
}
