/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two passphrases, two counters, lock and freeze; see security.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/security.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlSecurity) != 70 && sizeof(void *) == 8);

uint32_t cxl_security_state(const CxlSecurity *s)
{
    bool user_out = s->failures[CXL_PASSPHRASE_USER] >= CXL_SECURITY_ATTEMPTS;
    bool master_out =
        s->failures[CXL_PASSPHRASE_MASTER] >= CXL_SECURITY_ATTEMPTS;

    return (s->set[CXL_PASSPHRASE_USER] ? CXL_SECURITY_USER_SET : 0) |
           (s->set[CXL_PASSPHRASE_MASTER] ? CXL_SECURITY_MASTER_SET : 0) |
           (s->locked ? CXL_SECURITY_LOCKED : 0) |
           (s->frozen ? CXL_SECURITY_FROZEN : 0) |
           (user_out ? CXL_SECURITY_USER_LIMIT : 0) |
           (master_out ? CXL_SECURITY_MASTER_LIMIT : 0);
}

void cxl_security_power_on(CxlSecurity *s)
{
    s->locked = s->set[CXL_PASSPHRASE_USER];
    s->frozen = false;
    memset(s->failures, 0, sizeof(s->failures));
}

/*
 * Every byte is looked at whatever the first difference: a guest cannot
 * measure how far it guessed right.
 */
static bool same(const uint8_t *a, const uint8_t *b)
{
    uint8_t difference = 0;

    for (unsigned i = 0; i < CXL_PASSPHRASE_SIZE; i++) {
        difference |= a[i] ^ b[i];
    }
    return !difference;
}

static CxlRc verify(CxlSecurity *s, unsigned type, const uint8_t *given)
{
    if (s->failures[type] >= CXL_SECURITY_ATTEMPTS) {
        return CXL_RC_SECURITY_STATE;
    }
    if (!same(s->passphrase[type], given)) {
        s->failures[type]++;
        return CXL_RC_PASSPHRASE;
    }
    s->failures[type] = 0;
    return CXL_RC_SUCCESS;
}

static void forget(CxlSecurity *s, unsigned type)
{
    memset(s->passphrase[type], 0, CXL_PASSPHRASE_SIZE);
    s->set[type] = false;
    s->failures[type] = 0;
}

static bool known_type(unsigned type)
{
    return type == CXL_PASSPHRASE_MASTER || type == CXL_PASSPHRASE_USER;
}

CxlRc cxl_security_set(CxlSecurity *s, unsigned type, const uint8_t *current,
                       const uint8_t *next)
{
    if (!known_type(type)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (s->frozen || s->locked) {
        return CXL_RC_SECURITY_STATE;
    }
    if (type == CXL_PASSPHRASE_MASTER && s->set[CXL_PASSPHRASE_USER]) {
        return CXL_RC_SECURITY_STATE;
    }
    if (s->set[type]) {
        CxlRc rc = verify(s, type, current);

        if (rc != CXL_RC_SUCCESS) {
            return rc;
        }
    }
    memcpy(s->passphrase[type], next, CXL_PASSPHRASE_SIZE);
    s->set[type] = true;
    s->failures[type] = 0;
    return CXL_RC_SUCCESS;
}

CxlRc cxl_security_disable(CxlSecurity *s, unsigned type,
                           const uint8_t *current)
{
    CxlRc rc;

    if (!known_type(type)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (s->frozen || !s->set[type]) {
        return CXL_RC_SECURITY_STATE;
    }
    rc = verify(s, type, current);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    forget(s, type);
    if (type == CXL_PASSPHRASE_USER) {
        s->locked = false;
    }
    return CXL_RC_SUCCESS;
}

CxlRc cxl_security_unlock(CxlSecurity *s, const uint8_t *current)
{
    CxlRc rc;

    if (s->frozen || !s->set[CXL_PASSPHRASE_USER] || !s->locked) {
        return CXL_RC_SECURITY_STATE;
    }
    rc = verify(s, CXL_PASSPHRASE_USER, current);
    if (rc == CXL_RC_SUCCESS) {
        s->locked = false;
    }
    return rc;
}

void cxl_security_freeze(CxlSecurity *s)
{
    s->frozen = true;
}

CxlRc cxl_security_erase(CxlSecurity *s, unsigned type,
                         const uint8_t *current)
{
    CxlRc rc = CXL_RC_SUCCESS;

    if (!known_type(type)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (s->frozen) {
        return CXL_RC_SECURITY_STATE;
    }
    if (type == CXL_PASSPHRASE_MASTER && !s->set[CXL_PASSPHRASE_MASTER]) {
        return CXL_RC_INVALID_INPUT;
    }
    /* Without a user passphrase there is nothing to compare with. */
    if (s->set[type]) {
        rc = verify(s, type, current);
    }
    if (rc == CXL_RC_SUCCESS) {
        forget(s, CXL_PASSPHRASE_USER);
        s->locked = false;
    }
    return rc;
}

bool cxl_security_allows_erase(const CxlSecurity *s)
{
    return !s->set[CXL_PASSPHRASE_USER] && !s->locked;
}

void cxl_security_save(const CxlSecurity *s, SaveWriter *w)
{
    save_put_bytes(w, s->passphrase, sizeof(s->passphrase));
    for (unsigned i = 0; i < 2; i++) {
        save_put(w, s->set[i]);
        save_put(w, s->failures[i]);
    }
    save_put(w, s->locked);
    save_put(w, s->frozen);
}

void cxl_security_load(CxlSecurity *s, SaveReader *r)
{
    save_get_bytes(r, s->passphrase, sizeof(s->passphrase));
    for (unsigned i = 0; i < 2; i++) {
        SAVE_GET(r, s->set[i]);
        SAVE_GET(r, s->failures[i]);
    }
    SAVE_GET(r, s->locked);
    SAVE_GET(r, s->frozen);
}

const char *cxl_security_check(const CxlSecurity *s)
{
    if (s->locked && !s->set[CXL_PASSPHRASE_USER]) {
        return "locked without a passphrase";
    }
    for (unsigned i = 0; i < 2; i++) {
        if (s->failures[i] > CXL_SECURITY_ATTEMPTS) {
            return "passphrase attempts";
        }
    }
    return NULL;
}
