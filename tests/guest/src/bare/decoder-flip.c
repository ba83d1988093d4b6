/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoders flip while other processors use the memory behind them: no access
 * may go through a mapping that a register write took away, and no byte may
 * be lost or be where it does not belong.
 *
 * The machine is that of bare-cxl.h.  The first processor flips between all
 * states, the others load and store, and compare with a model of both devices.
 * Whatever overlaps a flip may happen before or after it; whatever begins
 * after the register write has to see its effect.
 */
#include "bare-cxl.h"

#define SLOTS       32
#define ONES        (~0ull)

/* count << 8 | state; an odd count while registers are written */
static volatile uint32_t now;
static volatile bool done, failed;

/* What a slot may hold: one value, or any of some after unclear stores */
typedef struct Slot {
    uint64_t value[6];
    unsigned values;
} Slot;

typedef struct Hammer {
    uint64_t base;          /* DPA of its area in both devices */
    Slot slot[2][SLOTS];
    uint64_t next;          /* value to store */
    uint32_t rng;
    volatile unsigned clear, unclear, late;
} Hammer;

static Hammer hammer[8];

/* The ways in which memory goes away; all of them leave nothing mapped. */
static void take_away(unsigned how)
{
    if (how == 0) {
        release(bridge);
    }
    for (unsigned i = 0; i < devices; i++) {
        if (how == 1) {
            enable_mem(&dev[i], false);
        } else if (how == 2) {
            write32(dev[i].hdm + 4, 0);
        } else if (how == 3) {
            release(dev[i].hdm);
        }
    }
}

static void publish(unsigned state, bool changing)
{
    uint32_t count = (now >> 8) + 1;

    if ((count & 1) != changing) {
        count++;
    }
    __atomic_store_n(&now, count << 8 | state, __ATOMIC_SEQ_CST);
}

static void rest(uint32_t *rng)
{
    for (unsigned n = random32(rng) % 200000; n; n--) {
        __asm__ volatile("");
    }
    /* Where all processors are one thread, the others have their turn now. */
    pause_cpu();
}

/* An address of the area that leads nowhere in this state */
static uint64_t nowhere(Hammer *h, unsigned state, uint64_t dpa)
{
    switch (state) {
    case NOTHING:
        return random32(&h->rng) & 1 ? window + dpa
                                     : place(BOTH, dpa >> 12 & 1, dpa);
    case HALF:
        return place(BOTH, 0, dpa);
    default:
        return window + 2 * UNIT + dpa;
    }
}

static bool is_still(uint32_t seen)
{
    return !(seen >> 8 & 1) &&
           __atomic_load_n(&now, __ATOMIC_SEQ_CST) == seen;
}

static void complain(const char *what, uint32_t seen, uint64_t hpa,
                     uint64_t value)
{
    if (!__atomic_exchange_n(&failed, true, __ATOMIC_SEQ_CST)) {
        print("not ok %s: state %u, address %x, value %x\n", what,
              seen & 0xff, hpa, value);
    }
}

static void note_store(Slot *slot, uint64_t value, bool clear)
{
    if (clear) {
        slot->values = 0;
    }
    slot->value[slot->values++] = value;
}

static void note_load(Slot *slot, uint32_t seen, uint64_t hpa, uint64_t value)
{
    for (unsigned i = 0; i < slot->values; i++) {
        if (slot->value[i] == value) {
            slot->value[0] = value;
            slot->values = 1;
            return;
        }
    }
    complain("wrong data", seen, hpa, value);
}

/* A linear address is that of the same slot in either device. */
static void unclear_store(Hammer *h, unsigned i, uint64_t value)
{
    note_store(&h->slot[0][i], value, false);
    note_store(&h->slot[1][i], value, false);
}

static bool room(Hammer *h, unsigned i)
{
    return h->slot[0][i].values < 6 && h->slot[1][i].values < 6;
}

static void one_store(Hammer *h, uint32_t seen, unsigned d, unsigned i,
                      uint64_t hpa, bool mapped)
{
    uint64_t value = h->next++;

    if (!room(h, i)) {
        return;
    }
    __atomic_store_n((uint64_t *)hpa, value, __ATOMIC_SEQ_CST);
    if (!is_still(seen)) {
        unclear_store(h, i, value);
        h->unclear++;
    } else {
        if (mapped) {
            note_store(&h->slot[d][i], value, true);
        }
        h->clear++;
    }
}

static void one_load(Hammer *h, uint32_t seen, unsigned d, unsigned i,
                     uint64_t hpa, bool mapped)
{
    uint64_t value = *(volatile uint64_t *)hpa;

    if (!is_still(seen)) {
        h->unclear++;
        return;
    }
    h->clear++;
    if (mapped) {
        note_load(&h->slot[d][i], seen, hpa, value);
    } else if (value != ONES) {
        complain("stale mapping", seen, hpa, value);
    }
}

