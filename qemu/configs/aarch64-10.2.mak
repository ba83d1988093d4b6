# Boards that QEMU 10.2 has beside those of all releases.
include memfab-common.mak
CONFIG_HIGHBANK=n
CONFIG_MAX78000FTHR=n
