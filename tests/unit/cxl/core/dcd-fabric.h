/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several hosts over the pool of one device: the device's own, and others that
 * are nothing but views.
 */
#ifndef TESTS_UNIT_CXL_CORE_DCD_FABRIC_H
#define TESTS_UNIT_CXL_CORE_DCD_FABRIC_H

#include "tests/unit/cxl/core/dcd-fixture.h"

#define HOSTS 32

typedef struct Fabric {
    FakeHost *h;
    CxlDcPool *pool;
    CxlDcView *view[HOSTS];
    CxlDcView views[HOSTS];
    CxlEvents events[HOSTS];
    unsigned hosts;
} Fabric;

static inline Fabric *fabric_new_of(const CxlMemdevConfig *cfg, unsigned hosts)
{
    Fabric *f = g_new0(Fabric, 1);
    CxlMemdev *dev;

    f->h = fake_host_new(cfg);
    dev = f->h->dev;
    f->pool = &dev->dc_pool;
    f->view[0] = &dev->dc_view;
    f->hosts = hosts;
    for (unsigned i = 1; i < hosts; i++) {
        cxl_events_init(&f->events[i], dev->ops, dev->ops_opaque, &dev->clock,
                        dev->cfg.event_log_size, dev->cfg.event_msgnum, true);
        cxl_dcd_view_init(&f->views[i], f->pool, dev->ops, dev->ops_opaque,
                          dev->store, dev->store_opaque, &f->events[i]);
        f->view[i] = &f->views[i];
    }
    return f;
}

static inline Fabric *fabric_new(unsigned hosts)
{
    CxlMemdevConfig cfg = config();

    return fabric_new_of(&cfg, hosts);
}

static inline void fabric_free(Fabric *f)
{
    fake_check(f->h);
    for (unsigned i = 1; i < f->hosts; i++) {
        cxl_dcd_view_destroy(&f->views[i]);
        cxl_events_destroy(&f->events[i]);
    }
    fake_host_free(f->h);
    g_free(f);
}

#endif /* TESTS_UNIT_CXL_CORE_DCD_FABRIC_H */
