/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coherent device attribute table: build, load, check, read entry by entry.
 * CDAT 1.04, CXL r3.1 8.1.11.  The contract is in cdat.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/cdat.h"
#include "hw/common/doe.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(Cdat) != 24 && sizeof(void *) == 8);

#define REVISION 2
/* Of a value: 0 and 0xffff say nothing. */
#define VALUE_MAX 0xfffe

/* Response: object header and one dword, then the entry */
#define RESPONSE_DWORDS (DOE_HEADER_DWORDS + 1)
/* The longest structure, in bytes, that cdat_doe() can answer with */
#define ENTRY_MAX (4 * (DOE_DWORDS - RESPONSE_DWORDS))

void cdat_init(Cdat *cdat)
{
    *cdat = (Cdat) { 0 };
}

void cdat_destroy(Cdat *cdat)
{
    g_clear_pointer(&cdat->table, g_byte_array_unref);
    g_clear_pointer(&cdat->start, g_array_unref);
}

static uint8_t sum(const uint8_t *bytes, size_t len)
{
    uint8_t total = 0;

    for (size_t i = 0; i < len; i++) {
        total += bytes[i];
    }
    return total;
}

static void append(CdatBuilder *b, const void *entry, size_t len)
{
    uint32_t at = b->table->len;

    g_array_append_val(b->start, at);
    g_byte_array_append(b->table, entry, len);
}

static CdatEntry entry_of(uint8_t type, size_t len)
{
    return (CdatEntry) { .type = type, .length = cpu_to_le16(len) };
}

void cdat_begin(CdatBuilder *b)
{
    const CdatHeader blank = { 0 };

    b->table = g_byte_array_new();
    b->start = g_array_new(false, false, sizeof(uint32_t));
    append(b, &blank, sizeof(blank));
}

void cdat_add_dsis(CdatBuilder *b, uint8_t handle, uint8_t flags)
{
    const CdatDsis e = {
        .entry = entry_of(CDAT_DSIS, sizeof(e)),
        .handle = handle,
        .flags = flags,
    };

    append(b, &e, sizeof(e));
}

void cdat_add_dslbis(CdatBuilder *b, uint8_t handle, uint8_t data_type,
                     uint64_t unit, uint16_t value)
{
    const CdatDslbis e = {
        .entry = entry_of(CDAT_DSLBIS, sizeof(e)),
        .handle = handle,
        .data_type = data_type,
        .base_unit = cpu_to_le64(unit),
        .value = { cpu_to_le16(value) },
    };

    if (value) {
        append(b, &e, sizeof(e));
    }
}

static void add_dsmas(CdatBuilder *b, const CdatRange *r)
{
    const CdatDsmas e = {
        .entry = entry_of(CDAT_DSMAS, sizeof(e)),
        .handle = r->handle,
        .flags = r->flags,
        .dpa_base = cpu_to_le64(r->base),
        .dpa_length = cpu_to_le64(r->size),
    };

    append(b, &e, sizeof(e));
}

static void add_dsemts(CdatBuilder *b, const CdatRange *r)
{
    const CdatDsemts e = {
        .entry = entry_of(CDAT_DSEMTS, sizeof(e)),
        .handle = r->handle,
        .efi_type = r->efi_type,
        .length = cpu_to_le64(r->size),
    };

    append(b, &e, sizeof(e));
}

/*
 * One number with a unit for it.  Entries have 16 bits, and 0 and 0xffff mean
 * something else, so the unit grows until the value fits.
 */
void cdat_add_figure(CdatBuilder *b, uint8_t handle, uint8_t data_type,
                     uint64_t value)
{
    uint64_t unit = 1;

    while (value / unit > VALUE_MAX) {
        unit *= 10;
    }
    cdat_add_dslbis(b, handle, data_type, unit, value / unit);
}

static void add_range(CdatBuilder *b, const CdatRange *r)
{
    add_dsmas(b, r);
    cdat_add_figure(b, r->handle, CDAT_READ_LATENCY, r->read_latency_ps);
    cdat_add_figure(b, r->handle, CDAT_WRITE_LATENCY, r->write_latency_ps);
    cdat_add_figure(b, r->handle, CDAT_READ_BANDWIDTH, r->read_mbps);
    cdat_add_figure(b, r->handle, CDAT_WRITE_BANDWIDTH, r->write_mbps);
    add_dsemts(b, r);
}

