#include "trace/trace-memfab_hw_acpi_topology.h"
