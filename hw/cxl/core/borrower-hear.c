/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a pool says to a host, and the life of their connection; see
 * borrower.h.  What the host says is borrower-send.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-lent.h"
#include "hw/cxl/core/borrower-parts.h"
#include "hw/cxl/core/memdev.h"

static void free_offer(gpointer data)
{
    CxlBorrowerOffer *offer = data;

    if (offer->wanted) {
        g_array_unref(offer->wanted);
    }
    g_free(offer);
}

CxlBorrower *cxl_borrower_new(const CxlUuid *id, uint16_t head,
                              const CxlBorrowerOps *ops, void *opaque)
{
    CxlBorrower *h = g_new0(CxlBorrower, 1);

    h->ops = ops;
    h->opaque = opaque;
    h->id = *id;
    h->head = head;
    h->answer_by = h->again_at = INT64_MAX;
    h->retry_ms = CXL_BORROWER_RETRY_MS;
    h->out = g_byte_array_new();
    h->parts = g_array_new(FALSE, FALSE, sizeof(Extent));
    h->done = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    h->sent = g_array_new(FALSE, FALSE, sizeof(CxlFabricExtent));
    g_queue_init(&h->offers);
    extentset_init(&h->gone, true);
    return h;
}

static void drop_offers(CxlBorrower *h)
{
    g_queue_clear_full(&h->offers, free_offer);
    g_array_set_size(h->parts, 0);
    h->offered = 0;
    h->asked = false;
}

void cxl_borrower_free(CxlBorrower *h)
{
    if (h->dev) {
        cxl_borrower_detach(h);
    }
    drop_offers(h);
    extentset_clear(&h->gone);
    g_array_unref(h->sent);
    g_array_unref(h->done);
    g_array_unref(h->parts);
    g_byte_array_unref(h->out);
    g_free(h);
}

const CxlFabricWelcome *cxl_borrower_welcome(const CxlBorrower *h)
{
    return h->known ? &h->welcome : NULL;
}

bool cxl_borrower_attached(const CxlBorrower *h)
{
    return h->state == CXL_BORROWER_ATTACHED;
}

uint64_t cxl_borrower_size(const CxlBorrower *h)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < h->welcome.regions; i++) {
        size += h->welcome.region[i].len;
    }
    return size;
}

/* The connection */

bool cxl_borrower_wants_connection(const CxlBorrower *h)
{
    return h->state == CXL_BORROWER_AWAY &&
           h->connect_at <= h->ops->now_ms(h->opaque) &&
           h->ops->settled(h->opaque);
}

void cxl_borrower_connected(CxlBorrower *h)
{
    h->state = CXL_BORROWER_GREETING;
    h->answer_by = h->ops->now_ms(h->opaque) + CXL_BORROWER_WAIT_MS;
    cxl_fabric_stream_init(&h->stream, false);
    cxl_borrower_greet(h);
}

/* The command in which the host asked for it ends so. */
static void end_command(CxlBorrower *h, CxlRc rc)
{
    h->asked = false;
    if (h->dev) {
        cxl_mailbox_let_go(&h->dev->mailbox, rc);
    }
}

void cxl_borrower_lost(CxlBorrower *h)
{
    h->state = CXL_BORROWER_AWAY;
    h->connect_at = h->ops->now_ms(h->opaque) + h->retry_ms;
    h->answer_by = h->again_at = INT64_MAX;
    h->retry_ms = MIN(2 * h->retry_ms, CXL_BORROWER_RETRY_MAX_MS);
    g_byte_array_set_size(h->out, 0);
    h->out_at = 0;
    g_array_set_size(h->done, 0);
    g_array_set_size(h->sent, 0);
    drop_offers(h);
    if (h->dev) {
        cxl_dcd_lent_withdraw(&h->dev->dc_view, CXL_RC_RETRY);
        end_command(h, CXL_RC_RETRY);
    }
    h->ops->kick(h->opaque);
}

/* Welcome */

