/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Append to the error log; see errlog.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/errlog.h"

uint64_t sdxi_errlog_entries(uint64_t err_cfg, bool shift)
{
    unsigned sz = FIELD_EX64(err_cfg, SDXI_ERR_CFG, SZ);

    return shift ? (uint64_t)SDXI_ERRLOG_MIN << sz
                 : SDXI_ERRLOG_MIN * MAX(sz, 1);
}

static void compose(const SdxiFault *fault, const SdxiErrContext *where,
                    uint64_t q[SDXI_ERRLOG_BYTES / 8])
{
    uint64_t q0 = 0;

    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, VL, 1);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, STEP, fault->step);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, TYPE, SDXI_ERRLOG_TYPE);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, CV, where->has_number);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, DIV, where->has_index);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, BV, fault->has_buffer);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, BUF,
                    fault->has_buffer ? fault->buffer : 0);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, SUB_STEP, fault->sub);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, RE, fault->reaction);
    q0 = FIELD_DP64(q0, SDXI_ERR_Q0, CXT_NUM,
                    where->has_number ? where->number : 0);
    memset(q, 0, SDXI_ERRLOG_BYTES);
    q[0] = cpu_to_le64(q0);
    q[SDXI_ERR_DSC_INDEX] = cpu_to_le64(where->has_index ? where->index : 0);
}

/* *@lost: the flag to set. */
static SdxiErrlogEnd put(SdxiRegs *regs, const SdxiHost *host,
                         const SdxiSpace *space, uint64_t entries,
                         const uint64_t *q, uint64_t *lost)
{
    uint64_t wrt = sdxi_regs_get(regs, SDXI_MMIO_ERR_WRT);
    uint64_t rd = sdxi_regs_get(regs, SDXI_MMIO_ERR_RD);
    uint64_t table = sdxi_regs_get(regs, SDXI_MMIO_ERR_CFG) &
                     R_SDXI_ERR_CFG_PTR_MASK;
    uint64_t addr = table + wrt % entries * SDXI_ERRLOG_BYTES;
    SdxiMemResult result = SDXI_MEM_ACCESS;

    if (wrt - rd >= entries) {
        *lost = R_SDXI_ERR_STS_OVF_MASK;
        return SDXI_ERRLOG_LOST;
    }
    if (addr >= table) {
        result = sdxi_host_write(host, space, addr, q, SDXI_ERRLOG_BYTES);
    }
    if (result == SDXI_MEM_AGAIN) {
        return SDXI_ERRLOG_AGAIN;
    }
    if (result != SDXI_MEM_OK) {
        *lost = R_SDXI_ERR_STS_ERR_MASK;
        return SDXI_ERRLOG_LOST;
    }
    sdxi_regs_set(regs, SDXI_MMIO_ERR_WRT, wrt + 1);
    return SDXI_ERRLOG_WRITTEN;
}

/* True if vector 0 is to be raised. */
static bool mark(SdxiRegs *regs, const SdxiHost *host, uint64_t lost)
{
    uint64_t sts = sdxi_regs_get(regs, SDXI_MMIO_ERR_STS);

    sdxi_regs_set(regs, SDXI_MMIO_ERR_STS,
                  sts | lost | R_SDXI_ERR_STS_STS_MASK);
    sdxi_host_trace(host, SDXI_TRACE_ERRLOG,
                    sdxi_regs_get(regs, SDXI_MMIO_ERR_WRT), lost != 0, 0);
    return !FIELD_EX64(sts, SDXI_ERR_STS, STS) &&
           FIELD_EX64(sdxi_regs_get(regs, SDXI_MMIO_ERR_CTL),
                      SDXI_ERR_CTL, INTR_EN);
}

SdxiErrlogEnd sdxi_errlog_append(SdxiRegs *regs, const SdxiHost *host,
                                 const SdxiSpace *space, bool shift,
                                 const SdxiFault *fault,
                                 const SdxiErrContext *where,
                                 bool *interrupt)
{
    uint64_t cfg = sdxi_regs_get(regs, SDXI_MMIO_ERR_CFG);
    uint64_t q[SDXI_ERRLOG_BYTES / 8];
    uint64_t lost = 0;
    SdxiErrlogEnd end;

    *interrupt = false;
    if (!FIELD_EX64(cfg, SDXI_ERR_CFG, EN)) {
        return SDXI_ERRLOG_OFF;
    }
    compose(fault, where, q);
    end = put(regs, host, space, sdxi_errlog_entries(cfg, shift), q, &lost);
    if (end != SDXI_ERRLOG_AGAIN) {
        *interrupt = mark(regs, host, lost);
    }
    return end;
}

SdxiErrlogEnd sdxi_errlog_lose(SdxiRegs *regs, const SdxiHost *host,
                               bool *interrupt)
{
    *interrupt = mark(regs, host, R_SDXI_ERR_STS_ERR_MASK);
    return SDXI_ERRLOG_LOST;
}
