DefinitionBlock ("", "SSDT", 1, "BOCHS ", "BXPC    ", 0x00000001)
{
    Scope (\_SB.PC40)
    {
        Device (S10)
        {
            Name (_ADR, 0x00020000)  // _ADR: Address
            Device (S00)
            {
                Name (_ADR, Zero)  // _ADR: Address
                Device (S00)
                {
                    Name (_ADR, Zero)  // _ADR: Address
                    Device (S00)
                    {
                        Name (_ADR, Zero)  // _ADR: Address
                        Name (_PXM, One)  // _PXM: Device Proximity
                    }
                }
                Device (S08)
                {
                    Name (_ADR, 0x00010000)  // _ADR: Address
                    Device (S00)
                    {
                        Name (_ADR, Zero)  // _ADR: Address
                        Name (_PXM, 0x02)  // _PXM: Device Proximity
                        Name (_DSD, Package (0x02)  // _DSD: Device-Specific Data
                        {
                            ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301") /* Device Properties for _DSD */,
                            Package (0x02)
                            {
                                Package (0x02)
                                {
                                    "nvidia,gpu-mem-pxm-start",
                                    0x02
                                },
                                Package (0x02)
                                {
                                    "nvidia,gpu-mem-pxm-count",
                                    0x02
                                }
                            }
                        })
                    }
                }
            }
        }
    }
}
