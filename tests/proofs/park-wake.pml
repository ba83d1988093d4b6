/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parking and waking of SDXI workers (hw/dma/sdxi/worker.c): two workers that
 * look for work and doze, asleep or looking, and two kicks from other threads. Whatever the
 * order, work that was posted is done, and nobody sleeps beside it.
 *
 * BREAK_ORDER: a worker looks before it says that it dozes.
 * BREAK_RESET: it resets its event after it has looked.
 * BREAK_PASS:  one that was woken and has a job does not wake another.
 */
#define WORKERS 2
#define KICKS   2

byte work;                      /* posted and not taken */
byte done;
byte kicked;
bool dozing[WORKERS];
bool wake[WORKERS];             /* the event */
bool busy[WORKERS];             /* has a job: does not look until it is over */

inline wake_one()
{
    /* exchange, so that a doze is ended by one kick only */
    if
    :: atomic { dozing[0] -> dozing[0] = false }; wake[0] = true
    :: atomic { !dozing[0] && dozing[1] -> dozing[1] = false }; wake[1] = true
    :: atomic { !dozing[0] && !dozing[1] -> skip }
    fi
}

proctype kicker()
{
    work++;
    wake_one();
    kicked++
}

proctype worker(byte me)
{
    bool got, was;

    do
    ::
#ifndef BREAK_RESET
        wake[me] = false;
#endif
#ifndef BREAK_ORDER
        dozing[me] = true;
#endif
        atomic { got = work > 0; if :: got -> work-- :: else fi };
#ifdef BREAK_ORDER
        dozing[me] = true;
#endif
#ifdef BREAK_RESET
        wake[me] = false;
#endif
        if
        :: got ->
            /* a job: whoever woke this worker did so for something else */
            atomic { was = dozing[me]; dozing[me] = false };
#ifndef BREAK_PASS
            if
            :: !was -> wake_one()
            :: else
            fi;
#endif
            busy[me] = true;
            /* as long as the other piece of work waits: somebody must come */
            work == 0;
            done++;
            busy[me] = false
        :: else ->
            if
            :: skip ->
                /* looks busily; what it sees is earlier than the event */
end_poll:       !dozing[me]
            :: skip ->
end_sleep:      wake[me]
            fi
        fi
    od
}

init {
    atomic { run worker(0); run worker(1); run kicker(); run kicker() };
    /* everybody sleeps or works, nothing is left over */
    (kicked == KICKS && timeout);
    assert(work == 0 && done == KICKS)
}
