DefinitionBlock ("", "SSDT", 1, "BOCHS ", "BXPC    ", 0x00000001)
{
    Scope (\_SB.PCI0)
    {
        Name (_PXM, One)  // _PXM: Device Proximity
    }
}
