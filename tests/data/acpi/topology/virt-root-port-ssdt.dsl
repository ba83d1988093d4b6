DefinitionBlock ("", "SSDT", 1, "BOCHS ", "BXPC    ", 0x00000001)
{
    Scope (\_SB.PCI0)
    {
        Device (S18)
        {
            Name (_ADR, 0x00030000)  // _ADR: Address
            Device (S00)
            {
                Name (_ADR, Zero)  // _ADR: Address
                Name (_PXM, One)  // _PXM: Device Proximity
            }
        }
    }
}
