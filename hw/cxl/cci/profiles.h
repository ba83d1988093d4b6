/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command sets, and which of them each kind of interface exposes.
 * The rows are in the file named like the set.
 */
#ifndef HW_CXL_CCI_PROFILES_H
#define HW_CXL_CCI_PROFILES_H

#include "hw/cxl/core/cci.h"

extern const CxlCmdSet cxl_set_abort;
extern const CxlCmdSet cxl_set_capacity;
extern const CxlCmdSet cxl_set_dcd;
extern const CxlCmdSet cxl_set_echo;
extern const CxlCmdSet cxl_set_echo_at_once;
extern const CxlCmdSet cxl_set_event_policy;
extern const CxlCmdSet cxl_set_event_records;
extern const CxlCmdSet cxl_set_features;
extern const CxlCmdSet cxl_set_firmware;
extern const CxlCmdSet cxl_set_fm_dcd;
extern const CxlCmdSet cxl_set_health;
extern const CxlCmdSet cxl_set_health_info;
extern const CxlCmdSet cxl_set_identify;
extern const CxlCmdSet cxl_set_infostat;
extern const CxlCmdSet cxl_set_logs;
extern const CxlCmdSet cxl_set_logs_effects;
extern const CxlCmdSet cxl_set_maintenance;
extern const CxlCmdSet cxl_set_mctp_policy;
extern const CxlCmdSet cxl_set_media;
extern const CxlCmdSet cxl_set_mld;
extern const CxlCmdSet cxl_set_mld_port;
extern const CxlCmdSet cxl_set_partition_info;
extern const CxlCmdSet cxl_set_poison_list;
extern const CxlCmdSet cxl_set_multihead;
extern const CxlCmdSet cxl_set_protocol;
extern const CxlCmdSet cxl_set_sanitize;
extern const CxlCmdSet cxl_set_security;
extern const CxlCmdSet cxl_set_switch;
extern const CxlCmdSet cxl_set_switch_host;
extern const CxlCmdSet cxl_set_timestamp;
extern const CxlCmdSet cxl_set_tunnel;
extern const CxlCmdSet cxl_set_vcs;

/* Primary mailbox of a memory device; the owner is a CxlMemdev. */
extern const CxlProfile cxl_profile_memdev;
/* Behind a switch port, and tunnelled to from there; a CxlMemdev too. */
extern const CxlProfile cxl_profile_fm_owned;
extern const CxlProfile cxl_profile_ld;
/* FM-owned logical device of an MLD; the owner is a CxlMld. */
extern const CxlProfile cxl_profile_mld;
/* Pool of several hosts; the owner is a CxlFabric. */
extern const CxlProfile cxl_profile_fabric;
/* Mailbox of a switch, and its doors for managers; the owner is a CxlSwitch. */
extern const CxlProfile cxl_profile_switch;
extern const CxlProfile cxl_profile_switch_door;

/* The name of a command, whichever interface it came in by; never NULL */
const char *cxl_command_name(uint64_t opcode);

/* All profiles, NULL terminated, for tests and documents. */
extern const CxlProfile *const cxl_profiles[];

#endif /* HW_CXL_CCI_PROFILES_H */
