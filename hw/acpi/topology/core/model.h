/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firmware tables shall say about NUMA nodes that belong to devices,
 * as plain data that is filled once per table build and checked in one place.
 *
 * No table layout is here: srat.c, dsdt.c and hmat.c each turn this model into
 * one table.  No QEMU object is here either: build.c fills the model.
 *
 * A node number is a proximity domain: -numa nodeid goes into every table as
 * it is.
 */
#ifndef HW_ACPI_TOPOLOGY_CORE_MODEL_H
#define HW_ACPI_TOPOLOGY_CORE_MODEL_H

/* Node numbers are 0 to 127, QEMU's own limit. */
#define ACPI_TOPO_MAX_NODES 128

/* Bridges between a host bridge and a function, the function included. */
#define ACPI_TOPO_MAX_DEPTH 32

/* Values of AcpiTopoSet.pxm that are no node number. */
#define ACPI_TOPO_PXM_FIRST (-1)
#define ACPI_TOPO_PXM_NONE  (-2)

#define ACPI_TOPO_START_KEY "dev-mem-pxm-start"
#define ACPI_TOPO_COUNT_KEY "dev-mem-pxm-count"

/* A set of node numbers. */
typedef struct AcpiTopoNodes {
    uint64_t bits[ACPI_TOPO_MAX_NODES / 64];
} AcpiTopoNodes;

/* A node as -numa has made it. */
typedef struct AcpiTopoNode {
    bool has_cpu;
    bool has_memory;            /* memory at boot */
} AcpiTopoNode;

typedef struct AcpiTopoMachine {
    const char *name;           /* machine type, for messages */
    bool supported;             /* it builds an SRAT that calls us */
    bool acpi;                  /* not switched off by the user */
    bool cxl_window;            /* has a CXL fixed memory window */
    bool hotplug_window;        /* has a device memory region */
    unsigned node_limit;        /* nodes a guest can count; 0: no limit */
    unsigned num_nodes;         /* nodes are 0 to num_nodes - 1 */
    AcpiTopoNode node[ACPI_TOPO_MAX_NODES];
} AcpiTopoMachine;

/*
 * A PCI function and the way to it.  devfn[0] sits on the root bus, and
 * devfn[depth - 1] is the function itself.  The first `described` of these
 * steps have a device node in the DSDT.
 */
typedef struct AcpiTopoFunction {
    char host[5];               /* device name of the host bridge, in \_SB */
    int host_pxm;               /* _PXM the host bridge has, -1: none */
    uint8_t bus;                /* number of the function's bus just now */
    uint8_t depth;
    uint8_t described;
    uint8_t devfn[ACPI_TOPO_MAX_DEPTH];
} AcpiTopoFunction;

/* One acpi-device-nodes or (no device) acpi-memory-nodes object. */
typedef struct AcpiTopoSet {
    const char *id;             /* of the object; lives as long as the object */
    AcpiTopoNodes nodes;
    bool device;                /* belongs to a function */
    bool initiator;             /* generic initiator entries */
    bool memory;                /* empty hot-pluggable memory entries */
    bool arch_transactions;     /* flag bit 1 of the initiator entries */
    bool dsd;                   /* _DSD with first node and count */
    bool bridge_pxm;            /* _PXM on the host bridge too */
    int pxm;                    /* _PXM: a node or ACPI_TOPO_PXM_... */
    const char *start_key;
    const char *count_key;
    bool present;               /* fn is known: the function or slot exists */
    AcpiTopoFunction fn;
} AcpiTopoSet;

typedef enum AcpiTopoGenericType {
    ACPI_TOPO_INITIATOR,
    ACPI_TOPO_PORT,
} AcpiTopoGenericType;

/* One acpi-generic-initiator or acpi-generic-port object. */
typedef struct AcpiTopoGeneric {
    const char *id;
    AcpiTopoGenericType type;
    unsigned node;
    bool present;               /* its device exists */
    uint8_t bus, devfn;         /* initiator */
    uint32_t uid;               /* port: _UID of the CXL host bridge */
} AcpiTopoGeneric;

/* A CXL fixed memory window whose memory belongs to a node. */
typedef struct AcpiTopoWindow {
    uint64_t base;
    uint64_t size;
    uint64_t near;              /* bytes of it that are RAM, a cache; 0: none */
    unsigned node;
} AcpiTopoWindow;

typedef struct AcpiTopoModel {
    AcpiTopoMachine machine;
    GArray *sets;               /* AcpiTopoSet, see acpi_topo_model_sort() */
    GArray *generics;           /* AcpiTopoGeneric, the same */
    GArray *windows;            /* AcpiTopoWindow, by base */
    GArray *described;          /* AcpiTopoFunction with a node in the DSDT */
} AcpiTopoModel;

