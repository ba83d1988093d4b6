# Boards that QEMU 10.0 has beside those of all releases.
include memfab-common.mak
CONFIG_HIGHBANK=n