static bool is_same_region(const CxlFabricRegion *a, const CxlFabricRegion *b)
{
    return a->base == b->base && a->len == b->len && a->offset == b->offset &&
           !((a->flags ^ b->flags) & ~(uint32_t)CXL_DC_REGION_SANITIZE);
}

/* What a device can have, and its memory behind it as one piece */
static const char *welcome_problem(const CxlFabricWelcome *w)
{
    uint64_t end = 0;

    if (!w->regions) {
        return "the pool has no region";
    }
    if (!w->max_extents || w->max_extents > CXL_BORROWER_EXTENTS ||
        w->max_tags > CXL_BORROWER_EXTENTS) {
        return "the pool has no extents, or too many extents or tags";
    }
    for (unsigned i = 0; i < w->regions; i++) {
        const CxlFabricRegion *r = &w->region[i];

        if (r->offset != end || r->base - w->region[0].base != end) {
            return "the pool has a gap between its regions";
        }
        if (!r->len || r->len % CXL_MEMDEV_CAPACITY_UNIT ||
            r->block_size > CXL_MEMDEV_CAPACITY_UNIT ||
            r->len > w->size - end) {
            return "a region of the pool is not within its memory, or not in"
                   " multiples of 256 MiB";
        }
        end += r->len;
    }
    return NULL;
}

static const char *set_up(CxlBorrower *h, uint32_t index,
                          const CxlFabricRegion *now)
{
    CxlFabricRegion *r = &h->welcome.region[index];

    if (index >= h->welcome.regions || !is_same_region(r, now)) {
        return "a region of the pool has become another one";
    }
    if (r->block_size == now->block_size && r->flags == now->flags) {
        return NULL;
    }
    if (h->dev && cxl_dcd_set_up(&h->dev->dc_pool, index, now->block_size,
                                 now->flags & CXL_DC_REGION_SANITIZE) !=
        CXL_RC_SUCCESS) {
        return "a region is set up anew of which this host has something";
    }
    *r = *now;
    return NULL;
}

static const char *compare_welcome(CxlBorrower *h, const CxlFabricWelcome *w)
{
    const char *why = NULL;

    if (w->size != h->welcome.size || w->regions != h->welcome.regions ||
        w->head != h->welcome.head ||
        w->max_extents != h->welcome.max_extents ||
        w->max_tags != h->welcome.max_tags) {
        return "this is another pool, or another head, than before";
    }
    for (unsigned i = 0; !why && i < w->regions; i++) {
        why = set_up(h, i, &w->region[i]);
    }
    return why;
}

static const char *welcomed(CxlBorrower *h, const CxlFabricWelcome *w)
{
    const char *why = welcome_problem(w);

    if (h->state != CXL_BORROWER_GREETING) {
        return "the pool welcomes a host that it has";
    }
    if (!why && h->known) {
        why = compare_welcome(h, w);
    }
    if (!why) {
        h->welcome = *w;
        h->head = w->head;
        h->known = true;
        h->state = CXL_BORROWER_ATTACHED;
        h->retry_ms = CXL_BORROWER_RETRY_MS;
        h->answer_by = INT64_MAX;
    }
    return why;
}

/* Lists */

static const char *append_offer(CxlBorrower *h, const CxlFabricList *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const CxlFabricExtent *x = &list->extents[i];
        Extent e = { x->dpa, x->len, x->sequence };

        if (h->parts->len == h->welcome.max_extents) {
            return "an offer has more extents than there can be";
        }
        if (!h->parts->len) {
            h->tag = x->tag;
        } else if (!cxl_uuid_equal(&h->tag, &x->tag)) {
            return "an offer has two tags";
        }
        g_array_append_val(h->parts, e);
    }
    return NULL;
}

/* A piece that was released is the pool's when it has taken the release. */
static bool is_gone(const CxlBorrower *h)
{
    for (unsigned i = 0; i < h->parts->len; i++) {
        const Extent *e = &g_array_index(h->parts, Extent, i);

        if (extentset_overlaps(&h->gone, e->start, e->len)) {
            return true;
        }
    }
    return false;
}

