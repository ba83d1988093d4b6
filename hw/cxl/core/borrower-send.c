/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host says to its pool: who it is and what it has, its answers to
 * offers, in their order, what it releases, and which take-backs are done.
 * What the pool says is borrower-hear.c.
 *
 * A message is made when the one before has left, so what waits is what the
 * host has to say, and not bytes.  One ANSWER and one RELEASE at a time wait
 * for their RESULT.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/borrower-parts.h"
#include "hw/cxl/core/memdev.h"

/* How soon to look again whether stores are under way */
#define SETTLE_MS 1

static const char *const words[] = {
    [CXL_FABRIC_HELLO] = "hello", [CXL_FABRIC_HOLDS] = "holds",
    [CXL_FABRIC_ANSWER] = "answer", [CXL_FABRIC_RELEASE] = "release",
    [CXL_FABRIC_DONE] = "done", [CXL_FABRIC_PING] = "ping",
    [CXL_FABRIC_WELCOME] = "welcome", [CXL_FABRIC_REFUSED] = "refused",
    [CXL_FABRIC_RESULT] = "result", [CXL_FABRIC_OFFER] = "offer",
    [CXL_FABRIC_ASK] = "ask", [CXL_FABRIC_TAKE_BACK] = "take back",
    [CXL_FABRIC_REGION] = "region", [CXL_FABRIC_PONG] = "pong",
};

static bool is_list(uint8_t type)
{
    return (type >= CXL_FABRIC_HOLDS && type <= CXL_FABRIC_DONE) ||
           (type >= CXL_FABRIC_OFFER && type <= CXL_FABRIC_TAKE_BACK);
}

void cxl_borrower_trace(CxlBorrower *h, bool sent,
                        const CxlFabricMessage *m)
{
    uint32_t number = is_list(m->type) ? m->list.number :
                      m->type == CXL_FABRIC_RESULT ? m->result.rc :
                      m->type == CXL_FABRIC_WELCOME ? m->welcome.head : 0;

    h->ops->trace(h->opaque, sent, words[m->type], number,
                  is_list(m->type) ? m->list.count : 0);
}

/* Returns its sequence number. */
static uint32_t say(CxlBorrower *h, CxlFabricMessage *m)
{
    m->seq = h->seq++;
    cxl_fabric_put(h->out, m);
    cxl_borrower_trace(h, true, m);
    return m->seq;
}

/* In as many parts as it takes; an empty list is one.  The last one's number */
static uint32_t say_list(CxlBorrower *h, uint8_t type, uint32_t number,
                         const CxlFabricExtent *extents, uint32_t count)
{
    uint32_t seq, n;

    do {
        CxlFabricMessage m = { .type = type };

        n = MIN(count, CXL_FABRIC_EXTENTS);
        count -= n;
        m.list = (CxlFabricList) {
            .number = number, .count = n, .extents = extents,
            .flags = count ? CXL_FABRIC_MORE : 0,
        };
        seq = say(h, &m);
        extents += n;
    } while (count);
    return seq;
}

static void append(GArray *list, uint64_t dpa, uint64_t len)
{
    CxlFabricExtent e = { .dpa = dpa, .len = len };

    g_array_append_val(list, e);
}

/* What it does not name the host has given back. */
void cxl_borrower_greet(CxlBorrower *h)
{
    g_autoptr(GArray) holds = g_array_new(FALSE, FALSE,
                                          sizeof(CxlFabricExtent));
    CxlFabricMessage m = {
        .type = CXL_FABRIC_HELLO, .hello = { .id = h->id, .head = h->head },
    };
    Extent e;

    for (uint64_t pos = 0; h->dev &&
         extentset_next(&h->dev->dc_view.accepted, pos, &e);
         pos = e.start + e.len) {
        append(holds, cxl_borrower_to_pool(h, e.start), e.len);
    }
    extentset_clear(&h->gone);
    m.hello.holds = holds->len;
    say(h, &m);
    if (holds->len) {
        say_list(h, CXL_FABRIC_HOLDS, 0, (CxlFabricExtent *)holds->data,
                 holds->len);
    }
}

/* What the device says */

