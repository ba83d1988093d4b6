Device (S20)
{
    Name (_ADR, 0x00040000)  // _ADR: Address
    Name (_PXM, 0x02)  // _PXM: Device Proximity
    Name (_DSD, Package (0x02)  // _DSD: Device-Specific Data
    {
        ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301") /* Device Properties for _DSD */,
        Package (0x02)
        {
            Package (0x02)
            {
                "dev-mem-pxm-start",
                0x02
            },
            Package (0x02)
            {
                "dev-mem-pxm-count",
                0x08
            }
        }
    })
}
