/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool of cxl-fabricd and two hosts (hw/cxl/core/fabric-wire.h): one block
 * of memory, of a region that is sharable or not. Managers add it, ask for it
 * and take it by force; guests accept, decline and release; connections end
 * with what is in them; hosts die and come again; the pool dies and reads its
 * journal. So many of these EVENTS may come, each at any moment. Whatever their
 * order:
 *
 * - two hosts have the block mapped only if it is sharable;
 * - the pool does not wipe a block, or offer it to one more, as long as a
 *   living host may access it without sharing it;
 * - its accounts are those of cxl_fabric_check();
 * - neither finds wrong what the other says, so no connection ends by itself;
 * - when all is quiet the block is free, on offer to a head that is nobody's, or
 *   had by exactly the hosts that the accounts name, who are attached, and
 *   nothing is under way;
 * - it becomes quiet, if whoever can always do something does it once.
 *
 * Left out: the numbers of messages (a channel keeps their order, and a RESULT
 * says what it is about), lists in parts, extents and tags, references of
 * managers, regions that are set up anew, memory devices that are unplugged,
 * wiping that fails, PING, and a REFUSED because the pool has not read the end
 * of the connection before: here a host comes again when it has. HELLO is one
 * message with its HOLDS. An ASK changes nothing, for guests release what they
 * like; it is said at once, and not again behind WELCOME. What is kept is what
 * the journal says when it is read: fabric-log.h says why a replay gives that.
 *
 * BREAK_DONE:   the pool does not wait for DONE.
 * BREAK_HOLDS:  a host that attaches again does not tell what it holds.
 * BREAK_TWICE:  a RELEASE is taken twice.
 * BREAK_SETTLE: a host does not wait for its stores.
 * BREAK_KEEP:   the pool says what it has not kept.
 * BREAK_OFFER:  it makes an offer before the last take-back is done.
 * BREAK_MAPPED: it forgets when it dies what hosts have mapped.
 * BREAK_AGAIN:  a host says RELEASE of what was taken back meanwhile.
 * BREAK_TURN:   the pool takes nothing back while a host waits for an answer.
 *
 * live: EVENTS=3
 */
#define HOSTS   2
#define ROOM    3               /* messages in a channel */
#define OFFERS  2               /* of a host that it has not answered */
#ifndef EVENTS
#define EVENTS  6               /* of those that nobody has to expect */
#endif

/* From a host: HELLO without and with HOLDS, ANSWER of nothing and of all */
#define HELLO           1
#define HELLO_HOLDS     2
#define ANSWER_NO       3
#define ANSWER_YES      4
#define RELEASE         5
#define DONE            6
/* From the pool: an offer of which nothing is left is EMPTY; RESULTs */
#define WELCOME         7
#define OFFER           8
#define OFFER_EMPTY     9
#define ANSWER_TAKEN    10
#define ANSWER_REFUSED  11
#define RELEASE_DONE    12      /* taken, or refused for good */
#define ASK             13
#define TAKE_BACK       14

chan to_pool[HOSTS] = [ROOM] of { byte };
chan to_host[HOSTS] = [ROOM] of { byte };

/* Who still has the other end may read what is in it, or not. */
#define CLOSED      0
#define OPEN        1
#define HOST_LEFT   2
#define POOL_LEFT   3
byte line[HOSTS];

byte events = EVENTS;           /* that are still to come */
bool shared;

/* What is true, whatever anybody thinks */
#define NO          0
#define MAPPED      1
#define SETTLING    2           /* unmapped, and a store is under way */
byte mem[HOSTS];
bool alive[HOSTS];

/* The pool: the block (CxlDcState; RETURNING is OWNED), and each host */
#define FREE        0
#define OFFERED     1
#define OWNED       2
#define SHARED      3
#define SANITIZING  4
#define LEAVING     5
#define NONE        0           /* of a view; or OFFERED, OWNED */
byte state;
byte view[HOSTS];
bool mapped[HOSTS];             /* the host may access it */
bool seat[HOSTS];               /* the head is somebody's */
#ifdef BREAK_KEEP
byte kept_state, kept_view[HOSTS];
bool kept_mapped[HOSTS], kept_seat[HOSTS];
#endif
/* ... and as long as there is a connection: */
bool link[HOSTS];
bool leaving[HOSTS], told[HOSTS];
/* Offers, and how many of them were made; the last has what is on offer */
byte groups[HOSTS], open[HOSTS];
bool again[HOSTS];              /* only if broken */

