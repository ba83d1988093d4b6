/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fabric manager payloads and CCI messages, CXL r3.1 7.6.3, 7.6.7.
 * Multi-byte fields are little-endian and unaligned.
 */
#ifndef HW_CXL_WIRE_FM_H
#define HW_CXL_WIRE_FM_H

#include "hw/cxl/wire/dcd.h"

enum {
    CXL_OP_SWITCH_IDENTIFY = 0x5100,
    CXL_OP_SWITCH_PORTS = 0x5101,
    CXL_OP_SWITCH_PORT_CONTROL = 0x5102,
    CXL_OP_SWITCH_PORT_CONFIG = 0x5103,
    CXL_OP_SWITCH_SECRET_STATE = 0x5104,
    CXL_OP_SWITCH_SET_SECRET = 0x5105,
    CXL_OP_SWITCH_VCS_SECRET_STATE = 0x5106,
    CXL_OP_SWITCH_VCS_SECRET = 0x5107,
    CXL_OP_VCS_INFO = 0x5200,
    CXL_OP_VCS_BIND = 0x5201,
    CXL_OP_VCS_UNBIND = 0x5202,
    CXL_OP_VCS_AER = 0x5203,
    CXL_OP_TUNNEL = 0x5300,
    CXL_OP_LD_CONFIG = 0x5301,
    CXL_OP_LD_MEMORY = 0x5302,
    CXL_OP_MLD_INFO = 0x5400,
    CXL_OP_MLD_ALLOCATIONS = 0x5401,
    CXL_OP_MLD_ALLOCATE = 0x5402,
    CXL_OP_MLD_QOS_GET = 0x5403,
    CXL_OP_MLD_QOS_SET = 0x5404,
    CXL_OP_MLD_QOS_STATUS = 0x5405,
    CXL_OP_MLD_BW_GET = 0x5406,
    CXL_OP_MLD_BW_SET = 0x5407,
    CXL_OP_MLD_LIMIT_GET = 0x5408,
    CXL_OP_MLD_LIMIT_SET = 0x5409,
    CXL_OP_MULTIHEAD_INFO = 0x5500,
    CXL_OP_HEAD_INFO = 0x5501,
    CXL_OP_FM_DC_INFO = 0x5600,
    CXL_OP_FM_DC_CONFIG = 0x5601,
    CXL_OP_FM_DC_SET_CONFIG = 0x5602,
    CXL_OP_FM_DC_EXTENTS = 0x5603,
    CXL_OP_FM_DC_ADD = 0x5604,
    CXL_OP_FM_DC_RELEASE = 0x5605,
    CXL_OP_FM_DC_ADD_REFERENCE = 0x5606,
    CXL_OP_FM_DC_REMOVE_REFERENCE = 0x5607,
    CXL_OP_FM_DC_TAGS = 0x5608,
};

/* CCI message, 7.6.3 */
typedef struct QEMU_PACKED CxlMessageHeader {
    uint8_t category;   /* CXL_MESSAGE_* */
    uint8_t tag;
    uint8_t reserved;
    uint8_t command;
    uint8_t command_set;
    uint8_t length[3];  /* of the payload; 20 bits, [23] background */
    uint16_t rc;
    uint16_t vendor;
} CxlMessageHeader;
QEMU_BUILD_BUG_ON(sizeof(CxlMessageHeader) != 12);
#define CXL_MESSAGE_REQUEST  0
#define CXL_MESSAGE_RESPONSE 1
#define CXL_MESSAGE_LENGTH_MASK 0xfffffu
#define CXL_MESSAGE_BACKGROUND  (1u << 7) /* of length[2] */
/* The one request that a component makes: Event Notification, 8.2.9.2.8 */
#define CXL_MESSAGE_EVENTS   0x0106