/*
 * An emulator looks for requests between blocks of instructions.  In this one
 * much time passes before the state is read, and none before the access: who
 * still has an old translation then, uses it.
 */
static void late_load(Hammer *h)
{
    uint64_t hpa = place(BOTH, random32(&h->rng) & 1, h->base);
    uint64_t value, seen;

    __asm__ volatile("fninit\n"
                     ".rept 64\n"
                     "fldl2t; fldpi; fyl2x; fstp %%st(0)\n"
                     ".endr\n"
                     "movl %2, %k0; movq (%3), %1"
                     : "=&r"(seen), "=&r"(value)
                     : "m"(now), "r"(hpa) : "memory");
    if (is_still(seen) && (seen & 0xff) == NOTHING) {
        h->late++;
        if (value != ONES) {
            complain("stale mapping", seen, hpa, value);
        }
    }
}

static void one_access(Hammer *h)
{
    uint32_t seen = __atomic_load_n(&now, __ATOMIC_SEQ_CST);
    uint32_t r = random32(&h->rng);
    unsigned d = r & 1, i = (r >> 1) % SLOTS;
    uint64_t dpa = h->base + i * 0x1008;
    uint64_t hpa = place(seen & 0xff, d, dpa);
    bool mapped = hpa;

    if (!mapped) {
        hpa = nowhere(h, seen & 0xff, dpa);
    }
    if (r >> 31) {
        one_store(h, seen, d, i, hpa, mapped);
    } else {
        one_load(h, seen, d, i, hpa, mapped);
    }
}

/*
 * Areas are chosen so that an address of one area, taken for interleaved when
 * it is not or the other way round, is in no area.
 */
static void hammer_on(unsigned cpu)
{
    static const uint8_t area[] = { 0, 16, 24, 40, 56, 72, 88, 104 };
    Hammer *h = &hammer[cpu];

    h->base = area[cpu] * MIB;
    h->rng = 77 * cpu;
    h->next = (uint64_t)cpu << 56 | 1;
    for (unsigned i = 0; i < 2 * SLOTS; i++) {
        h->slot[i / SLOTS][i % SLOTS].values = 1;
    }
    while (!__atomic_load_n(&now, __ATOMIC_SEQ_CST)) {
        pause_cpu();
    }
    while (!done && !failed) {
        for (unsigned i = 0; i < 64; i++) {
            one_access(h);
        }
        late_load(h);
    }
}

/*
 * The second device is asked to go: switch its slot off as an operating
 * system does when the attention button was pressed.
 */
static void serve_hot_unplug(void)
{
    uint64_t at = dev[1].port_slot;

    if (devices == 2 && (read16(at + 0x1a) & 1)) {
        publish(NOTHING, true);
        write16(at + 0x1a, 1);
        write16(at + 0x18, (read16(at + 0x18) & ~0x300) | 0x700);
        if (read32(dev[1].cfg) != ~0u) {
            complain("no unplug", now, at, read16(at + 0x18));
        }
        devices = 1;
        publish(NOTHING, false);
        print("unplugged\n");
    }
}

static void flip(uint32_t *rng, unsigned count[STATES])
{
    unsigned state = 1 + random32(rng) % (STATES - 1);

    if (devices == 1) {
        state = FIRST;
    }
    publish(state, true);
    release_all();
    establish(state);
    publish(state, false);
    count[state]++;
    rest(rng);
    publish(NOTHING, true);
    take_away(random32(rng) % 4);
    publish(NOTHING, false);
    rest(rng);
}

static bool run(unsigned duration)
{
    unsigned count[STATES] = { 0 };
    unsigned clear = 0, unclear = 0, late = 0;
    uint32_t rng = 12345;

    publish(NOTHING, false);
    seconds();
    while (!failed && seconds() < duration) {
        for (unsigned n = 0; n < 10 && !failed; n++) {
            flip(&rng, count);
            serve_hot_unplug();
        }
    }
    done = true;
    for (unsigned i = 1; i < 8; i++) {
        clear += hammer[i].clear;
        unclear += hammer[i].unclear;
        late += hammer[i].late;
    }
    print("flips %u %u %u %u accesses %u unclear %u late %u cpus %u\n",
          count[FIRST], count[SECOND], count[BOTH], count[HALF], clear,
          unclear, late, cpus_started);
    return !failed && clear;
}

void bare_main(unsigned cpu)
{
    if (cpu) {
        hammer_on(cpu);
        return;
    }
    if (!find_devices()) {
        print("not ok no devices: bridge %x window %x\n", bridge, window);
        finish(false);
    }
    start_cpus();
    finish(run(option("seconds", 10)));
}