static const ExtentSet *offer_to_device(CxlBorrower *h, const char **why)
{
    for (unsigned i = 0; i < h->parts->len; i++) {
        Extent *e = &g_array_index(h->parts, Extent, i);

        e->start = cxl_borrower_to_device(h, e->start);
    }
    return cxl_dcd_lent_offer(&h->dev->dc_view, &h->tag, h->parts, why);
}

static const char *offered(CxlBorrower *h, const CxlFabricList *list)
{
    const char *why = append_offer(h, list);
    CxlBorrowerOffer *offer;

    if (why || list->flags & CXL_FABRIC_MORE) {
        return why;
    }
    if (list->number != h->offered || is_gone(h) ||
        h->offers.length == h->welcome.max_extents) {
        return "an offer is out of order, one too many, or of what this host"
               " has";
    }
    offer = g_new0(CxlBorrowerOffer, 1);
    offer->number = h->offered++;
    g_queue_push_tail(&h->offers, offer);
    /* Nothing may be left of it: it has to be answered all the same. */
    if (h->dev && h->parts->len) {
        offer->group = offer_to_device(h, &why);
    }
    offer->decided = !offer->group;
    g_array_set_size(h->parts, 0);
    return why;
}

/* An extent can go on in the next region; ranges do not. */
static void append_ranges(const CxlBorrower *h, const CxlFabricExtent *e,
                          GArray *ranges)
{
    const CxlDcPool *pool = &h->dev->dc_pool;
    uint64_t dpa = cxl_borrower_to_device(h, e->dpa), left = e->len;

    while (left) {
        int region = cxl_dcd_region_of(pool, dpa, 1);
        CxlBgRange x = { dpa, left };

        if (region >= 0) {
            const CxlDcRegionConfig *r = &pool->regions[region].cfg;

            x.len = MIN(left, r->base + r->len - dpa);
        }
        g_array_append_val(ranges, x);
        dpa += x.len;
        left -= x.len;
    }
}

/* Asked back or taken */
static const char *take_from_device(CxlBorrower *h, const CxlFabricList *list,
                                    bool forced)
{
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    const char *why = NULL;

    for (uint32_t i = 0; i < list->count; i++) {
        append_ranges(h, &list->extents[i], ranges);
    }
    h->taking = forced;
    cxl_dcd_lent_take(&h->dev->dc_view, (const CxlBgRange *)ranges->data,
                      ranges->len, forced, &why);
    h->taking = false;
    return why;
}

/*
 * What is taken back is the pool's with DONE, and may be offered again behind
 * it: no RELEASE of before is to follow.  One that is out is in front of it.
 * A set that could become too long by being cut stays as it is.
 */
static void forget_gone(CxlBorrower *h, const CxlFabricList *list)
{
    for (uint32_t i = 0; i < list->count &&
                         h->gone.count < h->welcome.max_extents; i++) {
        extentset_erase(&h->gone, list->extents[i].dpa, list->extents[i].len);
    }
}

/* Where there is no device there is nothing. */
static const char *taken(CxlBorrower *h, const CxlFabricList *list,
                         bool forced)
{
    const char *why = h->dev ? take_from_device(h, list, forced) : NULL;

    if (why || !forced) {
        return why;
    }
    forget_gone(h, list);
    if (list->flags & CXL_FABRIC_MORE) {
        return NULL;
    }
    if (h->done->len == CXL_BORROWER_DONE) {
        return "the pool takes back and does not read that it is done";
    }
    g_array_append_val(h->done, list->number);
    return NULL;
}

/* Who wanted it has gone: the pool gets it back. */
static void release_wanted(CxlBorrower *h, const CxlBorrowerOffer *offer)
{
    for (unsigned i = 0; offer->left && offer->wanted &&
                         i < offer->wanted->len; i++) {
        const CxlFabricExtent *e = &g_array_index(offer->wanted,
                                                  CxlFabricExtent, i);

        cxl_borrower_release(h, e->dpa, e->len);
    }
}