static void seal(GByteArray *table, uint32_t sequence)
{
    CdatHeader header = {
        .length = cpu_to_le32(table->len),
        .revision = REVISION,
        .sequence = cpu_to_le32(sequence),
    };

    memcpy(table->data, &header, sizeof(header));
    header.checksum = -sum(table->data, table->len);
    memcpy(table->data, &header, sizeof(header));
}

/* Do both tables say the same, header aside? */
static bool same_entries(const GByteArray *a, const GByteArray *b)
{
    return a->len == b->len &&
           !memcmp(a->data + sizeof(CdatHeader),
                   b->data + sizeof(CdatHeader),
                   a->len - sizeof(CdatHeader));
}

void cdat_end(CdatBuilder *b, Cdat *cdat)
{
    if (cdat->table && !same_entries(cdat->table, b->table)) {
        cdat->sequence++;
    }
    seal(b->table, cdat->sequence);
    cdat_destroy(cdat);
    cdat->table = b->table;
    cdat->start = b->start;
}

void cdat_build(Cdat *cdat, const CdatRange *ranges, unsigned count)
{
    CdatBuilder b;

    if (cdat->fixed) {
        return;
    }
    cdat_begin(&b);
    for (unsigned i = 0; i < count; i++) {
        if (ranges[i].size) {
            add_range(&b, &ranges[i]);
            if (cdat->initiator) {
                cdat_add_dsis(&b, ranges[i].handle, CDAT_DSIS_MEM_ATTACHED);
            }
        }
    }
    cdat_end(&b, cdat);
}

static bool length_fits(uint8_t type, size_t len)
{
    static const size_t fixed[] = {
        [CDAT_DSMAS] = sizeof(CdatDsmas),
        [CDAT_DSLBIS] = sizeof(CdatDslbis),
        [CDAT_DSMSCIS] = sizeof(CdatDsmscis),
        [CDAT_DSIS] = sizeof(CdatDsis),
        [CDAT_DSEMTS] = sizeof(CdatDsemts),
    };

    if (type == CDAT_SSLBIS) {
        return len >= sizeof(CdatSslbis) &&
               (len - sizeof(CdatSslbis)) % sizeof(CdatSslbe) == 0;
    }
    return len == fixed[type];
}

const char *cdat_walk(const uint8_t *table, size_t len, size_t *at,
                      CdatEntry *entry)
{
    size_t entry_len;

    if (len - *at < sizeof(*entry)) {
        return "the last structure is cut short";
    }
    memcpy(entry, table + *at, sizeof(*entry));
    entry_len = le16_to_cpu(entry->length);
    if (entry_len < sizeof(*entry)) {
        return "the length does not fit the structure type";
    }
    if (entry_len > len - *at) {
        return "a structure reaches beyond the table";
    }
    *at += entry_len;
    return NULL;
}

uint64_t cdat_dslbis_value(const uint8_t *entry)
{
    CdatDslbis e;
    uint64_t unit;
    uint16_t value;

    memcpy(&e, entry, sizeof(e));
    unit = le64_to_cpu(e.base_unit);
    value = le16_to_cpu(e.value[0]);
    return value > VALUE_MAX || unit > UINT64_MAX / VALUE_MAX ? 0 :
           unit * value;
}

const char *cdat_scan(const uint8_t *bytes, size_t len, GArray *start,
                      size_t *where)
{
    uint32_t place = 0;

    g_array_append_val(start, place);
    for (size_t at = sizeof(CdatHeader); at < len; ) {
        const char *wrong;
        CdatEntry e;

        *where = place = at;
        wrong = cdat_walk(bytes, len, &at, &e);
        if (wrong) {
            return wrong;
        }
        if (e.type >= CDAT_TYPES) {
            return "there is no such structure type";
        }
        if (!length_fits(e.type, le16_to_cpu(e.length))) {
            return "the length does not fit the structure type";
        }
        if (le16_to_cpu(e.length) > ENTRY_MAX) {
            return "the structure is longer than an answer of the mailbox";
        }
        g_array_append_val(start, place);
    }
    return NULL;
}