static CxlBorrowerOffer *offer_of(CxlBorrower *h, const ExtentSet *group)
{
    for (GList *l = h->offers.head; l; l = l->next) {
        CxlBorrowerOffer *offer = l->data;

        if (offer->group == group) {
            return offer;
        }
    }
    return NULL;
}

static bool wanted(void *opaque, const ExtentSet *group,
                   const CxlBgRange *ranges, uint32_t count)
{
    CxlBorrower *h = opaque;
    CxlBorrowerOffer *offer = offer_of(h, group);

    if (!offer) {
        return false;
    }
    offer->decided = true;
    offer->wanted = g_array_new(FALSE, FALSE, sizeof(CxlFabricExtent));
    for (uint32_t i = 0; i < count; i++) {
        append(offer->wanted, cxl_borrower_to_pool(h, ranges[i].start),
               ranges[i].len);
    }
    h->answer_by = h->ops->now_ms(h->opaque) + CXL_BORROWER_WAIT_MS;
    h->ops->kick(h->opaque);
    return true;
}

static void declined(void *opaque, const ExtentSet *group)
{
    CxlBorrower *h = opaque;
    CxlBorrowerOffer *offer = offer_of(h, group);

    if (offer) {
        offer->decided = true;
        offer->group = NULL;
        h->ops->kick(h->opaque);
    }
}

void cxl_borrower_release(CxlBorrower *h, uint64_t dpa, uint64_t len)
{
    unsigned i = 0;

    while (dpa - h->welcome.region[i].base >= h->welcome.region[i].len) {
        i++;
    }
    extentset_insert(&h->gone, dpa, len, i);
}

static void returned(void *opaque, const Extent *e)
{
    CxlBorrower *h = opaque;

    if (!h->taking) {
        cxl_borrower_release(h, cxl_borrower_to_pool(h, e->start), e->len);
    }
    h->ops->kick(h->opaque);
}

const CxlDcLender cxl_borrower_lender = {
    .wanted = wanted, .declined = declined, .returned = returned,
};

/* Bytes */

static void answer(CxlBorrower *h)
{
    const CxlBorrowerOffer *offer = g_queue_peek_head(&h->offers);

    if (h->asked || !offer || !offer->decided) {
        return;
    }
    h->asked = true;
    h->asked_seq = say_list(h, CXL_FABRIC_ANSWER, offer->number,
                            offer->wanted ?
                            (CxlFabricExtent *)offer->wanted->data : NULL,
                            offer->wanted ? offer->wanted->len : 0);
}

static void tell_done(CxlBorrower *h)
{
    for (unsigned i = 0; i < h->done->len; i++) {
        say_list(h, CXL_FABRIC_DONE, g_array_index(h->done, uint32_t, i),
                 NULL, 0);
    }
    g_array_set_size(h->done, 0);
}

static void release(CxlBorrower *h)
{
    Extent e;

    if (h->sent->len) {
        return;
    }
    for (uint64_t pos = 0; h->sent->len < CXL_FABRIC_EXTENTS &&
         extentset_next(&h->gone, pos, &e); pos = e.start + e.len) {
        append(h->sent, e.start, e.len);
    }
    if (h->sent->len) {
        h->sent_seq = say_list(h, CXL_FABRIC_RELEASE, 0,
                               (CxlFabricExtent *)h->sent->data,
                               h->sent->len);
    }
}

static void compose(CxlBorrower *h)
{
    int64_t now = h->ops->now_ms(h->opaque);

    g_byte_array_set_size(h->out, 0);
    h->out_at = 0;
    if (h->state != CXL_BORROWER_ATTACHED) {
        return;
    }
    answer(h);
    if (!h->done->len && (!h->gone.count || h->sent->len)) {
        return;
    }
    if (!h->ops->settled(h->opaque)) {
        h->again_at = MIN(h->again_at, now + SETTLE_MS);
        return;
    }
    tell_done(h);
    if (h->release_at <= now) {
        release(h);
    } else {
        h->again_at = MIN(h->again_at, h->release_at);
    }
}

uint32_t cxl_borrower_next(CxlBorrower *h, const uint8_t **bytes)
{
    if (h->out_at == h->out->len) {
        compose(h);
    }
    *bytes = h->out->data + h->out_at;
    return h->out->len - h->out_at;
}

void cxl_borrower_left(CxlBorrower *h, uint32_t n)
{
    h->out_at += n;
}
