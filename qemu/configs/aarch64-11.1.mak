# Boards that QEMU 11.1 has beside those of all releases.
include memfab-common.mak
CONFIG_FSL_IMX8MM_EVK=n
CONFIG_MAX78000FTHR=n
