/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passphrase security of persistent capacity.  CXL r3.1 8.2.9.9.6.
 * What locking does to memory is elsewhere: core/device.c answers accesses,
 * core/cci.c refuses commands.
 *
 * Invariant: locked implies a user passphrase; the attempt counters do not
 * exceed the limit.
 */
#ifndef HW_CXL_CORE_SECURITY_H
#define HW_CXL_CORE_SECURITY_H

#include "hw/common/save.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/mailbox.h"

#define CXL_SECURITY_ATTEMPTS 3

/* Indexed by CXL_PASSPHRASE_MASTER and CXL_PASSPHRASE_USER */
typedef struct CxlSecurity {
    uint8_t passphrase[2][CXL_PASSPHRASE_SIZE];
    bool set[2];
    uint8_t failures[2];
    bool locked;
    bool frozen;
} CxlSecurity;

/* The state word of 4500h. */
uint32_t cxl_security_state(const CxlSecurity *s);
/* Power on: locked if a user passphrase is set, not frozen, no failures. */
void cxl_security_power_on(CxlSecurity *s);

CxlRc cxl_security_set(CxlSecurity *s, unsigned type, const uint8_t *current,
                       const uint8_t *next);
CxlRc cxl_security_disable(CxlSecurity *s, unsigned type,
                           const uint8_t *current);
CxlRc cxl_security_unlock(CxlSecurity *s, const uint8_t *current);
void cxl_security_freeze(CxlSecurity *s);
/* Success: the caller erases persistent data now. */
CxlRc cxl_security_erase(CxlSecurity *s, unsigned type,
                         const uint8_t *current);
/* Whether sanitize and secure erase are allowed. */
bool cxl_security_allows_erase(const CxlSecurity *s);

/* Saved state, see hw/common/save.h. */
void cxl_security_save(const CxlSecurity *s, SaveWriter *w);
void cxl_security_load(CxlSecurity *s, SaveReader *r);
const char *cxl_security_check(const CxlSecurity *s);

#endif /* HW_CXL_CORE_SECURITY_H */
