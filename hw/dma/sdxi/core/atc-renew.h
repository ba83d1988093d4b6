/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cache of translations follows the log of invalidations: what that names is
 * dropped, and the rest stays.
 *
 * A page of the I/O MMU is void as a whole, of whichever part of it an
 * invalidation speaks; so are blocks and rows that it is a part of here.
 */
#ifndef HW_DMA_SDXI_CORE_ATC_RENEW_H
#define HW_DMA_SDXI_CORE_ATC_RENEW_H

#include "hw/dma/sdxi/core/atc.h"

/* Sets that are looked at for one renewal; if it were more, all is dropped. */
#define SDXI_ATC_RENEW_SETS (4 << SDXI_ATC_SMALL_BITS)

/*
 * From here on @atc is of @epoch.  All of it is dropped if @log is NULL, or
 * does not reach back to the epoch that @atc was of.
 */
void sdxi_atc_renew(SdxiAtc *atc, uint64_t epoch, const SdxiInvalLog *log);

#endif /* HW_DMA_SDXI_CORE_ATC_RENEW_H */