/* A host (borrower-parts.h) */
#define AWAY        0
#define GREETING    1
#define ATTACHED    2
byte has[HOSTS];                /* connection */
bool gone[HOSTS], sent[HOSTS];  /* released; and said so */
bool done[HOSTS];               /* a take-back is, and not said */
bool waits[HOSTS];              /* for the RESULT of an ANSWER */
/* Its offers, the oldest first */
#define UNDECIDED   1
#define WITHDRAWN   2           /* undecided, and nothing is left of it */
#define DECLINED    3
#define WANTED      4
#define WANTED_GONE 5           /* the same, and it was taken back */
byte first[HOSTS], second[HOSTS];

inline drain(channel)
{
    do
    :: nempty(channel) -> channel?_
    :: empty(channel) -> break
    od
}

/* The pool */

/* One that has more to say than it can send does not listen. */
#define TALKS(h) (line[h] == HOST_LEFT || \
                  (line[h] == OPEN && nfull(to_host[h])))

inline say(h, message)
{
    if
    :: line[h] == OPEN -> to_host[h]!message
    :: else
    fi
}

#ifdef BREAK_KEEP
inline keep()
{
    kept_state = state;
    kept_view[0] = view[0]; kept_view[1] = view[1];
    kept_mapped[0] = mapped[0]; kept_mapped[1] = mapped[1];
    kept_seat[0] = seat[0]; kept_seat[1] = seat[1]
}

inline remember(h)
{
    view[h] = kept_view[h];
    mapped[h] = kept_mapped[h];
    seat[h] = kept_seat[h]
}
#endif

/* A change has been made: it is in the journal before anybody hears of it. */
inline settle()
{
#ifdef BREAK_KEEP
    if
    :: keep()
    :: skip
    fi;
#endif
    assert(shared || view[0] == NONE || view[1] == NONE);
    assert(shared || view[0] == NONE || state == view[0]);
    assert(shared || view[1] == NONE || state == view[1]);
    assert(state != OFFERED || view[0] == OFFERED || view[1] == OFFERED);
    assert(state != OWNED || view[0] == OWNED || view[1] == OWNED);
    assert((state == SHARED) ==
           (shared && (view[0] != NONE || view[1] != NONE)));
    assert(view[0] != OWNED || (mapped[0] && seat[0]));
    assert(view[1] != OWNED || (mapped[1] && seat[1]));
    assert(!mapped[0] || seat[0]);
    assert(!mapped[1] || seat[1]);
    assert((state != FREE && state != OFFERED && state != SANITIZING) ||
           (!mapped[0] && !mapped[1]));
    assert(state != LEAVING || mapped[0] || mapped[1]);
    assert(state != OWNED || ((!mapped[0] || view[0] == OWNED) &&
                              (!mapped[1] || view[1] == OWNED)))
}

/* cxl_dcd_pool_left() */
inline left()
{
    if
    :: state == LEAVING && !mapped[0] && !mapped[1] -> state = SANITIZING
    :: else
    fi
}

/* cxl_dcd_pool_return(), behind what the watch's lost() does */
inline let_go(h)
{
    view[h] = NONE;
    if
    :: view[1 - h] == NONE ->
#ifdef BREAK_DONE
        state = SANITIZING
#else
        state = (mapped[0] || mapped[1] -> LEAVING : SANITIZING)
#endif
    :: else
    fi
}

/* Who gives it back has unmapped it. */
inline give_back(h)
{
    mapped[h] = false;
    let_go(h)
}

