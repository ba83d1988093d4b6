/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operation groups on offer, and their capability bits.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/groups.h"
#include "hw/dma/sdxi/ops/profiles.h"

static const SdxiOpGroup *const standard[] = {
    &sdxi_group_base,
    &sdxi_group_admin,
    &sdxi_group_atomic,
    &sdxi_group_intr,
    &sdxi_group_atomic_minimal,
};

const SdxiProfile sdxi_profile_standard = {
    .groups = standard, .num_groups = ARRAY_SIZE(standard),
};

bool sdxi_profile_offers(const SdxiOpGroup *group, const SdxiParams *params)
{
    switch (group->experiment) {
    case SDXI_X_ATOMICS:
        return params->x_atomics;
    case SDXI_X_MINIMAL_ATOMICS:
        return params->x_minimal_atomics;
    default:
        return true;
    }
}

uint32_t sdxi_profile_groups(const SdxiProfile *profile,
                             const SdxiParams *params)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < profile->num_groups; i++) {
        const SdxiOpGroup *group = profile->groups[i];

        if (!group->mandatory && sdxi_profile_offers(group, params)) {
            bits |= BIT(group->type);
        }
    }
    return bits;
}

/* Subtypes are unique, and everything a dispatcher needs is there. */
static const char *check_rows(const SdxiOpGroup *group)
{
    for (unsigned i = 0; i < group->num_rows; i++) {
        const SdxiOpRow *row = &group->rows[i];

        if (!row->name || !row->run || !row->section ||
            row->repeatable != !row->missing) {
            return group->name;
        }
        for (unsigned n = 0; n < i; n++) {
            if (group->rows[n].subtype == row->subtype) {
                return row->name;
            }
        }
    }
    return NULL;
}

const char *sdxi_profile_check(const SdxiProfile *profile)
{
    for (unsigned i = 0; i < profile->num_groups; i++) {
        const SdxiOpGroup *group = profile->groups[i];
        const char *bad = check_rows(group);

        if (bad) {
            return bad;
        }
        /* An optional group needs one of the 32 bits. */
        if (group->type > 0x7ff || (!group->mandatory && group->type > 31)) {
            return group->name;
        }
        for (unsigned n = 0; n < i; n++) {
            if (profile->groups[n]->type == group->type) {
                return group->name;
            }
        }
    }
    return NULL;
}
