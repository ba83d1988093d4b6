# Boards that came after QEMU 10.0.
include memfab-common.mak
CONFIG_MAX78000FTHR=n
