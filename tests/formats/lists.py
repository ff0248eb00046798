# ruff: noqa: E501 - files as publishers write them
"""Small lists of fictitious names in each format, and where the public ones are, for tests."""

from pathlib import Path

import pytest

from watchfloor.formats.base import Batch, Fault, Read

DATA = Path(__file__).parents[3] / "shared" / "data"
LAW, LISTS = DATA / "law", DATA / "lists"


def public(path: Path) -> Path:
    """A public file; a test that needs it skips where it is not."""
    if not path.exists():
        pytest.skip(f"needs the public file {path.name}, which is not on this machine")
    return path


def rows_of(read: Read, path: Path) -> list[dict]:
    with path.open("rb") as stream:
        return listed(list(read(stream, path.name)))


def listed(pieces: list[Batch | Fault]) -> list[dict]:
    """Rows of listings among the pieces of one file."""
    return [
        row for p in pieces if isinstance(p, Batch) and p.kind.name == "listing" for row in p.rows.to_pylist()
    ]


def faults(pieces: list[Batch | Fault]) -> list[Fault]:
    return [piece for piece in pieces if isinstance(piece, Fault)]


def texts(row: dict, strength: str | None = None) -> list[str]:
    """The texts of a row's names, or of those of one strength."""
    return [name["text"] for name in row["names"] if strength in (None, name["strength"])]


JUSTICE = """\
<?xml version="1.0" encoding="utf-8"?><Regulation lims:pit-date="2026-01-10" lims:current-date="2026-01-20"
 xml:lang="en" xmlns:lims="http://justice.gc.ca/lims"><Identification><InstrumentNumber>SOR/2099-1</InstrumentNumber>
<EnablingAuthority><XRefExternal reference-type="act" link="C-46">CRIMINAL CODE</XRefExternal></EnablingAuthority>
<LongTitle>Regulations Listing Nobody Real</LongTitle></Identification><Body><Section><Label>1</Label><Text>List</Text>
<List>
<Item lims:inforce-start-date="2024-02-01" lims:fid="11" lims:id="21"><Text>Harrow Vale Front (HVF) (also known among
 other names as Vale Front, <Language xml:lang="fr">Front du val</Language> and The Lamp)</Text></Item>
<Item lims:inforce-start-date="2025-03-01" lims:fid="12" lims:id="22"><Text>Lantern Society</Text></Item>
</List></Section></Body></Regulation>"""

SCHEDULES = """\
<?xml version="1.0" encoding="utf-8"?><Regulation lims:pit-date="2026-01-10" lims:current-date="2026-01-20"
 xml:lang="en" xmlns:lims="http://justice.gc.ca/lims"><Identification><InstrumentNumber>SOR/2099-2</InstrumentNumber>
<EnablingAuthority><XRefExternal link="S-14.5">SPECIAL ECONOMIC MEASURES ACT</XRefExternal></EnablingAuthority>
<LongTitle>Special Economic Measures (Ruritania) Regulations</LongTitle></Identification>
<Schedule><ScheduleFormHeading><Label>SCHEDULE 1</Label><TitleText>Persons</TitleText></ScheduleFormHeading>
<Heading><Label>PART 1</Label><TitleText>Individuals</TitleText></Heading><List>
<Item lims:fid="1" lims:id="1"><Label>1</Label><Text>Odo (Otto) VALLE (VALLI) (born on May 2, 1971)</Text></Item>
<Item lims:fid="2" lims:id="2"><Label>2</Label><Text><Repealed>[Repealed, SOR/2099-3, s. 1]</Repealed></Text></Item>
<Item lims:fid="3" lims:id="3"><Label>3</Label><Text>Rilla Marsh, born 1960 (also known as Rilla Fen)</Text></Item>
</List><Heading><Label>PART 2</Label><TitleText>Entities</TitleText></Heading><List>
<Item lims:fid="4" lims:id="4"><Label>1</Label><Text>Vale Tile Works (Strelsau)</Text></Item></List></Schedule>
<Schedule><ScheduleFormHeading><Label>SCHEDULE 2</Label></ScheduleFormHeading><TableGroup><table><title>Ships</title>
<tgroup><thead><row><entry>Item</entry><entry>IMO number</entry><entry>Vessel name</entry></row></thead><tbody>
<row><entry>1</entry><entry>9074729</entry><entry>Sea Lantern</entry><entry>Tanker</entry><entry>1999</entry></row>
</tbody></tgroup></table></TableGroup></Schedule>
<Schedule><ScheduleFormHeading><Label>SCHEDULE 3</Label><TitleText>Goods</TitleText></ScheduleFormHeading>
<List><Item lims:fid="9" lims:id="9"><Label>1</Label><Text>Petroleum jelly</Text></Item></List></Schedule>
</Regulation>"""