inline attach(h, holds)
{
    assert(!holds || (state != OFFERED &&
                      (state != OWNED || view[h] == OWNED)));
    if
    :: view[h] == OWNED && !holds -> give_back(h)
    :: else
    fi;
    seat[h] = true;
    mapped[h] = holds;
    left();
    if
    :: holds && (state == FREE || state == SANITIZING) -> state = LEAVING
    :: else
    fi;
    told[h] = false;
    leaving[h] = mapped[h] && view[h] != OWNED;
    groups[h] = (view[h] == OFFERED -> 1 : 0);
    open[h] = 0;
    link[h] = true;
    settle();
    say(h, WELCOME)
}

inline release(h)
{
    if
    :: view[h] == OWNED -> give_back(h); settle()
    :: else
    fi
}

inline take(h, m)
{
    to_pool[h]?m;
    if
    :: m == HELLO -> attach(h, false)
    :: m == HELLO_HOLDS -> attach(h, true)
    :: m == ANSWER_YES ->
        assert(link[h] && open[h]);
        if
        :: groups[h] == 1 && view[h] == OFFERED ->
            view[h] = OWNED;
            mapped[h] = true;
            state = (shared -> SHARED : OWNED);
            groups[h]--;
            open[h]--;
            settle();
            say(h, ANSWER_TAKEN)
        :: else -> say(h, ANSWER_REFUSED)
        fi
    :: m == ANSWER_NO ->
        assert(link[h] && open[h]);
        if
        :: groups[h] == 1 && view[h] == OFFERED -> give_back(h)
        :: else
        fi;
        groups[h]--;
        open[h]--;
        settle();
        say(h, ANSWER_TAKEN)
    :: m == RELEASE ->
        assert(link[h]);
        release(h);
#ifdef BREAK_TWICE
        again[h] = true;
#endif
        say(h, RELEASE_DONE)
    :: m == DONE ->
        assert(link[h] && told[h]);
        told[h] = false;
        mapped[h] = false;
        left();
        settle()
    fi;
    m = 0
}

inline detach(h)
{
    link[h] = false;
    leaving[h] = false;
    told[h] = false;
    open[h] = 0
}

/* cxl_fabric_died() */
inline died(h)
{
    mapped[h] = false;
    if
    :: view[h] != NONE -> give_back(h)
    :: else
    fi;
    left();
    groups[h] = 0;
    seat[h] = false;
    again[h] = false;
    detach(h);
    drain(to_pool[h]);
    line[h] = CLOSED;
    settle()
}

inline forget(h)
{
#ifdef BREAK_KEEP
    remember(h);
#endif
#ifdef BREAK_MAPPED
    mapped[h] = view[h] == OWNED;
    left();
#endif
    groups[h] = (view[h] == OFFERED -> 1 : 0);
    again[h] = false;
    detach(h);
    drain(to_pool[h]);
    if
    :: line[h] == OPEN -> line[h] = POOL_LEFT
    :: line[h] == HOST_LEFT -> line[h] = CLOSED
    :: else
    fi
}

#ifdef BREAK_OFFER
#define MAY_OFFER(h) true
#else
#define MAY_OFFER(h) (!leaving[h] && !told[h])
#endif

/* What the pool does about a head; each step is one of its main loop. */
proctype head(byte h)
{
    byte m;

end:
    do
    :: atomic { TALKS(h) && nempty(to_pool[h]) -> take(h, m) }
    :: atomic { line[h] == HOST_LEFT ->
           detach(h); drain(to_pool[h]); line[h] = CLOSED }
    :: atomic { !alive[h] && seat[h] -> died(h) }
    /* Managers: add it, ask for it, take it by force */
    :: atomic { events && groups[h] < OFFERS && (state == FREE ||
                (state == SHARED && view[h] == NONE)) -> events--;
           assert(state == SHARED || (mem[0] == NO && mem[1] == NO));
           view[h] = OFFERED;
           state = (shared -> SHARED : OFFERED);
           groups[h]++;
           settle() }
    :: atomic { events && view[h] == OWNED && link[h] && TALKS(h) -> events--;
           say(h, ASK) }
    :: atomic { events && view[h] != NONE -> events--;
           leaving[h] = link[h]; let_go(h); settle() }
#ifdef BREAK_TWICE
    :: atomic { again[h] -> again[h] = false; release(h) }
#endif
    od
}

