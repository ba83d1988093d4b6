/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a multiboot loader, or a start-up IPI, to C in 64-bit mode: every
 * processor gets flat segments, memory below 512 GiB one to one, a stack and
 * a number.  Interrupts stay off and faults are fatal.
 *
 * Not here: what is done then (bare.h, decoder-flip.c).
 */
#define MAGIC       0x1BADB002
#define STACK       0x4000
#define CPUS        8
#define TRAMPOLINE  0x8000      /* page number is the start-up vector */

        .section .boot, "ax"
        .balign 4
        .long   MAGIC, 0, -MAGIC

        .code32
        .globl  start
start:  cli
        mov     %ebx, boot_info
        mov     $pml4, %edi     /* one table of 1 GiB pages */
        movl    $(pdpt + 3), (%edi)
        mov     $pdpt, %edi
        mov     $0x83, %eax
        xor     %edx, %edx
1:      mov     %eax, (%edi)
        mov     %edx, 4(%edi)
        add     $0x40000000, %eax
        adc     $0, %edx
        add     $8, %edi
        cmp     $(pdpt + 4096), %edi
        jb      1b

        .globl  enter32
enter32:
        mov     %cr4, %eax
        or      $0x620, %eax    /* PAE, OSFXSR, OSXMMEXCPT */
        mov     %eax, %cr4
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        rdmsr
        or      $0x100, %eax    /* LME */
        wrmsr
        mov     %cr0, %eax
        and     $~4, %eax       /* no emulation of the FPU */
        or      $0x80000003, %eax
        mov     %eax, %cr0
        lgdt    gdtr
        ljmp    $8, $enter64

        .code64
enter64:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $1, %edi
        lock xadd %edi, cpus_started(%rip)
        cmp     $CPUS, %edi
        jae     2f
        mov     %edi, %eax
        inc     %eax
        imul    $STACK, %eax
        lea     stacks(%rax), %rsp
        lidt    idtr            /* empty: a fault resets */
        call    bare_main
2:      hlt
        jmp     2b

/* Copied to TRAMPOLINE: 16 bits to enter32 */
        .code16
        .globl  trampoline, trampoline_end
trampoline:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        lgdtl   TRAMPOLINE + (tgdtr - trampoline)
        mov     %cr0, %eax
        or      $1, %eax
        mov     %eax, %cr0
        ljmpl   $24, $(TRAMPOLINE + (t32 - trampoline))
        .code32
t32:    mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $enter32, %eax
        jmp     *%eax
        .balign 4
tgdtr:  .word   31
        .long   gdt
trampoline_end:

        .section .data
        .balign 8
gdt:    .quad   0
        .quad   0x00af9a000000ffff  /* 64-bit code */
        .quad   0x00cf92000000ffff  /* data */
        .quad   0x00cf9a000000ffff  /* 32-bit code */
gdtr:   .word   31
        .quad   gdt
idtr:   .word   0
        .quad   0
        .globl  cpus_started, boot_info
        .balign 4
boot_info:
        .long   0
cpus_started:
        .long   0

        .section .bss
        .balign 4096
pml4:   .skip   4096
pdpt:   .skip   4096
stacks: .skip   CPUS * STACK
        .section .note.GNU-stack, "", @progbits
