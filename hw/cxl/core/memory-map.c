/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An option ROM for the memory map of a BIOS; see memory-map.h.  It is so short
 * that it is here as bytes, each instruction with its name, and needs no
 * assembler.
 *
 * A BIOS is asked for its map by interrupt 15h with E820h in eax, 'SMAP' in edx
 * and 0 in ebx; it writes an entry of 20 bytes to es:di, and what ebx has to be
 * for the next one, 0 after the last.  Values with bit 31 are ours.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/memory-map.h"

/* In the ROM, which is where it runs: the old vector, how many, and which */
#define OLD     0xb0
#define COUNT   0xb4
#define TABLE   0xc0
#define ENTRY   20

static const uint8_t code[] = {
    /* 00: what it is, and its length in units of 512 bytes */
    0x55, 0xaa, CXL_MEMORY_MAP_ROM / 512,

    /* 03: the vector of interrupt 15h becomes ours, and the old one is kept */
    0x1e,                                      /* push ds */
    0x66, 0x50,                                /* push eax */
    0x31, 0xc0,                                /* xor ax, ax */
    0x8e, 0xd8,                                /* mov ds, ax */
    0x66, 0xa1, 0x54, 0x00,                    /* mov eax, [15h * 4] */
    0x2e, 0x66, 0xa3, 0xb0, 0x00,              /* mov cs:[OLD], eax */
    0xc7, 0x06, 0x54, 0x00, 0x21, 0x00,        /* mov word [15h * 4], asked */
    0x8c, 0x0e, 0x56, 0x00,                    /* mov [15h * 4 + 2], cs */
    0x66, 0x58,                                /* pop eax */
    0x1f,                                      /* pop ds */
    0xcb,                                      /* retf */

    /* 21: asked: by 15h, with the flags of who asks at bp + 6 */
    0x55,                                      /* push bp */
    0x89, 0xe5,                                /* mov bp, sp */
    0x66, 0x3d, 0x20, 0xe8, 0x00, 0x00,        /* cmp eax, e820h */
    0x75, 0x62,                                /* jne others */
    0x66, 0x81, 0xfa, 0x50, 0x41, 0x4d, 0x53,  /* cmp edx, 'SMAP' */
    0x75, 0x59,                                /* jne others */
    0x66, 0x85, 0xdb,                          /* test ebx, ebx */
    0x78, 0x1d,                                /* js ours */

    /* 3a: the BIOS first, entry by entry; behind its last one come ours */
    0x9c,                                      /* pushf */
    0x2e, 0xff, 0x1e, 0xb0, 0x00,              /* call far cs:[OLD] */
    0x72, 0x46,                                /* jc failed */
    0x66, 0x85, 0xdb,                          /* test ebx, ebx */
    0x75, 0x3b,                                /* jnz good */
    0x2e, 0x80, 0x3e, 0xb4, 0x00, 0x00,        /* cmp byte cs:[COUNT], 0 */
    0x74, 0x33,                                /* je good */
    0x66, 0xbb, 0x00, 0x00, 0x00, 0x80,        /* mov ebx, 80000000h */
    0xeb, 0x2b,                                /* jmp good */

    /* 57: ours: entry bl, to es:di */
    0x56,                                      /* push si */
    0x57,                                      /* push di */
    0xb0, 0x14,                                /* mov al, 20 */
    0xf6, 0xe3,                                /* mul bl */
    0x05, 0xc0, 0x00,                          /* add ax, TABLE */
    0x89, 0xc6,                                /* mov si, ax */
    0xb9, 0x0a, 0x00,                          /* mov cx, 10 */
    0xfc,                                      /* cld */
    0x2e, 0xf3, 0xa5,                          /* rep movsw from cs */
    0x5f,                                      /* pop di */
    0x5e,                                      /* pop si */
    0x66, 0xb8, 0x50, 0x41, 0x4d, 0x53,        /* mov eax, 'SMAP' */
    0x66, 0xb9, 0x14, 0x00, 0x00, 0x00,        /* mov ecx, 20 */
    0x43,                                      /* inc bx */
    0x2e, 0x3a, 0x1e, 0xb4, 0x00,              /* cmp bl, cs:[COUNT] */
    0x72, 0x03,                                /* jb good */
    0x66, 0x31, 0xdb,                          /* xor ebx, ebx */

    /* 82: good: carry clear */
    0x80, 0x66, 0x06, 0xfe,                    /* and byte [bp + 6], ~1 */
    0x5d,                                      /* pop bp */
    0xcf,                                      /* iret */

    /* 88: failed: carry set */
    0x80, 0x4e, 0x06, 0x01,                    /* or byte [bp + 6], 1 */
    0x5d,                                      /* pop bp */
    0xcf,                                      /* iret */

    /* 8e: others: what is asked for is not the memory map */
    0x5d,                                      /* pop bp */
    0x2e, 0xff, 0x2e, 0xb0, 0x00,              /* jmp far cs:[OLD] */
};

QEMU_BUILD_BUG_ON(sizeof(code) > OLD);
QEMU_BUILD_BUG_ON(TABLE + CXL_MEMORY_MAP_ENTRIES * ENTRY >=
                  CXL_MEMORY_MAP_ROM);

/* All bytes of a ROM add up to 0. */
static void make_sum(uint8_t rom[CXL_MEMORY_MAP_ROM])
{
    for (unsigned i = 0; i < CXL_MEMORY_MAP_ROM - 1; i++) {
        rom[CXL_MEMORY_MAP_ROM - 1] -= rom[i];
    }
}

void cxl_memory_map_rom(const CxlMemoryMapEntry *entries, unsigned count,
                        uint8_t rom[CXL_MEMORY_MAP_ROM])
{
    assert(count <= CXL_MEMORY_MAP_ENTRIES);
    memset(rom, 0, CXL_MEMORY_MAP_ROM);
    memcpy(rom, code, sizeof(code));
    rom[COUNT] = count;
    for (unsigned i = 0; i < count; i++) {
        uint8_t *at = rom + TABLE + i * ENTRY;

        stq_le_p(at, entries[i].base);
        stq_le_p(at + 8, entries[i].size);
        stl_le_p(at + 16, CXL_MEMORY_MAP_SOFT_RESERVED);
    }
    make_sum(rom);
}