#ifdef BREAK_TURN
#define ITS_TURN(h) (!waits[h])
#else
#define ITS_TURN(h) true
#endif

/* What it has to say, whatever it hears: cxl_fabric_link_fill() */
proctype fill(byte h)
{
end:
    do
    :: atomic { link[h] && TALKS(h) && leaving[h] && !told[h] &&
                ITS_TURN(h) ->
           leaving[h] = false; told[h] = true; say(h, TAKE_BACK) }
    :: atomic { link[h] && TALKS(h) && open[h] < groups[h] && MAY_OFFER(h) ->
           open[h]++;
           if
           :: open[h] == groups[h] && view[h] == OFFERED ->
               assert(mem[h] == NO && (shared || mem[1 - h] == NO));
               say(h, OFFER)
           :: else -> say(h, OFFER_EMPTY)
           fi }
    od
}

/* ... and of its own accord */
proctype pool()
{
end:
    do
    :: atomic { state == SANITIZING ->
           assert(mem[0] == NO && mem[1] == NO); state = FREE }
    /* It dies, and reads its journal, which knows of no wiping. */
    :: atomic { events -> events--;
#ifdef BREAK_KEEP
           state = kept_state;
#endif
           state = (state == FREE -> SANITIZING : state);
           forget(0);
           forget(1) }
    od
}

/* A host */

/* cxl_borrower_lost() */
inline lost(h, now)
{
    drain(to_host[h]);
    has[h] = AWAY;
    first[h] = 0;
    second[h] = 0;
    sent[h] = false;
    done[h] = false;
    waits[h] = false;
    line[h] = now
}

/* The device is offered what it neither has nor was offered. */
inline offered(h, offer)
{
    assert(!second[h]);
    if
    :: !first[h] -> first[h] = offer
    :: else -> second[h] = offer
    fi
}

inline answered(h)
{
    assert(waits[h] && first[h] != WANTED_GONE);
    waits[h] = false;
    if
    :: first[h] == WANTED ->
        assert(mem[h] == NO && (shared || mem[1 - h] == NO));
        mem[h] = MAPPED
    :: else
    fi;
    first[h] = second[h];
    second[h] = 0
}

inline withdraw(offer)
{
    if
    :: offer == UNDECIDED -> offer = WITHDRAWN
    :: offer == WANTED -> offer = WANTED_GONE
    :: else
    fi
}

inline hear(h, m)
{
    to_host[h]?m;
    assert(has[h] == (m == WELCOME -> GREETING : ATTACHED));
    if
    :: m == WELCOME -> has[h] = ATTACHED
    :: m == OFFER ->
        assert(!gone[h] && mem[h] != MAPPED && first[h] != UNDECIDED &&
               first[h] != WANTED);
        offered(h, UNDECIDED)
    :: m == OFFER_EMPTY -> offered(h, DECLINED)
    :: m == ANSWER_TAKEN -> answered(h)
    :: m == ANSWER_REFUSED ->
        assert(waits[h] && (first[h] == WANTED || first[h] == WANTED_GONE));
        waits[h] = false;
        first[h] = (first[h] == WANTED -> UNDECIDED : WITHDRAWN)
    :: m == RELEASE_DONE ->
        assert(sent[h]);
        sent[h] = false;
        gone[h] = false
    :: m == ASK -> skip         /* the guest may release it at any time */
    :: m == TAKE_BACK ->
        assert(!done[h]);
        done[h] = true;
#ifndef BREAK_AGAIN
        gone[h] = false;
#endif
        if
        :: mem[h] == MAPPED -> mem[h] = SETTLING
        :: else
        fi;
        withdraw(first[h]);
        withdraw(second[h])
    fi;
    m = 0
}

inline decide(offer)
{
    if
    :: offer == UNDECIDED -> offer = WANTED
    :: offer == UNDECIDED -> offer = DECLINED
    :: offer == WITHDRAWN -> offer = DECLINED
    fi
}

