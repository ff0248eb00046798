"""IATA Cargo-XML: XFWB (air waybill), XFZB (house waybill) and XFFM (flight manifest), a message a file.

The elements are those of UN/CEFACT's core components in IATA's namespaces (`iata:waybill:1`,
`iata:housewaybill:1`, `iata:flightmanifest:1`, `iata:datamodel:3`), as published messages show them;
IATA sells the schemas. Names are matched without their namespace, so that later versions of the data
model are read too.
"""
