/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/trace-memfab_hw_cxl.h"