/* 5100h, 7.6.7.1.1 */
typedef struct QEMU_PACKED CxlSwitchIdentity {
    uint8_t ingress_port;
    uint8_t reserved;
    uint8_t ports;
    uint8_t vcs;
    uint8_t active_ports[32];
    uint8_t active_vcs[32];
    uint16_t vppbs;
    uint16_t active_vppbs;
    uint8_t decoders;
} CxlSwitchIdentity;
QEMU_BUILD_BUG_ON(sizeof(CxlSwitchIdentity) != 0x49);

/* 5101h, 7.6.7.1.2, one port */
typedef struct QEMU_PACKED CxlPortInfo {
    uint8_t port;
    uint8_t config_state;
    uint8_t mode;               /* of the device below; CXL r3.2 */
    uint8_t reserved;
    uint8_t device_type;
    uint8_t modes;
    uint8_t max_width;
    uint8_t width;
    uint8_t speeds;
    uint8_t max_speed;
    uint8_t speed;
    uint8_t ltssm;
    uint8_t first_lane;
    uint16_t link_flags;
    uint8_t lds;
} CxlPortInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlPortInfo) != 0x10);
enum {
    CXL_PORT_DISABLED, CXL_PORT_BINDING, CXL_PORT_UNBINDING, CXL_PORT_DSP,
    CXL_PORT_USP, CXL_PORT_FABRIC, CXL_PORT_INVALID = 0xf
};
enum {
    CXL_PORT_DEV_NONE, CXL_PORT_DEV_PCIE, CXL_PORT_DEV_TYPE1,
    CXL_PORT_DEV_TYPE2, CXL_PORT_DEV_SLD, CXL_PORT_DEV_MLD, CXL_PORT_DEV_SWITCH
};
enum {
    CXL_PORT_MODE_NONE, CXL_PORT_MODE_RCD, CXL_PORT_MODE_68B,
    CXL_PORT_MODE_256B
};
#define CXL_PORT_CAN_68B      (1u << 1)
#define CXL_PORT_CAN_256B     (1u << 2)
#define CXL_PORT_LTSSM_DETECT 0
#define CXL_PORT_LTSSM_HOT_RESET 0xa
#define CXL_PORT_LTSSM_L0     4
#define CXL_PORT_LINK_IN_RESET (1u << 1)

/* 5102h, 7.6.7.1.3 */
typedef struct QEMU_PACKED CxlPortControlIn {
    uint8_t port;
    uint8_t action;
} CxlPortControlIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPortControlIn) != 2);
enum {
    CXL_PORT_ASSERT_PERST, CXL_PORT_DEASSERT_PERST, CXL_PORT_RESET,
    CXL_PORT_ACTIONS
};

/* 5103h, 7.6.7.1.4; the request as in a configuration TLP */
typedef struct QEMU_PACKED CxlPortConfigIn {
    uint8_t port;
    uint8_t reg;        /* [7:2] of the address */
    uint8_t ext;        /* [3:0] bits [11:8] of it, [7:4] byte enables */
    uint8_t type;       /* [7] write */
    uint32_t data;
} CxlPortConfigIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPortConfigIn) != 8);
#define CXL_PORT_CONFIG_WRITE 0x80

/* 5200h, 7.6.7.2.1 */
typedef struct QEMU_PACKED CxlVcsInfoIn {
    uint8_t start;      /* first vPPB of each */
    uint8_t limit;      /* vPPBs of each, at most */
    uint8_t count;
    uint8_t vcs[];
} CxlVcsInfoIn;
QEMU_BUILD_BUG_ON(sizeof(CxlVcsInfoIn) != 3);

typedef struct QEMU_PACKED CxlVppbInfo {
    uint8_t status;
    uint8_t port;
    uint8_t ld;
    uint8_t reserved;
} CxlVppbInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlVppbInfo) != 4);
enum {
    CXL_VPPB_UNBOUND, CXL_VPPB_IN_PROGRESS, CXL_VPPB_PORT, CXL_VPPB_LD
};
#define CXL_VPPB_NO_LD 0xff

