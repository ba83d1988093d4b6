/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aliases of members' memory in the windows, so that committed bytes are as
 * fast as RAM.
 *
 * Each change computes the maps that are right now (core/pieces.h) and applies
 * the difference in one memory transaction.  What is no longer right goes
 * before the cause of the change returns to the guest: emulated processors
 * drop a mapping when they come out of guest code, so the one that made the
 * change waits for the others (settle) before its next instruction.  A piece
 * whose storage is in the wrong order traps until a job has moved the bytes:
 * some while no vCPU runs, so that none holds on to what was mapped before,
 * and then some now and again, with the big lock given back in between.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "hw/memfab/compat.h"
#include "hw/core/cpu.h"
#include "exec/target_page.h"
#include "hw/cxl/window/internal.h"
#include "hw/virtio/vhost.h"
#include "system/kvm.h"
#include "system/runstate.h"
#include "system/tcg.h"
#include "hw/cxl/trace.h"

/*
 * QEMU gives up at 4096 sections per address space and each alias can cost
 * two; other devices need some.  KVM and vhost have slots, of which each alias
 * takes one, and whoever comes later needs a few: a quarter, if there are few.
 */
#define BUDGET 1024
#define SLOTS_LEFT 16
/* For others who want the big lock */
#define JOB_PAUSE_MS 1

typedef struct Alias {
    uint64_t hpa;
    uint64_t size;
    MemoryRegion *target;
    uint64_t offset;    /* in @target */
    CxlWindow *window;
    MemoryRegion mr;
} Alias;

/* Why may a regular piece never be mapped, whatever order it is in? */
static CxlPieceTrap forbidden(const CxlPiece *piece)
{
    CxlSliceSet set = cxl_piece_set(piece);

    for (unsigned p = 0; p < cxl_interleave_ways(piece->iw); p++) {
        CxlWindowMember *m = piece->member[p].device;

        if (!m->direct) {
            return CXL_PIECE_OFF;
        }
    }
    return !piece->iw || cxl_window_layout_allows(&set) ? CXL_PIECE_DIRECT
                                                        : CXL_PIECE_ORDER;
}

static CxlPieceTrap trap(void *opaque, const CxlPiece *piece)
{
    CxlWindows *ws = opaque;
    CxlPieceTrap why = forbidden(piece);

    if (!why && !cxl_piece_ready(&ws->slices, piece)) {
        ws->job_wanted = true;
        why = CXL_PIECE_WAITING;
    }
    return why;
}

static uint64_t access_run(void *opaque, void *device, uint64_t dpa,
                           uint64_t len, bool *direct)
{
    CxlWindowMember *m = device;
    CxlAccess access;
    uint64_t run = m->ops->access(m, dpa, len, &access);

    *direct = access == CXL_ACCESS_OK;
    return run;
}

/* One alias per backend that the map crosses */
static void resolve(CxlWindows *ws, CxlPieceMap map, GPtrArray *wanted)
{
    CxlWindowMember *m = map.device;

    while (map.size) {
        uint64_t offset, run;
        MemoryRegion *target = m->ops->storage(m, map.dpa, map.size, &offset,
                                               &run);
        Alias *a;

        if (!target) {
            return;
        }
        a = g_new0(Alias, 1);
        a->hpa = map.hpa;
        a->size = run;
        a->target = target;
        a->offset = offset;
        a->window = cxl_window_at(ws, map.hpa);
        g_ptr_array_add(wanted, a);
        map.hpa += run;
        map.dpa += run;
        map.size -= run;
    }
}

static const CxlPieceOps piece_ops = { .trap = trap, .access = access_run };

static unsigned budget(const CxlWindows *ws)
{
    uint64_t slots = vhost_get_free_memslots();

    if (kvm_enabled()) {
        slots = MIN(slots, kvm_get_free_memslots());
    }
    slots += ws->aliases->len;
    return MIN(BUDGET, slots - MIN(slots / 4, SLOTS_LEFT));
}

static GArray *find_maps(CxlWindows *ws, const GArray *pieces,
                         unsigned *dropped)
{
    return cxl_pieces_maps(pieces, &piece_ops, ws, qemu_target_page_size(),
                           budget(ws), dropped);
}

