# The devices of qemu-system-x86_64: all that QEMU offers by default.
include default.mak