typedef struct QEMU_PACKED CxlVcsInfo {
    uint8_t vcs;
    uint8_t state;
    uint8_t usp;
    uint8_t vppbs;
    CxlVppbInfo vppb[];
} CxlVcsInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlVcsInfo) != 4);
#define CXL_VCS_DISABLED 0x00
#define CXL_VCS_ENABLED  0x01
#define CXL_VCS_INVALID  0xff

/* 5201h, 7.6.7.2.2 */
typedef struct QEMU_PACKED CxlBindIn {
    uint8_t vcs;
    uint8_t vppb;
    uint8_t port;
    uint8_t reserved;
    uint16_t ld;        /* all ones: the port is not an MLD's */
} CxlBindIn;
QEMU_BUILD_BUG_ON(sizeof(CxlBindIn) != 6);

/* 5202h, 7.6.7.2.3 */
typedef struct QEMU_PACKED CxlUnbindIn {
    uint8_t vcs;
    uint8_t vppb;
    uint8_t option;     /* [3:0] */
} CxlUnbindIn;
QEMU_BUILD_BUG_ON(sizeof(CxlUnbindIn) != 3);
enum {
    CXL_UNBIND_WAIT, CXL_UNBIND_MANAGED, CXL_UNBIND_SURPRISE,
    CXL_UNBIND_OPTIONS
};

/* 5203h, 7.6.7.2.4 */
typedef struct QEMU_PACKED CxlAerIn {
    uint8_t vcs;
    uint8_t vppb;       /* 0 is that of the upstream port */
    uint8_t reserved[2];
    uint32_t error;     /* [4:0] bit of the status register, [31] which */
    uint8_t header[32];
} CxlAerIn;
QEMU_BUILD_BUG_ON(sizeof(CxlAerIn) != 40);
#define CXL_AER_BIT_MASK        0x1fu
#define CXL_AER_UNCORRECTABLE   (1u << 31)

/* 5300h, 7.6.7.3.1, both directions differ */
typedef struct QEMU_PACKED CxlTunnelIn {
    uint8_t id;
    uint8_t target;     /* type of what @id names */
    uint16_t size;
    CxlMessageHeader message;
    uint8_t payload[];
} CxlTunnelIn;
QEMU_BUILD_BUG_ON(sizeof(CxlTunnelIn) != 16);
#define CXL_TUNNEL_PORT_OR_LD   0x00

typedef struct QEMU_PACKED CxlTunnelOut {
    uint16_t size;
    uint8_t reserved[2];
    CxlMessageHeader message;
    uint8_t payload[];
} CxlTunnelOut;
QEMU_BUILD_BUG_ON(sizeof(CxlTunnelOut) != 16);

/* 5301h, 7.6.7.3.2; the request as in a configuration TLP */
typedef struct QEMU_PACKED CxlLdConfigIn {
    uint8_t port;
    uint8_t reg;        /* [7:2] of the address */
    uint8_t ext;        /* [3:0] bits [11:8] of it, [7:4] byte enables */
    uint8_t type;       /* [7] write */
    uint16_t ld;
    uint8_t reserved[2];
    uint32_t data;
} CxlLdConfigIn;
QEMU_BUILD_BUG_ON(sizeof(CxlLdConfigIn) != 12);

/* 5302h, 7.6.7.3.3; the request as in a memory TLP */
typedef struct QEMU_PACKED CxlLdMemoryIn {
    uint8_t port;
    uint8_t reserved;
    uint8_t first;      /* [7:4] byte enables of the first double word */
    uint8_t type;       /* [3:0] byte enables of the last one, [7] write */
    uint16_t ld;
    uint16_t length;    /* bytes, up to 4096 */
    uint64_t address;
    uint8_t data[];     /* of a write */
} CxlLdMemoryIn;
QEMU_BUILD_BUG_ON(sizeof(CxlLdMemoryIn) != 16);