/* A guest may commit for ever: once for each device at the start of a set. */
static void tell_slow(const CxlPiece *piece)
{
    CxlWindowMember *m = piece->member[0].device;

    if (!m->told_slow) {
        m->told_slow = true;
        warn_report("CXL region of %u ways at 0x%" PRIx64 ": every access "
                    "traps, because its memory stays in device order; one "
                    "'layout-file=' for all of its devices makes it fast "
                    "(first device: %s)", cxl_interleave_ways(piece->iw),
                    piece->hpa, DEVICE(m->pdev)->id ?: m->pdev->name);
    }
}

/* Others who can open the bytes may change them at any time. */
static bool may_copy(const CxlPiece *piece)
{
    CxlSliceSet set = cxl_piece_set(piece);

    for (unsigned p = 0; p < cxl_interleave_ways(piece->iw); p++) {
        CxlWindowMember *m = set.member[p].device;

        if (m->ops->keep(m, set.member[p].dpa, set.len) == CXL_KEEP_SHARED) {
            return false;
        }
    }
    return true;
}

/*
 * What has to stay in device order traps at every access: say what would make
 * it fast, and let what is read often be copied.
 */
static void help_ordered(CxlWindows *ws, const GArray *pieces)
{
    for (unsigned i = 0; i < pieces->len; i++) {
        const CxlPiece *piece = &g_array_index(pieces, CxlPiece, i);

        if (piece->irregular || forbidden(piece) != CXL_PIECE_ORDER) {
            continue;
        }
        tell_slow(piece);
        if (may_copy(piece)) {
            cxl_window_copies_allow(ws, piece->hpa, piece->size);
        }
    }
}

static GPtrArray *wanted_aliases(CxlWindows *ws)
{
    g_autoptr(GArray) pieces = cxl_pieces_find(cxl_window_tree(ws));
    g_autoptr(GArray) maps = NULL;
    GPtrArray *wanted = g_ptr_array_new();
    unsigned dropped;

    help_ordered(ws, pieces);
    ws->job_wanted = false;
    maps = find_maps(ws, pieces, &dropped);
    if (dropped && !ws->warned_budget) {
        warn_report("CXL memory is cut into too many pieces by poison or "
                    "missing extents; %u of them will be slow", dropped);
        ws->warned_budget = true;
    }
    for (unsigned i = 0; i < maps->len; i++) {
        resolve(ws, g_array_index(maps, CxlPieceMap, i), wanted);
    }
    return wanted;
}

static bool same_alias(const Alias *a, const Alias *b)
{
    return a->hpa == b->hpa && a->size == b->size &&
           a->target == b->target && a->offset == b->offset;
}

/*
 * With an owner and a name of its own: QEMU searches for a free number among
 * all children of one name, which takes time that grows with their square.
 */
static void install(CxlWindows *ws, Alias *a)
{
    g_autofree char *name = g_strdup_printf("memfab-cxl-direct-%" PRIu64,
                                            ws->alias_count++);

    trace_memfab_cxl_window_map(a->hpa, a->size,
                                memory_region_name(a->target), a->offset);
    memory_region_init_alias(&a->mr, memory_region_owner(&a->window->mr), name,
                             a->target, a->offset, a->size);
    memory_region_add_subregion(&a->window->mr, a->hpa - a->window->base,
                                &a->mr);
}

static void uninstall(Alias *a)
{
    trace_memfab_cxl_window_unmap(a->hpa, a->size);
    memory_region_del_subregion(&a->window->mr, &a->mr);
    object_unparent(OBJECT(&a->mr));
    g_free(a);
}

/* All processors have come out of guest code; without the big lock. */
static void settled(CPUState *cpu, run_on_cpu_data data)
{
    CxlWindows *ws = data.host_ptr;

    trace_memfab_cxl_window_settled(cpu->cpu_index);
    qatomic_dec(&ws->settling);
}

/*
 * Memory went away.  KVM has taken it from all processors already.  TCG asks
 * each to drop its TLB when it comes out of guest code next; work that runs
 * while none is there, queued for the one that is in our register write, is
 * done before that one goes on.  If nobody is (a monitor command), it is done
 * soon, and those who have to know ask cxl_window_settled().
 */
static void settle(CxlWindows *ws)
{
    CPUState *cpu = current_cpu ?: first_cpu;

    if (tcg_enabled() && cpu) {
        qatomic_inc(&ws->settling);
        async_safe_run_on_cpu(cpu, settled, RUN_ON_CPU_HOST_PTR(ws));
    }
}