/* The pool's word on the answer that it has been asked about */
static const char *answered(CxlBorrower *h, CxlRc rc)
{
    CxlBorrowerOffer *offer = g_queue_peek_head(&h->offers);
    bool waits = offer->wanted && !offer->left, good = true;

    if (!offer->wanted && rc != CXL_RC_SUCCESS) {
        return "the pool does not take an answer";
    }
    if (rc == CXL_RC_SUCCESS) {
        release_wanted(h, offer);
        free_offer(g_queue_pop_head(&h->offers));
    } else {
        g_clear_pointer(&offer->wanted, g_array_unref);
        offer->decided = offer->left;
    }
    if (waits) {
        good = cxl_dcd_wanted_end(&h->dev->dc_view, rc);
        end_command(h, good ? rc : CXL_RC_RETRY);
    }
    h->answer_by = INT64_MAX;
    return good ? NULL : "the pool grants what it has taken back";
}

static bool will_never_take(CxlRc rc)
{
    return rc == CXL_RC_INVALID_DPA || rc == CXL_RC_EXTENT_LIST ||
           rc == CXL_RC_INVALID_INPUT;
}

/* Taken, or not the host's by the pool's account; else it is told again. */
static void released(CxlBorrower *h, CxlRc rc)
{
    for (unsigned i = 0; i < h->sent->len; i++) {
        const CxlFabricExtent *e = &g_array_index(h->sent, CxlFabricExtent, i);

        if (rc == CXL_RC_SUCCESS || will_never_take(rc)) {
            extentset_erase(&h->gone, e->dpa, e->len);
        }
    }
    g_array_set_size(h->sent, 0);
    if (rc != CXL_RC_SUCCESS) {
        h->release_at = h->ops->now_ms(h->opaque) + CXL_BORROWER_RETRY_MS;
    }
}

static const char *resulted(CxlBorrower *h, const CxlFabricMessage *m)
{
    if (h->asked && m->seq == h->asked_seq) {
        h->asked = false;
        return answered(h, m->result.rc);
    }
    if (h->sent->len && m->seq == h->sent_seq) {
        released(h, m->result.rc);
        return NULL;
    }
    return "the pool answers what it was not asked";
}

static const char *refused(CxlBorrower *h, const CxlFabricRefusal *r)
{
    g_strlcpy(h->refusal, r->text, sizeof(h->refusal));
    return h->refusal;
}

static const char *take(CxlBorrower *h, const CxlFabricMessage *m)
{
    if (m->type != CXL_FABRIC_WELCOME && m->type != CXL_FABRIC_REFUSED &&
        h->state != CXL_BORROWER_ATTACHED) {
        return "the pool does not welcome";
    }
    switch (m->type) {
    case CXL_FABRIC_WELCOME:
        return welcomed(h, &m->welcome);
    case CXL_FABRIC_REFUSED:
        return refused(h, &m->refusal);
    case CXL_FABRIC_RESULT:
        return resulted(h, m);
    case CXL_FABRIC_OFFER:
        return offered(h, &m->list);
    case CXL_FABRIC_ASK:
        return taken(h, &m->list, false);
    case CXL_FABRIC_TAKE_BACK:
        return taken(h, &m->list, true);
    case CXL_FABRIC_REGION:
        return set_up(h, m->update.index, &m->update.region);
    default:
        return "the pool answers what it was not asked";
    }
}

uint8_t *cxl_borrower_room(CxlBorrower *h, uint32_t *max)
{
    return cxl_fabric_stream_room(&h->stream, max);
}

CxlBorrowerStep cxl_borrower_arrived(CxlBorrower *h, uint32_t n,
                                     const char **why)
{
    CxlFabricMessage m;

    switch (cxl_fabric_stream_arrived(&h->stream, n, &m, why)) {
    case CXL_FABRIC_WANTS_MORE:
        return CXL_BORROWER_GOOD;
    case CXL_FABRIC_BAD:
        return CXL_BORROWER_BAD;
    default:
        break;
    }
    cxl_borrower_trace(h, false, &m);
    *why = take(h, &m);
    h->ops->kick(h->opaque);
    return *why ? CXL_BORROWER_BAD :
           m.type == CXL_FABRIC_WELCOME ? CXL_BORROWER_WELCOME :
           CXL_BORROWER_GOOD;
}

