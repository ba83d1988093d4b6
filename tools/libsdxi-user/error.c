/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: errors in words.
 */
#include "sdxi-user.h"

static const char *const words[SDXI_USER_ERRORS] = {
    [-SDXI_USER_OK] = "no error",
    [-SDXI_USER_E_ARGUMENT] = "an argument is out of its range",
    [-SDXI_USER_E_DEVICE] = "no such PCI function, or it is no SDXI function",
    [-SDXI_USER_E_BUSY] = "a kernel driver or another program has the "
                          "function; unbind or end it first",
    [-SDXI_USER_E_IOMMU] = "an I/O MMU translates for the function; bind it to "
                           "vfio-pci, or boot with iommu=pt",
    [-SDXI_USER_E_SYSTEM] = "a system call failed; this needs root, or a group "
                            "of vfio's that is the user's",
    [-SDXI_USER_E_MEMORY] = "no memory that the function reaches, or not in "
                            "one piece; reserve 2 MiB huge pages "
                            "(vm.nr_hugepages)",
    [-SDXI_USER_E_MOVED] = "the kernel moved pages that are not huge",
    [-SDXI_USER_E_VERSION] = "the function is not of SDXI 1.x",
    [-SDXI_USER_E_LIMIT] = "more than the function offers",
    [-SDXI_USER_E_UNSUPPORTED] = "not offered by this function, or not the way "
                                 "it was opened",
    [-SDXI_USER_E_TIMEOUT] = "not done within the time",
    [-SDXI_USER_E_STATE] = "the function or the context has stopped",
    [-SDXI_USER_E_FAILED] = "the function reports an error of a descriptor",
    [-SDXI_USER_E_FULL] = "the ring has no room now",
    [-SDXI_USER_E_PENDING] = "not complete yet",
};

const char *sdxi_user_strerror(int error)
{
    return error <= 0 && error > -SDXI_USER_ERRORS
           ? words[-error] : "not an error of libsdxi-user";
}
