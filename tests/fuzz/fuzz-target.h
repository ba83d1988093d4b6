/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fuzz target and its driver owe each other.
 *
 * The names are libFuzzer's, so that a target links with libFuzzer or with
 * replay.c and does not know which.
 */

#ifndef TESTS_FUZZ_FUZZ_TARGET_H
#define TESTS_FUZZ_FUZZ_TARGET_H

/*
 * Every target defines this. @data has @size bytes and belongs to the driver.
 * Returns 0; a finding is an abort or a sanitizer's report.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A target may define this; it is called once, before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/* Of the sanitizers, where the build has them. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));
const char *__ubsan_default_options(void);

#endif
