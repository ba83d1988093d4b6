/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of the specification as words: return codes, command names, states.
 */
#ifndef TOOLS_CXL_FM_CODES_H
#define TOOLS_CXL_FM_CODES_H

/* "Invalid Input", and what it means for a person; never NULL. */
const char *rc_name(uint16_t rc);
const char *rc_meaning(uint16_t rc);
/* "Bind vPPB"; "command" if it has no name here. */
const char *opcode_name(uint16_t opcode);

/* The word of a list that ends with NULL; "reserved" beyond it. */
const char *word_of(const char *const *words, unsigned value);
extern const char *const component_words[];
extern const char *const port_state_words[];
extern const char *const device_words[];
extern const char *const ltssm_words[];
extern const char *const vppb_words[];
extern const char *const log_words[];
extern const char *const dc_event_words[];

#endif /* TOOLS_CXL_FM_CODES_H */