#ifdef BREAK_SETTLE
#define SETTLED(h) true
#else
#define SETTLED(h) (mem[h] != SETTLING)
#endif
#define CAN_SAY(h) (has[h] == ATTACHED && line[h] == OPEN && nfull(to_pool[h]))
#define IS_OPEN(offer) (offer == UNDECIDED || offer == WITHDRAWN)

proctype host(byte h)
{
    byte m;

end:
    do
    :: atomic { alive[h] && has[h] == AWAY && line[h] == CLOSED &&
                SETTLED(h) ->
           has[h] = GREETING;
           line[h] = OPEN;
           gone[h] = false;
           if
#ifndef BREAK_HOLDS
           :: mem[h] == MAPPED -> to_pool[h]!HELLO_HOLDS
#endif
           :: else -> to_pool[h]!HELLO
           fi }
    :: atomic { (line[h] == OPEN || line[h] == POOL_LEFT) &&
                nempty(to_host[h]) -> hear(h, m) }
    :: atomic { line[h] == POOL_LEFT -> lost(h, CLOSED) }
    /* It gives up: the pool does not answer. */
    :: atomic { events && line[h] == OPEN -> events--; lost(h, HOST_LEFT) }
    /* The guest */
    :: atomic { IS_OPEN(first[h]) -> decide(first[h]) }
    :: atomic { first[h] == DECLINED && IS_OPEN(second[h]) ->
           decide(second[h]) }
    :: atomic { events && mem[h] == MAPPED -> events--;
           mem[h] = SETTLING; gone[h] = true }
    :: atomic { mem[h] == SETTLING -> mem[h] = NO }
    /* What it has to say: borrower-send.c, compose() */
    :: atomic { CAN_SAY(h) && !waits[h] && first[h] == WANTED ->
           waits[h] = true; to_pool[h]!ANSWER_YES }
    :: atomic { CAN_SAY(h) && !waits[h] && first[h] == WANTED_GONE ->
           waits[h] = true; to_pool[h]!ANSWER_YES }
    :: atomic { CAN_SAY(h) && !waits[h] && first[h] == DECLINED ->
           waits[h] = true; to_pool[h]!ANSWER_NO }
    :: atomic { CAN_SAY(h) && done[h] && SETTLED(h) ->
           done[h] = false; to_pool[h]!DONE }
    :: atomic { CAN_SAY(h) && gone[h] && !sent[h] && !done[h] && SETTLED(h) ->
           sent[h] = true; to_pool[h]!RELEASE }
    /* The process ends; another one gets the head when the pool knows. */
    :: atomic { events && alive[h] -> events--;
           alive[h] = false;
           mem[h] = NO;
           gone[h] = false;
           lost(h, (line[h] == OPEN || line[h] == HOST_LEFT ->
                    HOST_LEFT : CLOSED)) }
    :: atomic { events && !alive[h] && !seat[h] && line[h] == CLOSED ->
           events--;
           alive[h] = true }
    od
}

inline check(h)
{
    assert(line[h] == (alive[h] -> OPEN : CLOSED));
    assert(link[h] == alive[h] && seat[h] == alive[h]);
    assert(empty(to_pool[h]) && empty(to_host[h]));
    assert(!leaving[h] && !told[h]);
    assert(!gone[h] && !sent[h] && !done[h] && !waits[h] && !first[h]);
    assert(mem[h] == (view[h] == OWNED -> MAPPED : NO));
    assert(mapped[h] == (view[h] == OWNED));
    assert(view[h] != OFFERED || !alive[h])
}

init {
    atomic {
        if
        :: shared = true
        :: skip
        fi;
        alive[0] = true;
        alive[1] = true;
        run pool(); run head(0); run head(1); run fill(0); run fill(1);
        run host(0); run host(1)
    };
    events = 0;
    (timeout);
    check(0);
    check(1);
    assert((state == FREE) == (view[0] == NONE && view[1] == NONE));
    assert(state != SANITIZING && state != LEAVING)
}