UN = """\
<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>
<INDIVIDUAL><DATAID>1</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>ODO</FIRST_NAME><SECOND_NAME>VALLE</SECOND_NAME>
<UN_LIST_TYPE>Ruritania</UN_LIST_TYPE><REFERENCE_NUMBER>RUi.001</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
<NAME_ORIGINAL_SCRIPT>عودو فالي</NAME_ORIGINAL_SCRIPT><COMMENTS1>Believed abroad</COMMENTS1>
<NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE></NATIONALITY>
<LAST_DAY_UPDATED><VALUE>2016-10-13</VALUE><VALUE>2019-05-01</VALUE></LAST_DAY_UPDATED>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Otto Valle</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Lamp Man</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Odo Velle</ALIAS_NAME><NOTE>formerly listed as</NOTE></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-05-02</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1968</FROM_YEAR><TO_YEAR>1970</TO_YEAR>
</INDIVIDUAL_DATE_OF_BIRTH><INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1972</YEAR>
</INDIVIDUAL_DATE_OF_BIRTH><INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>R 4711</NUMBER>
<ISSUING_COUNTRY>Ruritania</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT></INDIVIDUAL></INDIVIDUALS><ENTITIES>
<ENTITY><DATAID>2</DATAID><FIRST_NAME>VALE FRONT (VF) ; FRONT OF THE VALE</FIRST_NAME>
<REFERENCE_NUMBER>RUe.001</REFERENCE_NUMBER><ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>Hill Front</ALIAS_NAME>
</ENTITY_ALIAS></ENTITY></ENTITIES></CONSOLIDATED_LIST>"""

SDN = """\
101,"VALLE, Odo","individual","SDGT] [RURI","Minister",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 02 May 1971; alt. DOB circa 1972; \
nationality Iran; POB Paris, France; Passport R4711 (Cuba) issued 01 Jan 2000; a.k.a. 'THE LAMP'."
102,"VALE TRADING CO.",-0- ,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n\
103,"SEA LANTERN","vessel","CUBA",-0- ,"CL2685","Tanker","2597","1098","Cuba","Vale Lines","Vessel Registration \
Identification IMO 9074729; MMSI 257123456."
\x1a"""
ALT = '101,1,"aka","VALLI, Otto",-0- \n102,2,"fka","HILL TRADING",-0- \n\x1a'
ADD = '101,7,"1 Hill Road","Strelsau","Cuba",-0- \n102,8,-0- ,-0- ,"Panama",-0- \n\x1a'

SDN_XML = """\
<?xml version="1.0" standalone="yes"?><sdnList xmlns="http://tempuri.org/sdnList.xsd"><publshInformation>
<Publish_Date>11/20/2026</Publish_Date><Record_Count>2</Record_Count></publshInformation>
<sdnEntry><uid>101</uid><firstName>Odo</firstName><lastName>VALLE</lastName><title>Minister</title>
<sdnType>Individual</sdnType><programList><program>SDGT</program><program>RURI</program></programList>
<idList><id><uid>9</uid><idType>Passport</idType><idNumber>R4711</idNumber><idCountry>Cuba</idCountry></id></idList>
<akaList><aka><uid>1</uid><type>a.k.a.</type><category>strong</category><lastName>VALLI</lastName>
<firstName>Otto</firstName></aka><aka><uid>2</uid><type>a.k.a.</type><category>weak</category>
<lastName>THE LAMP</lastName></aka></akaList><addressList><address><uid>7</uid><city>Strelsau</city>
<country>Cuba</country></address></addressList><nationalityList><nationality><uid>3</uid><country>Iran</country>
</nationality></nationalityList><dateOfBirthList><dateOfBirthItem><uid>4</uid><dateOfBirth>02 May 1971</dateOfBirth>
</dateOfBirthItem></dateOfBirthList><placeOfBirthList><placeOfBirthItem><uid>5</uid>
<placeOfBirth>Paris, France</placeOfBirth></placeOfBirthItem></placeOfBirthList></sdnEntry>
<sdnEntry><uid>103</uid><lastName>SEA LANTERN</lastName><sdnType>Vessel</sdnType><programList><program>CUBA</program>
</programList><idList><id><uid>8</uid><idType>Vessel Registration Identification</idType>
<idNumber>IMO 9074729</idNumber></id></idList><vesselInfo><callSign>CL2685</callSign><vesselFlag>Cuba</vesselFlag>
</vesselInfo></sdnEntry></sdnList>"""

FTM = """\
{"id":"V-1","caption":"Odo Valle","schema":"Person","datasets":["ruri"],"last_change":"2026-01-05T10:00:00",\
"properties":{"name":["Otto Valle","Odo Valle"],"weakAlias":["The Lamp"],"birthDate":["1971-05-02"],"country":["ir"],\
"passportNumber":["R4711"],"topics":["sanction"]}}
{"id":"A-1","caption":"1 Hill Road","schema":"Address","properties":{"full":["1 Hill Road"]}}
{"id":"V-2","caption":"Vale Front","schema":"Organization","datasets":["ruri"],\
"properties":{"name":["Vale Front"],"alias":["VF"]}}
"""

CSV = """\
id,name,aliases,weak_aliases,schema,birth_date,country
V-1,Odo Valle,Otto Valle;Odo Valli,The Lamp,Person,1971-05-02;1972,IR
V-2,Vale Front,,VF,Organization,,
"""


STATEMENTS = """"canonical_id","entity_id","prop","prop_type","schema","value","dataset","lang","first_seen","id"
"NK-1","a-1","id","","LegalEntity","a-1","toy_list","","2026-01-01T00:00:00","1"
"NK-1","a-1","name","name","LegalEntity","Zarbek Tolunay Freight","toy_list","eng","2026-01-01T00:00:00","2"
"NK-1","b-7","name","name","Company","ZTF Ltd","toy_list","","2026-02-03T00:00:00","3"
"NK-1","b-7","country","country","Company","ca","toy_list","","2026-01-01T00:00:00","4"
"own-2","own-2","id","","Ownership","own-2","default","","","5"
"own-2","own-2","asset","entity","Ownership","NK-1","default","","","6"
"""