typedef struct QEMU_PACKED CxlLdMemoryOut {
    uint16_t length;
    uint8_t reserved[2];
    uint8_t data[];     /* of a read */
} CxlLdMemoryOut;
QEMU_BUILD_BUG_ON(sizeof(CxlLdMemoryOut) != 4);
#define CXL_LD_REQUEST_WRITE 0x80
#define CXL_LD_MEMORY_MAX    4096

/* 5400h, 7.6.7.4.1 */
typedef struct QEMU_PACKED CxlMldInfo {
    uint64_t memory_size;   /* bytes */
    uint16_t lds;
    uint8_t qos;
} CxlMldInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlMldInfo) != 11);
#define CXL_MLD_QOS_CONGESTION (1u << 0)
#define CXL_MLD_QOS_THROUGHPUT (1u << 1)

/* 5401h, 7.6.7.4.2; in multiples of the granularity, 0 is 256 MiB */
typedef struct QEMU_PACKED CxlMldAllocation {
    uint64_t range[2];
} CxlMldAllocation;
QEMU_BUILD_BUG_ON(sizeof(CxlMldAllocation) != 16);

typedef struct QEMU_PACKED CxlMldAllocationsOut {
    uint8_t lds;
    uint8_t granularity;
    uint8_t start;
    uint8_t count;
    CxlMldAllocation ld[];
} CxlMldAllocationsOut;
QEMU_BUILD_BUG_ON(sizeof(CxlMldAllocationsOut) != 4);

/* 5402h, 7.6.7.4.3; the answer is what the request was */
typedef struct QEMU_PACKED CxlMldAllocate {
    uint8_t count;
    uint8_t start;
    uint8_t reserved[2];
    CxlMldAllocation ld[];
} CxlMldAllocate;
QEMU_BUILD_BUG_ON(sizeof(CxlMldAllocate) != 4);

/* 5403h and 5404h, 7.6.7.4.4 */
typedef struct QEMU_PACKED CxlMldQos {
    uint8_t control;        /* CXL_MLD_QOS_* */
    uint8_t moderate;       /* percent, 1 to 100 */
    uint8_t severe;         /* percent, 1 to 100 */
    uint8_t sample;         /* ns, 0 to 15 */
    uint16_t req_cmp_basis;
    uint8_t collection;     /* ns */
} CxlMldQos;
QEMU_BUILD_BUG_ON(sizeof(CxlMldQos) != 7);

/* 5500h, 7.6.7.5.1; the request is a first LD and a limit */
typedef struct QEMU_PACKED CxlMultiHeadInfo {
    uint8_t lds;
    uint8_t heads;
    uint8_t reserved[2];
    uint8_t start;
    uint8_t count;
    uint8_t reserved2[2];
    uint8_t head[];         /* of each LD; ff: none */
} CxlMultiHeadInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlMultiHeadInfo) != 8);

/* 5501h, 7.6.7.5.2; the request is a first head and a number */
typedef struct QEMU_PACKED CxlHeadInfo {
    uint8_t port;
    uint8_t max_width, width;
    uint8_t speeds, max_speed, speed;
    uint8_t ltssm;
    uint8_t first_lane;
    uint8_t flags;
} CxlHeadInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlHeadInfo) != 9);

typedef struct QEMU_PACKED CxlHeadInfoOut {
    uint8_t count;
    uint8_t reserved[3];
    CxlHeadInfo head[];
} CxlHeadInfoOut;
QEMU_BUILD_BUG_ON(sizeof(CxlHeadInfoOut) != 4);

/* 5600h to 5608h, 7.6.7.6 */
typedef struct QEMU_PACKED CxlFmDcInfo {
    uint8_t hosts;
    uint8_t regions;
    uint8_t reserved[2];
    uint16_t add_policies;
    uint8_t reserved2[2];
    uint16_t remove_policies;
    uint8_t sanitize_configurable;
    uint8_t reserved3;
    uint64_t capacity; /* 256 MiB */
    uint64_t block_sizes[8];
} CxlFmDcInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcInfo) != 84);

