/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces as lists of command sets.  To add a set: its own file, its line
 * in profiles.h, and its name in the lists below.
 */
#include "qemu/osdep.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/endpoint.h"
#include "hw/cxl/core/fabric-switch.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/mld.h"
#include "hw/cxl/core/switch.h"

static const CxlCmdSet *const memdev_sets[] = {
    &cxl_set_abort,
    &cxl_set_event_records,
    &cxl_set_event_policy,
    &cxl_set_firmware,
    &cxl_set_timestamp,
    &cxl_set_logs,
    &cxl_set_features,
    &cxl_set_maintenance,
    &cxl_set_identify,
    &cxl_set_capacity,
    &cxl_set_health,
    &cxl_set_media,
    &cxl_set_sanitize,
    &cxl_set_security,
    &cxl_set_protocol,
    &cxl_set_dcd,
    &cxl_set_echo,
    NULL
};

const CxlProfile cxl_profile_memdev = {
    .name = "memory device mailbox", .sets = memdev_sets,
};

/* What a fabric manager finds behind a switch port. */
static const CxlCmdSet *const fm_owned_sets[] = {
    &cxl_set_infostat,
    &cxl_set_event_records,
    &cxl_set_timestamp,
    &cxl_set_logs_effects,
    &cxl_set_tunnel,
    &cxl_set_fm_dcd,
    &cxl_set_echo_at_once,
    NULL
};

const CxlProfile cxl_profile_fm_owned = {
    .name = "FM-owned logical device", .sets = fm_owned_sets,
};

/* What the fabric manager may look at, but not change. */
static const CxlCmdSet *const ld_sets[] = {
    &cxl_set_infostat,
    &cxl_set_timestamp,
    &cxl_set_logs_effects,
    &cxl_set_identify,
    &cxl_set_partition_info,
    &cxl_set_health_info,
    &cxl_set_poison_list,
    &cxl_set_echo_at_once,
    NULL
};

const CxlProfile cxl_profile_ld = {
    .name = "logical device", .sets = ld_sets,
};

static const CxlCmdSet *const switch_sets[] = {
    &cxl_set_infostat,
    &cxl_set_event_records,
    &cxl_set_event_policy,
    &cxl_set_timestamp,
    &cxl_set_logs_effects,
    &cxl_set_switch,
    &cxl_set_switch_host,
    &cxl_set_vcs,
    &cxl_set_tunnel,
    &cxl_set_mld_port,
    &cxl_set_echo,
    NULL
};

const CxlProfile cxl_profile_switch = {
    .name = "switch mailbox", .sets = switch_sets,
};

/* Who comes by MCTP is told by messages, not by interrupts. */
static const CxlCmdSet *const switch_door_sets[] = {
    &cxl_set_infostat,
    &cxl_set_event_records,
    &cxl_set_mctp_policy,
    &cxl_set_timestamp,
    &cxl_set_logs_effects,
    &cxl_set_switch,
    &cxl_set_vcs,
    &cxl_set_tunnel,
    &cxl_set_mld_port,
    &cxl_set_echo,
    NULL
};

const CxlProfile cxl_profile_switch_door = {
    .name = "switch management port", .sets = switch_door_sets,
};

static const CxlCmdSet *const mld_sets[] = {
    &cxl_set_infostat,
    &cxl_set_timestamp,
    &cxl_set_logs_effects,
    &cxl_set_tunnel,
    &cxl_set_mld,
    &cxl_set_echo_at_once,
    NULL
};

const CxlProfile cxl_profile_mld = {
    .name = "FM-owned logical device of an MLD", .sets = mld_sets,
};

/* What managers find at the socket of a pool of several hosts. */
static const CxlCmdSet *const fabric_sets[] = {
    &cxl_set_infostat,
    &cxl_set_event_records,
    &cxl_set_mctp_policy,
    &cxl_set_timestamp,
    &cxl_set_logs_effects,
    &cxl_set_multihead,
    &cxl_set_fm_dcd,
    &cxl_set_echo_at_once,
    NULL
};

const CxlProfile cxl_profile_fabric = {
    .name = "multi-headed pool", .sets = fabric_sets,
};

const CxlProfile *const cxl_profiles[] = {
    &cxl_profile_memdev,
    &cxl_profile_fm_owned,
    &cxl_profile_ld,
    &cxl_profile_switch,
    &cxl_profile_switch_door,
    &cxl_profile_mld,
    &cxl_profile_fabric,
    NULL
};

CxlMemdev *cxl_memdev_new(const CxlMemdevConfig *config, const CxlWorld *world,
                          char **problem)
{
    static const CxlMemdevProfiles profiles = {
        &cxl_profile_memdev, &cxl_profile_fm_owned, &cxl_profile_ld,
    };

    return cxl_memdev_create(config, &profiles, world, problem);
}

CxlEndpoint *cxl_type3_new(const CxlEndpointConfig *config,
                           const CxlMemdevConfig *ld, const CxlHostOps *ops,
                           const CxlEndpointOps *endpoint_ops, void *opaque,
                           const CxlMediaOps *store, void *store_opaque,
                           char **problem)
{
    CxlEndpointConfig blocks = *config;
    CxlEndpoint *ep;
    CxlWorld world;
    CxlMemdev *dev;

    blocks.dvsec.fourth_locator = ld->chmu_msgnum;
    ep = cxl_endpoint_new(&blocks, ops, endpoint_ops, opaque);
    world = cxl_endpoint_world(ep, store, store_opaque);
    dev = cxl_memdev_new(ld, &world, problem);
    if (!dev) {
        cxl_endpoint_free(ep);
        return NULL;
    }
    cxl_endpoint_attach(ep, dev);
    return ep;
}

CxlSwitch *cxl_switch_new(const CxlSwitchConfig *config,
                          const CxlSwitchOps *switch_ops,
                          const CxlHostOps *ops, void *opaque)
{
    static const CxlSwitchProfiles profiles = {
        &cxl_profile_switch, &cxl_profile_switch_door,
    };

    return cxl_switch_create(config, &profiles, switch_ops, ops, opaque);
}

const char *cxl_command_name(uint64_t opcode)
{
    for (unsigned p = 0; cxl_profiles[p]; p++) {
        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            for (unsigned r = 0; r < set->num_rows; r++) {
                if (set->rows[r].opcode == opcode) {
                    return set->rows[r].name;
                }
            }
        }
    }
    return "unknown command";
}

CxlMld *cxl_mld_new(const CxlMldConfig *config, const CxlHostOps *ops,
                    void *opaque)
{
    return cxl_mld_create(config, &cxl_profile_mld, ops, opaque);
}

CxlFabric *cxl_fabric_new(const CxlFabricConfig *config, const CxlHostOps *ops,
                          const CxlFabricOps *fabric_ops, void *opaque)
{
    return cxl_fabric_create(config, &cxl_profile_fabric, ops, fabric_ops,
                             opaque);
}

CxlFabricSwitch *cxl_fabric_switch_new(const CxlFabricSwitchConfig *config,
                                       CxlFabric *pool, const CxlHostOps *ops,
                                       const CxlFabricSwitchOps *switch_ops,
                                       void *opaque)
{
    static const CxlFabricSwitchProfiles profiles = {
        { &cxl_profile_switch, &cxl_profile_switch_door }, &cxl_profile_mld,
    };

    return cxl_fabric_switch_create(config, &profiles, pool, ops, switch_ops,
                                    opaque);
}
