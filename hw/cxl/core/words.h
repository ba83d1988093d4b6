/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words for the numbers of a device's steps, CxlTraceStep of hostops.h, that
 * stand for something.  A number that stands for nothing is "unknown".  Names
 * of commands are cci/profiles.h, cxl_command_name().
 */
#ifndef HW_CXL_CORE_WORDS_H
#define HW_CXL_CORE_WORDS_H

const char *cxl_word_event_log(uint64_t log);
/* Of the source of a poisoned line; 0: it was removed. */
const char *cxl_word_poison(uint64_t source);
const char *cxl_word_media_state(uint64_t state);
/* Of a word of states, CXL_SECURITY_... */
const char *cxl_word_security(uint64_t states);
const char *cxl_word_decoder(uint64_t committed);
const char *cxl_word_reset(uint64_t kind);

#endif /* HW_CXL_CORE_WORDS_H */
