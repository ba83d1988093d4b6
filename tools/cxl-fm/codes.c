/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words for numbers; see codes.h.  Return codes: CXL r3.1 8.2.8.4.5.1.
 */
#include "qemu/osdep.h"
#include "tools/cxl-fm/codes.h"

static const struct {
    const char *name;
    const char *meaning;
} codes[] = {
    { "Success", "done" },
    { "Background Command Started", "it goes on in the background" },
    { "Invalid Input", "there is no such port, vPPB, LD, host or region, or"
      " it is not in a state for this" },
    { "Unsupported", "this component does not have the command" },
    { "Internal Error", "the component failed" },
    { "Retry Required", "not now: the host has not let go in time, or the"
      " machine is being saved or migrated" },
    { "Busy", "another background operation is running" },
    { "Media Disabled", "the media is disabled or being sanitized" },
    { "FW Transfer in Progress", "one firmware transfer at a time" },
    { "FW Transfer Out of Order", "a part of the firmware is missing" },
    { "FW Verification Failed", "the firmware image is not valid" },
    { "Invalid Slot", "there is no such firmware slot" },
    { "Activation Failed, FW Rolled Back", "the old firmware runs" },
    { "Cold Reset Required", "activation needs a loss of power" },
    { "Invalid Handle", "the event record has gone" },
    { "Invalid Physical Address", "the range is not within what the host has"
      " been given, or not within the region" },
    { "Inject Poison Limit Reached", "no more poison can be injected" },
    { "Permanent Media Failure", "the media is broken there" },
    { "Aborted", "somebody aborted the operation" },
    { "Invalid Security State", "locked, frozen or without a passphrase" },
    { "Incorrect Passphrase", "the passphrase is another" },
    { "Unsupported Mailbox or CCI", "the command cannot come this way" },
    { "Invalid Payload Length", "the payload is too short or too long" },
    { "Invalid Log", "there is no such log" },
    { "Interrupted", "a reset or another event interrupted it" },
    { "Unsupported Feature Version", "the feature has another version" },
    { "Unsupported Feature Selection Value", "there is no such selection" },
    { "Feature Transfer in Progress", "one feature transfer at a time" },
    { "Feature Transfer Out of Order", "a part of the feature is missing" },
    { "Resources Exhausted", "there is not enough free capacity, or no room"
      " for another extent or tag" },
    { "Invalid Extent List", "extents overlap each other or what is there"
      " already, or are not aligned to the block size" },
    { "Transfer Out of Order", "a part of the transfer is missing" },
    { "Request Abort Not Supported", "the operation cannot be aborted" },
};

const char *rc_name(uint16_t rc)
{
    return rc < G_N_ELEMENTS(codes) ? codes[rc].name : "unknown return code";
}

const char *rc_meaning(uint16_t rc)
{
    return rc < G_N_ELEMENTS(codes) ? codes[rc].meaning :
           "the component answers what CXL r3.1 does not know";
}

const char *opcode_name(uint16_t opcode)
{
    static const struct {
        uint16_t opcode;
        const char *name;
    } names[] = {
        { 0x0001, "Identify" },
        { 0x0002, "Background Operation Status" },
        { 0x0100, "Get Event Records" },
        { 0x0101, "Clear Event Records" },
        { 0x0105, "Set MCTP Event Interrupt Policy" },
        { 0x5100, "Identify Switch Device" },
        { 0x5101, "Get Physical Port State" },
        { 0x5102, "Physical Port Control" },
        { 0x5103, "Send PPB CXL.io Configuration Request" },
        { 0x5200, "Get Virtual CXL Switch Info" },
        { 0x5201, "Bind vPPB" },
        { 0x5202, "Unbind vPPB" },
        { 0x5300, "Tunnel Management Command" },
        { 0x5301, "Send LD CXL.io Configuration Request" },
        { 0x5400, "Get LD Info" },
        { 0x5401, "Get LD Allocations" },
        { 0x5402, "Set LD Allocations" },
        { 0x5403, "Get QoS Control" },
        { 0x5404, "Set QoS Control" },
        { 0x5405, "Get QoS Status" },
        { 0x5600, "Get DCD Info" },
        { 0x5601, "Get Host DC Region Configuration" },
        { 0x5603, "Get DC Region Extent Lists" },
        { 0x5604, "Initiate Dynamic Capacity Add" },
        { 0x5605, "Initiate Dynamic Capacity Release" },
        { 0x5606, "Dynamic Capacity Add Reference" },
        { 0x5607, "Dynamic Capacity Remove Reference" },
        { 0x5608, "Dynamic Capacity List Tags" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].opcode == opcode) {
            return names[i].name;
        }
    }
    return "command";
}

const char *word_of(const char *const *words, unsigned value)
{
    for (unsigned i = 0; words[i]; i++) {
        if (i == value) {
            return words[i];
        }
    }
    return "reserved";
}

const char *const component_words[] = {
    "switch", "reserved", "reserved", "type-3", NULL
};
/* Get Physical Port State, CXL r3.1 7.6.7.1.2 */
const char *const port_state_words[] = {
    "disabled", "bind-in-progress", "unbind-in-progress", "downstream",
    "upstream", "fabric", NULL
};
const char *const device_words[] = {
    "none", "pcie", "type-1", "type-2", "sld", "mld", "switch", NULL
};
const char *const ltssm_words[] = {
    "detect", "polling", "configuration", "recovery", "L0", "L0s", "L1", "L2",
    "disabled", "loopback", "hot-reset", NULL
};
/* Get Virtual CXL Switch Info, CXL r3.1 7.6.7.2.1 */
const char *const vppb_words[] = {
    "unbound", "in-progress", "bound-port", "bound-ld", NULL
};
/* Logs, CXL r3.1 8.2.9.2.2 */
const char *const log_words[] = {
    "informational", "warning", "failure", "fatal", "dynamic-capacity", NULL
};
/* Dynamic Capacity Event Record, CXL r3.1 8.2.9.2.1.6 */
const char *const dc_event_words[] = {
    "add-capacity", "release-capacity", "forced-release",
    "region-configuration-updated", "add-response", "capacity-released", NULL
};
