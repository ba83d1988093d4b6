/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page requests; see page-request.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/page-request.h"

/* PCIe r6.0 10.4.1.1: nine bits */
#define PRGI_MASK 0x1ff

SdxiPageStep sdxi_page_request_next(SdxiPageRequest *r, uint32_t pasid,
                                    uint64_t page)
{
    if (r->pending) {
        return SDXI_PAGE_WAIT;
    }
    if (r->page != page || r->pasid != pasid) {
        r->page = page;
        r->pasid = pasid;
        r->tries = 0;
        r->refused = false;
    }
    if (r->refused || r->tries++ == SDXI_PAGE_TRIES) {
        r->refused = false;
        r->tries = 0;
        return SDXI_PAGE_FAULT;
    }
    r->prgi = (r->prgi + 1) & PRGI_MASK;
    r->pending = true;
    return SDXI_PAGE_SEND;
}

void sdxi_page_request_unsent(SdxiPageRequest *r)
{
    r->pending = false;
}

bool sdxi_page_request_answer(SdxiPageRequest *r, uint16_t prgi, bool success)
{
    if (!r->pending || prgi != r->prgi) {
        return false;
    }
    r->pending = false;
    r->refused = !success;
    return true;
}

void sdxi_page_request_forget(SdxiPageRequest *r)
{
    *r = (SdxiPageRequest) { .prgi = r->prgi };
}