/* Time */

int64_t cxl_borrower_due(const CxlBorrower *h)
{
    return h->state == CXL_BORROWER_AWAY ? h->connect_at :
           MIN(h->answer_by, h->again_at);
}

CxlBorrowerStep cxl_borrower_tick(CxlBorrower *h, const char **why)
{
    int64_t now = h->ops->now_ms(h->opaque);

    if (h->answer_by <= now) {
        *why = "the pool does not answer";
        return CXL_BORROWER_BAD;
    }
    if (h->again_at <= now) {
        h->again_at = INT64_MAX;
        h->ops->kick(h->opaque);
    }
    return CXL_BORROWER_GOOD;
}

/* The device */

char *cxl_borrower_params(const CxlBorrower *h, CxlParams *p)
{
    const CxlFabricWelcome *w = &h->welcome;

    if (p->num_dc_regions) {
        return g_strdup_printf("property 'num-dc-regions': %u, but the pool"
                               " says which regions there are; leave it out",
                               p->num_dc_regions);
    }
    for (unsigned i = 0; i < CXL_MEMDEV_DC_REGIONS; i++) {
        const CxlParamsRegion *r = &p->dc_region[i];

        if (r->size || r->block_size || r->sharable || r->read_only ||
            r->sanitize) {
            return g_strdup_printf("properties 'dc-region%u-...': the pool says"
                                   " which regions there are; leave them out",
                                   i);
        }
    }
    p->num_dc_regions = w->regions;
    for (unsigned i = 0; i < w->regions; i++) {
        uint32_t flags = w->region[i].flags;

        p->dc_region[i] = (CxlParamsRegion) {
            .size = w->region[i].len, .block_size = w->region[i].block_size,
            .sharable = flags & CXL_DC_REGION_SHARABLE,
            .read_only = flags & CXL_DC_REGION_READ_ONLY,
            .sanitize = flags & CXL_DC_REGION_SANITIZE,
        };
    }
    return NULL;
}

void cxl_borrower_config(const CxlBorrower *h, CxlMemdevConfig *cfg)
{
    cfg->dc_max_extents = h->welcome.max_extents;
    cfg->dc_max_tags = h->welcome.max_tags;
}

void cxl_borrower_attach(CxlBorrower *h, CxlMemdev *dev)
{
    assert(!h->dev && h->known);
    h->dev = dev;
    h->base = dev->cfg.dc_regions[0].base;
    cxl_dcd_lend(&dev->dc_view, &cxl_borrower_lender, h);
}

void cxl_borrower_detach(CxlBorrower *h)
{
    CxlDcView *view = &h->dev->dc_view;

    for (GList *l = h->offers.head; l; l = l->next) {
        CxlBorrowerOffer *offer = l->data;

        offer->group = NULL;
        offer->decided = offer->left = true;
    }
    cxl_dcd_lent_take_all(view);
    cxl_mailbox_let_go(&h->dev->mailbox, CXL_RC_RETRY);
    cxl_dcd_lend(view, NULL, NULL);
    h->dev = NULL;
    h->ops->kick(h->opaque);
}

const char *cxl_borrower_check(const CxlBorrower *h)
{
    if (h->offers.length > h->welcome.max_extents ||
        h->parts->len > h->welcome.max_extents ||
        h->done->len > CXL_BORROWER_DONE) {
        return "more than there can be";
    }
    if (h->asked && !h->offers.length) {
        return "an answer to no offer";
    }
    if (h->state != CXL_BORROWER_ATTACHED &&
        (h->offers.length || h->sent->len || h->done->len)) {
        return "something to say to a pool that is not there";
    }
    return extentset_check(&h->gone);
}
