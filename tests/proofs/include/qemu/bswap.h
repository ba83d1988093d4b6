/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Little-endian loads and stores, byte by byte; for the proofs alone. */
#ifndef PROOFS_QEMU_BSWAP_H
#define PROOFS_QEMU_BSWAP_H

static inline uint64_t proof_load(const void *p, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)((const uint8_t *)p)[i] << (i * 8);
    }
    return value;
}

static inline void proof_store(void *p, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++) {
        ((uint8_t *)p)[i] = value >> (i * 8);
    }
}

#define ldub_p(p) ((uint8_t)proof_load((p), 1))
#define lduw_le_p(p) ((uint16_t)proof_load((p), 2))
#define ldl_le_p(p) ((uint32_t)proof_load((p), 4))
#define ldq_le_p(p) proof_load((p), 8)
#define stb_p(p, v) proof_store((p), 1, (v))
#define stw_le_p(p, v) proof_store((p), 2, (v))
#define stl_le_p(p, v) proof_store((p), 4, (v))
#define stq_le_p(p, v) proof_store((p), 8, (v))
#define le64_to_cpu(v) (v)
#define cpu_to_le64(v) (v)

#endif
