/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of several hosts: they attach, answer, give back, lie, die; managers
 * add and take; the pool's process ends and comes back.  Never two who have
 * what is not shared, nothing wiped under anybody, nothing lost.
 *
 * Steps of four bytes: see tests/unit/cxl/fabric-model.h.
 */
#include "qemu/osdep.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/fabric-model.h"

#define STEPS_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    World *w = world_new();

    for (unsigned i = 0; i < STEPS_MAX && size >= MODEL_STEP;
         i++, data += MODEL_STEP, size -= MODEL_STEP) {
        model_step(w, data);
    }
    model_end(w);
    world_free(w);
    return 0;
}