/*
 * Both lists are in address order: walk them together.  Copies begin anew
 * with every change.
 */
static void apply(CxlWindows *ws)
{
    bool lost = cxl_window_copies_forget(ws);
    GPtrArray *wanted = wanted_aliases(ws);
    unsigned o = 0;
    GPtrArray *old = ws->aliases;

    memory_region_transaction_begin();
    for (unsigned w = 0; w < wanted->len; w++) {
        Alias *want = g_ptr_array_index(wanted, w);

        while (o < old->len &&
               !same_alias(g_ptr_array_index(old, o), want) &&
               ((Alias *)g_ptr_array_index(old, o))->hpa <
               want->hpa + want->size) {
            uninstall(g_ptr_array_index(old, o++));
            lost = true;
        }
        if (o < old->len && same_alias(g_ptr_array_index(old, o), want)) {
            g_free(want);
            g_ptr_array_index(wanted, w) = g_ptr_array_index(old, o++);
        } else {
            install(ws, want);
        }
    }
    while (o < old->len) {
        uninstall(g_ptr_array_index(old, o++));
        lost = true;
    }
    memory_region_transaction_commit();
    if (lost) {
        settle(ws);
    }
    g_ptr_array_free(old, true);
    ws->aliases = wanted;
}

/* A step for each piece that waits; true: there is more to do. */
static bool prepare_some(CxlWindows *ws)
{
    g_autoptr(GArray) pieces = cxl_pieces_find(cxl_window_tree(ws));
    bool more = false;

    for (unsigned i = 0; !more && i < pieces->len; i++) {
        const CxlPiece *piece = &g_array_index(pieces, CxlPiece, i);
        CxlSliceResult result;

        if (piece->irregular || forbidden(piece) ||
            cxl_piece_ready(&ws->slices, piece)) {
            continue;
        }
        result = cxl_window_data_prepare(ws, piece);
        more = result == CXL_SLICE_MORE;
        if (result == CXL_SLICE_FAILED) {
            warn_report_once("no memory to put interleaved CXL memory in "
                             "order; it will be slow");
        }
    }
    return more;
}

/*
 * Nobody can reach what waits but through a trap, since no vCPU has run when
 * it was found waiting.  Memory of a machine that is stopped may be on its way
 * elsewhere.
 */
static void job_goes_on(CxlWindows *ws)
{
    if (runstate_is_running() && prepare_some(ws)) {
        timer_mod(ws->job_timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) +
                  JOB_PAUSE_MS);
        return;
    }
    apply(ws);
}

/* No vCPU runs now, so none can hold on to what was mapped before. */
static void job(CPUState *cpu, run_on_cpu_data data)
{
    CxlWindows *ws = data.host_ptr;

    bql_lock();
    ws->job_queued = false;
    job_goes_on(ws);
    bql_unlock();
}

/* What waits since then may still be reached by a vCPU: let it go first. */
static void job_timer(void *opaque)
{
    CxlWindows *ws = opaque;

    if (!ws->job_queued) {
        job_goes_on(ws);
    }
}

void cxl_window_map_update(CxlWindows *ws)
{
    apply(ws);
    /* State that is being loaded is not complete before the machine runs. */
    if (ws->job_wanted && !ws->job_queued && first_cpu &&
        runstate_is_running()) {
        ws->job_queued = true;
        async_safe_run_on_cpu(first_cpu, job, RUN_ON_CPU_HOST_PTR(ws));
    }
}

void cxl_window_map_each_piece(CxlWindows *ws, CxlWindowPieceFn *fn,
                               void *opaque)
{
    g_autoptr(GArray) pieces = cxl_pieces_find(cxl_window_tree(ws));
    unsigned dropped;
    g_autoptr(GArray) maps = find_maps(ws, pieces, &dropped);

    for (unsigned i = 0; i < pieces->len; i++) {
        const CxlPiece *piece = &g_array_index(pieces, CxlPiece, i);
        CxlPieceTrap why = piece->irregular ?: trap(ws, piece);

        fn(opaque, piece, why, cxl_piece_mapped(piece, maps));
    }
}

void cxl_window_map_init(CxlWindows *ws)
{
    ws->aliases = g_ptr_array_new();
    ws->job_timer = timer_new_ms(QEMU_CLOCK_REALTIME, job_timer, ws);
}