/*
 * Properties of the objects that a guest sees in the tables, and that saved
 * state is of; NULL after the last.
 */
extern const char *const acpi_topo_device_shape[];
extern const char *const acpi_topo_memory_shape[];
extern const char *const acpi_topo_initiator_shape[];
extern const char *const acpi_topo_port_shape[];

void acpi_topo_nodes_add(AcpiTopoNodes *nodes, unsigned node);
bool acpi_topo_nodes_test(const AcpiTopoNodes *nodes, unsigned node);
unsigned acpi_topo_nodes_count(const AcpiTopoNodes *nodes);
/* Lowest node at or above @from; ACPI_TOPO_MAX_NODES if there is none. */
unsigned acpi_topo_nodes_next(const AcpiTopoNodes *nodes, unsigned from);
/* Lowest number between two members that is no member; or MAX_NODES. */
unsigned acpi_topo_nodes_hole(const AcpiTopoNodes *nodes);

void acpi_topo_model_init(AcpiTopoModel *model);
void acpi_topo_model_clear(AcpiTopoModel *model);

/* Order sets and generics by node, then by bus address, then by name. */
void acpi_topo_model_sort(AcpiTopoModel *model);

const AcpiTopoSet *acpi_topo_model_set(const AcpiTopoModel *model, unsigned i);
const AcpiTopoGeneric *acpi_topo_model_generic(const AcpiTopoModel *model,
                                               unsigned i);

bool acpi_topo_function_equal(const AcpiTopoFunction *a,
                              const AcpiTopoFunction *b);

/* Does the set belong to just this function? */
bool acpi_topo_set_is_at(const AcpiTopoSet *set, const AcpiTopoFunction *fn);

/*
 * The window leads to host bridge @host.  It goes to the set that has memory
 * and a function below that bridge; the one with the lowest node of several,
 * which becomes its node.  False if there is none.  Sets must be sorted.
 */
bool acpi_topo_model_window(AcpiTopoModel *model, const char *host,
                            AcpiTopoWindow window);

/*
 * Remember that the DSDT has a node for @fn; when all are known, count the
 * described steps on the way to each set's function.
 */
void acpi_topo_model_describe(AcpiTopoModel *model,
                              const AcpiTopoFunction *fn);
void acpi_topo_model_count_described(AcpiTopoModel *model);

/* The node that _PXM names, or -1 if there shall be no _PXM. */
int acpi_topo_set_pxm(const AcpiTopoSet *set);

/*
 * Parse "first", "none" or a node number into *pxm.
 * "DD.F" (hexadecimal device, function 0 to 7) or "DD" into *devfn.
 * False if the text is anything else.
 */
bool acpi_topo_parse_pxm(const char *text, int *pxm);
/* The text of @pxm again; owned by the caller. */
char *acpi_topo_pxm_text(int pxm);
bool acpi_topo_parse_addr(const char *text, uint8_t *devfn);

/*
 * Return NULL if all is well, else one sentence that names the object, the
 * property and the value; the caller frees it.
 *
 * acpi_topo_set_check() judges what the set says by itself and
 * acpi_topo_machine_check() if the machine can carry it, so that a wrong
 * object is refused when it is created; acpi_topo_model_check() judges sets
 * against each other and against the machine.
 */
char *acpi_topo_set_check(const AcpiTopoSet *set);
/* How the object names its device: by itself, or by its slot. */
char *acpi_topo_selectors_check(const AcpiTopoSet *set, const char *pci_dev,
                                const char *pci_bus, const char *addr);
/* Why a stock object does nothing on this machine; NULL if it does. */
const char *acpi_topo_no_effect(const AcpiTopoMachine *machine);
char *acpi_topo_machine_check(const AcpiTopoMachine *machine,
                              const AcpiTopoSet *set);
char *acpi_topo_model_check(const AcpiTopoModel *model);

/* Append to @warnings (owned char *) what works but will surprise. */
void acpi_topo_model_warnings(const AcpiTopoModel *model, GPtrArray *warnings);

/* Nodes that get an empty memory entry. */
void acpi_topo_model_memory(const AcpiTopoModel *model, AcpiTopoNodes *nodes);

/*
 * Nodes that the guest reads of in the SRAT: all others do not exist for it,
 * and Linux puts memory that comes to them somewhere else.
 */
void acpi_topo_model_known(const AcpiTopoModel *model, AcpiTopoNodes *nodes);

/*
 * The node that the entry of the memory hot-plug window shall name.  QEMU's
 * choice is the highest.  If that is a node of a set, and Linux meets it in
 * this entry for the first time, it would be numbered before the empty nodes
 * below it: the lowest of these takes its place.
 */
unsigned acpi_topo_model_hotplug_node(const AcpiTopoModel *model);

#endif