typedef struct QEMU_PACKED CxlFmDcConfigIn {
    uint16_t host;
    uint8_t count;
    uint8_t start;
} CxlFmDcConfigIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcConfigIn) != 4);

typedef struct QEMU_PACKED CxlFmDcRegion {
    uint64_t base;
    uint64_t decode_len; /* 256 MiB */
    uint64_t len;
    uint64_t block_size;
    uint8_t flags;
    uint8_t reserved[3];
    uint8_t sanitize;
    uint8_t reserved2[3];
} CxlFmDcRegion;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcRegion) != 0x28);

typedef struct QEMU_PACKED CxlFmDcConfigOut {
    uint16_t host;
    uint8_t total;
    uint8_t returned;
    CxlFmDcRegion regions[]; /* then CxlDcConfigTail */
} CxlFmDcConfigOut;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcConfigOut) != 4);

typedef struct QEMU_PACKED CxlFmDcSetConfig {
    uint8_t region;
    uint8_t reserved[3];
    uint64_t block_size;
    uint8_t sanitize;
    uint8_t reserved2[3];
} CxlFmDcSetConfig;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcSetConfig) != 16);

typedef struct QEMU_PACKED CxlFmDcExtentsIn {
    uint16_t host;
    uint8_t reserved[2];
    uint32_t count;
    uint32_t start;
} CxlFmDcExtentsIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcExtentsIn) != 12);

typedef struct QEMU_PACKED CxlFmDcExtentsOut {
    uint16_t host;
    uint8_t reserved[2];
    uint32_t start;
    uint32_t returned;
    uint32_t total;
    uint32_t generation;
    uint8_t reserved2[4];
    CxlDcExtentWire extents[];
} CxlFmDcExtentsOut;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcExtentsOut) != 24);

/*
 * 5604h, 5605h, 7.6.7.6.5 and 7.6.7.6.6; @selector is a policy, or flags.  If
 * extents are listed, @region, @length and @tag are reserved; else @count and
 * what follows are absent.
 */
typedef struct QEMU_PACKED CxlFmDcChange {
    uint16_t host;
    uint8_t selector;
    uint8_t region;     /* 5604h */
    uint64_t length;
    CxlUuid tag;
    uint32_t count;
    CxlDcExtentWire extents[];
} CxlFmDcChange;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcChange) != 0x20);
#define CXL_FM_DC_POLICY_MASK 0x0f
#define CXL_FM_DC_FORCED      (1u << 4)
#define CXL_FM_DC_SANITIZE    (1u << 5)

typedef struct QEMU_PACKED CxlFmDcTagsIn {
    uint32_t start;
    uint32_t count;
} CxlFmDcTagsIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcTagsIn) != 8);

typedef struct QEMU_PACKED CxlFmDcTag {
    CxlUuid tag;
    uint8_t flags;      /* [0] the fabric manager holds a reference */
    uint8_t reserved[3];
    uint8_t hosts[32];
    uint8_t pending[32];
} CxlFmDcTag;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcTag) != 0x54);

typedef struct QEMU_PACKED CxlFmDcTagsOut {
    uint32_t generation;
    uint32_t total;
    uint32_t returned;
    uint8_t validity;   /* CXL_FM_DC_*_VALID */
    uint8_t reserved[3];
    CxlFmDcTag tags[];
} CxlFmDcTagsOut;
QEMU_BUILD_BUG_ON(sizeof(CxlFmDcTagsOut) != 16);
#define CXL_FM_DC_HOSTS_VALID   (1u << 0)
#define CXL_FM_DC_PENDING_VALID (1u << 1)

#endif /* HW_CXL_WIRE_FM_H */
