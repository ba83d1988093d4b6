/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests for pages of a process that are not there yet, PCIe r6.0 10.4: one
 * on its way at a time, an answer that is told by its index from an older one,
 * and an end to asking for a page that is granted and gone again.
 *
 * How a request is sent, and who answers, is hw/dma/sdxi/pasid.c.
 */
#ifndef HW_DMA_SDXI_CORE_PAGE_REQUEST_H
#define HW_DMA_SDXI_CORE_PAGE_REQUEST_H

/* A page that was granted this often and is gone again is not to be had. */
#define SDXI_PAGE_TRIES         16

typedef struct SdxiPageRequest {
    uint64_t page;              /* last one requested */
    uint32_t pasid;
    uint16_t prgi;              /* page request group index of that request */
    bool pending;
    bool refused;
    unsigned tries;             /* answered, and still not there */
} SdxiPageRequest;

typedef enum SdxiPageStep {
    SDXI_PAGE_WAIT,             /* one is on its way */
    SDXI_PAGE_SEND,             /* now, with the index that is in prgi */
    SDXI_PAGE_FAULT,            /* the page is not to be had */
} SdxiPageStep;

/* An access has found that @page of @pasid is not there. */
SdxiPageStep sdxi_page_request_next(SdxiPageRequest *r, uint32_t pasid,
                                    uint64_t page);
/* What was to be sent could not be. */
void sdxi_page_request_unsent(SdxiPageRequest *r);
/* True: it was waited for, and the access can be tried again. */
bool sdxi_page_request_answer(SdxiPageRequest *r, uint16_t prgi,
                              bool success);
/* Nothing is on its way any more; answers that come later are not taken. */
void sdxi_page_request_forget(SdxiPageRequest *r);

#endif /* HW_DMA_SDXI_CORE_PAGE_REQUEST_H */