static const char *check_file(const uint8_t *bytes, size_t len, GArray *start,
                              size_t *where)
{
    CdatHeader header;

    *where = 0;
    if (len < sizeof(header)) {
        return "it is shorter than a table header";
    }
    /* Entry handles have 16 bits and the last one means "no more". */
    if (len > UINT16_MAX * sizeof(CdatDsis)) {
        return "it is longer than a table can be";
    }
    memcpy(&header, bytes, sizeof(header));
    if (le32_to_cpu(header.length) != len) {
        return "the length in the header is not that of the file";
    }
    if (sum(bytes, len)) {
        *where = offsetof(CdatHeader, checksum);
        return "the checksum is wrong";
    }
    return cdat_scan(bytes, len, start, where);
}

bool cdat_load(Cdat *cdat, const uint8_t *bytes, size_t len,
               const char **why, size_t *where)
{
    g_autoptr(GArray) start = g_array_new(false, false, sizeof(uint32_t));
    CdatHeader header;

    *why = check_file(bytes, len, start, where);
    if (*why) {
        return false;
    }
    memcpy(&header, bytes, sizeof(header));
    cdat_destroy(cdat);
    cdat->table = g_byte_array_append(g_byte_array_new(), bytes, len);
    cdat->start = g_steal_pointer(&start);
    cdat->sequence = le32_to_cpu(header.sequence);
    cdat->fixed = true;
    return true;
}

char *cdat_load_file(Cdat *cdat, const char *property, const char *path,
                     char **sum)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) err = NULL;
    const char *why;
    size_t len, where;

    if (!g_file_get_contents(path, &bytes, &len, &err)) {
        return g_strdup_printf("property '%s': %s", property, err->message);
    }
    if (!cdat_load(cdat, (const uint8_t *)bytes, len, &why, &where)) {
        return g_strdup_printf("property '%s': '%s' at byte %zu: %s", property,
                               path, where, why);
    }
    g_free(*sum);
    *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes, len);
    return NULL;
}

unsigned cdat_entries(const Cdat *cdat)
{
    return cdat->start ? cdat->start->len : 0;
}

const uint8_t *cdat_entry(const Cdat *cdat, unsigned n, size_t *len)
{
    uint32_t start, end;

    if (n >= cdat_entries(cdat)) {
        return NULL;
    }
    start = g_array_index(cdat->start, uint32_t, n);
    end = n + 1 < cdat->start->len ?
          g_array_index(cdat->start, uint32_t, n + 1) : cdat->table->len;
    *len = end - start;
    return cdat->table->data + start;
}

unsigned cdat_doe(const Cdat *cdat, const uint32_t *request,
                  unsigned dwords, uint32_t *response, unsigned max)
{
    const uint8_t *entry;
    unsigned handle, total, next;
    size_t len;

    if (dwords < RESPONSE_DWORDS ||
        CDAT_DOE_CODE(request[2]) != CDAT_DOE_READ ||
        CDAT_DOE_TABLE_TYPE(request[2]) != CDAT_DOE_CDAT) {
        return 0;
    }
    handle = CDAT_DOE_HANDLE(request[2]);
    entry = cdat_entry(cdat, handle, &len);
    total = entry ? RESPONSE_DWORDS + DIV_ROUND_UP(len, 4) : 0;
    if (!entry || total > max) {
        return 0;
    }
    next = handle + 1 < cdat_entries(cdat) ? handle + 1
                                               : CDAT_DOE_LAST;
    response[0] = DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE);
    response[1] = total;
    response[2] = next << 16;
    for (unsigned i = 0; i < len; i += 4) {
        uint8_t dword[4] = { 0 };

        memcpy(dword, entry + i, MIN(4, len - i));
        response[RESPONSE_DWORDS + i / 4] = ldl_le_p(dword);
    }
    return total;
}

const char *cdat_check(const Cdat *cdat)
{
    g_autoptr(GArray) start = g_array_new(false, false, sizeof(uint32_t));
    size_t where;
    const char *problem;

    if (!cdat->table) {
        return cdat->start ? "entries without a table" : NULL;
    }
    problem = check_file(cdat->table->data, cdat->table->len, start, &where);
    if (problem) {
        return problem;
    }
    if (start->len != cdat->start->len ||
        memcmp(start->data, cdat->start->data,
               start->len * sizeof(uint32_t))) {
        return "entries are not where the table has them";
    }
    return NULL;
}
