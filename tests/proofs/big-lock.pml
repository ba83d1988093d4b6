/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hand-over of the big lock (hw/dma/sdxi/owner.c): a worker owns the core and
 * needs a brief access under the big lock; the main loop holds that lock and
 * wants the core; a bottom half serves what is queued. Whatever the order, each
 * gets what it wants: nobody waits for ever, and an access is done once.
 *
 * BREAK_SERVE: who waits for the core does not serve.
 * BREAK_OWNER: two may own the core.
 * BREAK_LOST:  the bottom half is scheduled before the access is queued.
 */
#define NOBODY 0

byte lock = NOBODY;             /* the big lock's holder */
byte owner = NOBODY;            /* of the core */
bool queued, served, scheduled;
byte accesses, turns, entered;

inline take_lock(me)
{
    atomic { lock == NOBODY -> lock = me }
}

inline serve()
{
    atomic { queued -> queued = false };
    accesses++;
    served = true
}

/* what the core is like while somebody owns it */
inline own(me)
{
#ifndef BREAK_OWNER
    atomic { owner == NOBODY -> owner = me }
#else
    owner == NOBODY -> owner = me
#endif
}

proctype worker()
{
    byte i;

    for (i : 1 .. 2) {
        own(2);
        assert(owner == 2);
        served = false;
#ifdef BREAK_LOST
        scheduled = true;
        queued = true;
#else
        queued = true;
        scheduled = true;
#endif
        served;
        turns++;
        assert(owner == 2);
        owner = NOBODY
    }
}

/* of the main loop, between other things that it does */
proctype bottom_half()
{
    do
    :: atomic { scheduled && lock == NOBODY -> lock = 3; scheduled = false };
        if
        :: atomic { queued -> skip }; serve()
        :: !queued
        fi;
        lock = NOBODY
    :: atomic { turns == 2 && !scheduled -> break }
    od
}

/* stop, reset, save, unplug: holds the lock until it owns the core */
proctype enterer()
{
    take_lock(4);
    do
    :: atomic { owner == NOBODY -> owner = 4; break }
#ifndef BREAK_SERVE
    :: atomic { owner == 2 && queued -> skip }; serve()
#endif
    od;
    assert(owner == 4);
    entered++;
    assert(owner == 4);
    owner = NOBODY;
    lock = NOBODY
}

init {
    atomic { run worker(); run bottom_half(); run enterer() };
    (_nr_pr == 1);
    assert(turns == 2 && accesses == 2 && entered == 1)
}
