/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic: host physical addresses to device physical addresses
 * and back, as pure numbers.  Who interleaves with whom is route.h.
 *
 * An interleave is a pair of codes as the decoder registers hold them
 * (CXL r3.1 8.2.4.20.7):
 *   ig  granularity 256 << ig bytes, 0..6
 *   iw  ways: 0 1, 1 2, 2 4, 3 8, 4 16, 8 3, 9 6, 10 12
 * Offsets are bytes from the base of the decoder.  Functions that take codes
 * want valid ones (cxl_interleave_valid); anything else is our defect.
 */
#ifndef HW_CXL_CORE_INTERLEAVE_H
#define HW_CXL_CORE_INTERLEAVE_H

#define CXL_INTERLEAVE_WAYS_MAX 16
#define CXL_INTERLEAVE_IG_MAX   6

/* Ways of code @iw, 0 if there is no such code. */
unsigned cxl_interleave_ways(unsigned iw);
/* Code for @ways, or -1. */
int cxl_interleave_iw(unsigned ways);
/* Bytes of code @ig, 0 if there is no such code. */
uint64_t cxl_interleave_bytes(unsigned ig);
/* Code for a granularity of @bytes, or -1. */
int cxl_interleave_ig(uint64_t bytes);
bool cxl_interleave_valid(unsigned ig, unsigned iw);

/* Which way the byte at @off goes to, 0..ways-1. */
unsigned cxl_interleave_position(uint64_t off, unsigned ig, unsigned iw);
/* Offset from the decoder's DPA base; CXL r3.1 8.2.4.20.13. */
uint64_t cxl_interleave_to_dpa(uint64_t off, unsigned ig, unsigned iw);
/* The inverse for the member at @position. */
uint64_t cxl_interleave_to_hpa(uint64_t dpa_off, unsigned position,
                               unsigned ig, unsigned iw);

/*
 * Target selection of a window that uses XOR arithmetic, CXL r3.1 9.18.1.4.
 * @maps has one entry per position bit: none for 1 and 3 ways, 1..4 for 2..16
 * ways, 1 and 2 for 6 and 12.  The remaining factor of three is modulo.
 */
unsigned cxl_interleave_xor_maps(unsigned iw);
unsigned cxl_interleave_xor_position(uint64_t hpa, uint64_t off, unsigned ig,
                                     unsigned iw, const uint64_t *maps);
/*
 * Undo the XOR: @hpa carries the plain position in the lowest bit of each
 * map; returns the address at which the host finds that byte.
 */
uint64_t cxl_interleave_xor_restore(uint64_t hpa, unsigned iw,
                                    const uint64_t *maps);

#endif /* HW_CXL_CORE_INTERLEAVE_H */
