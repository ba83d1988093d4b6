/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features: what a host may tune, current and saved, and transfers of settings
 * in parts.  CXL r3.1 8.2.9.6.  Using spares is core/maintenance.c,
 * scrubbing itself core/scrub.c.
 *
 * A feature is a row: identity, sizes, defaults, how settings are judged and
 * how they look when read.  The state of a feature is its settings, exactly as
 * the host writes them.
 */
#ifndef HW_CXL_CORE_FEATURES_H
#define HW_CXL_CORE_FEATURES_H

#include "hw/common/save.h"
#include "hw/cxl/wire/features.h"
#include "hw/cxl/wire/mailbox.h"

/* Order of the rows, and their index on the wire */
enum {
    CXL_FEATURE_SCRUB, CXL_FEATURE_ECS, CXL_FEATURE_SPPR, CXL_FEATURE_HPPR,
    CXL_FEATURE_CACHELINE, CXL_FEATURE_ROW, CXL_FEATURE_BANK,
    CXL_FEATURE_RANK, CXL_FEATURE_PACE, CXL_FEATURES
};

#define CXL_ECS_FRUS          3
#define CXL_FEATURE_SET_MAX   (1 + 2 * CXL_ECS_FRUS)
#define CXL_FEATURE_GET_MAX   20
#define CXL_PACE_MAX          10    /* a thousand times as long */

typedef struct CxlFeatureState {
    uint8_t current[CXL_FEATURE_SET_MAX];
    uint8_t saved[CXL_FEATURE_SET_MAX];
} CxlFeatureState;

typedef struct CxlFeatures {
    CxlFeatureState state[CXL_FEATURES];
    /* Settings being received in parts */
    bool open;
    uint8_t index;      /* of the feature they are for */
    bool save;
    uint16_t have;      /* bytes received */
    int64_t last_ns;
    uint8_t part[CXL_FEATURE_SET_MAX];
} CxlFeatures;

void cxl_features_init(CxlFeatures *f);
/* A transfer is forgotten. */
void cxl_features_interrupt(CxlFeatures *f);
/* The same, and saved settings become current. */
void cxl_features_cold_reset(CxlFeatures *f);

/* Index of the feature, or -1. */
int cxl_features_find(const CxlUuid *uuid);
void cxl_features_entry(unsigned index, CxlFeatureEntry *out);
/* For people */
const char *cxl_features_name(unsigned index);
/* Bytes that reading gives; @out has CXL_FEATURE_GET_MAX. */
unsigned cxl_features_read(const CxlFeatures *f, unsigned index,
                           unsigned selection, uint8_t *out);
/* Are settings of the feature being received in parts? */
bool cxl_features_in_transfer(CxlFeatures *f, unsigned index, int64_t now_ns);
/*
 * 0502h.  *@changed is the index of the feature whose settings are new,
 * or -1.
 */
CxlRc cxl_features_set(CxlFeatures *f, const CxlFeatureSetIn *in,
                       uint32_t data_len, int64_t now_ns, int *changed);

/* Saved state, see hw/common/save.h. */
void cxl_features_save(const CxlFeatures *f, SaveWriter *w);
void cxl_features_load(CxlFeatures *f, SaveReader *r);
/* The same without a transfer, which is its host's; one is refused. */
void cxl_features_save_at_rest(const CxlFeatures *f, SaveWriter *w);
void cxl_features_load_at_rest(CxlFeatures *f, SaveReader *r);
const char *cxl_features_check(const CxlFeatures *f);

#endif /* HW_CXL_CORE_FEATURES_H */
