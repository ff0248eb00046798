# ruff: noqa: E501 - files as publishers write them
"""The lists of other countries in each of their forms; nobody in them is real."""

from watchfloor.formats.tabular import spreadsheet

UK_XML = """\
<?xml version="1.0" encoding="utf-8"?><Designations xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><DateGenerated>21/09/2026</DateGenerated>
<Designation><LastUpdated>04/08/2026</LastUpdated><DateDesignated>29/06/2012</DateDesignated><UniqueID>RUR0001</UniqueID>
<OFSIGroupID>12703</OFSIGroupID><UNReferenceNumber>RUi.001</UNReferenceNumber><Names>
<Name><Name1>ODO</Name1><Name2>PIRO</Name2><Name6>VALLE</Name6><NameType>Primary name</NameType></Name>
<Name><Name1>Otto</Name1><Name6>Valli</Name6><NameType>ALias</NameType></Name>
<Name><Name6>The Lamp Man</Name6><NameType>Alias</NameType><AliasStrength>Low quality</AliasStrength></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>عودو فالي</NameNonLatinScript></NonLatinName></NonLatinNames>
<RegimeName>The Ruritania (Sanctions) Regulations 2020</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip>
<DesignationSource>UK</DesignationSource><SanctionsImposed>Asset freeze|Travel Ban</SanctionsImposed><OtherInformation>Believed abroad</OtherInformation>
<Addresses><Address><AddressLine1>1 Hill Road</AddressLine1><AddressCountry>Panama</AddressCountry></Address></Addresses>
<IndividualDetails><Individual><DOBs><DOB>02/05/1971</DOB><DOB>dd/mm/1972</DOB></DOBs>
<Nationalities><Nationality>Iran</Nationality></Nationalities><PassportDetails><Passport><PassportNumber>R4711</PassportNumber></Passport></PassportDetails>
</Individual></IndividualDetails></Designation>
<Designation><DateDesignated>01/03/2022</DateDesignated><UniqueID>RUR0002</UniqueID><Names><Name><Name6>SEA LANTERN</Name6><NameType>Primary Name</NameType></Name></Names>
<RegimeName>The Ruritania (Sanctions) Regulations 2020</RegimeName><IndividualEntityShip>Ship</IndividualEntityShip>
<ShipDetails><Ship><IMONumbers><IMONumber>9074729</IMONumber></IMONumbers></Ship></ShipDetails></Designation></Designations>"""

UK_HEADER = (
    "Last Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Name type,Alias strength,Title,"
    "Name non-latin script,Non-latin script type,Non-latin script language,Regime Name,Designation Type,Designation source,Sanctions Imposed,"
    "Other Information,UK Statement of Reasons,Address Line 1,Address Line 2,Address Line 3,Address Line 4,Address Line 5,Address Line 6,"
    "Address Postal Code,Address Country,Phone number,Website,Email address,Date Designated,D.O.B,Nationality(/ies),National Identifier number,"
    "National Identifier additional information,Passport number,Passport additional information,Position,Gender,Town of birth,Country of birth,"
    "Type of entity,Subsidiaries,Parent company,Business registration number (s),IMO number,Current owner/operator (s),"
    "Previous owner/operator (s),Current believed flag of ship,Previous flags,Type of ship,Tonnage of ship,Length of ship,Year Built,"
    "Hull identification number (HIN)"
)
"""The 58 columns of the file of 2026."""


def uk_row(**cells):
    """A row of the UK's CSV; `Name_6` is the column `Name 6`."""
    said = {name.replace("_", " "): text for name, text in cells.items()}
    named = {"Nationality": "Nationality(/ies)", "DOB": "D.O.B"}
    said = {named.get(name, name): text for name, text in said.items()}
    columns = UK_HEADER.split(",")
    assert said.keys() <= set(columns)
    return ",".join(f'"{said[one]}"' if "," in said.get(one, "") else said.get(one, "") for one in columns)


PERSON = {
    "Last_Updated": "04/08/2026",
    "Unique_ID": "RUR0001",
    "OFSI_Group_ID": "12703",
    "UN_Reference_Number": "RUi.001",
    "Regime_Name": "The Ruritania (Sanctions) Regulations 2020",
    "Designation_Type": "Individual",
    "Sanctions_Imposed": "Asset freeze|Travel Ban",
    "Other_Information": "Believed abroad",
    "Address_Country": "Panama",
    "Date_Designated": "29/06/2012",
    "Nationality": "Iran",
    "Passport_number": "R4711",
    "Name_non-latin_script": "عودو فالي",
}
UK_CSV = "\n".join(
    (
        "Report Date: 21-Sep-2026",
        UK_HEADER,
        uk_row(
            **PERSON, Name_6="VALLE", Name_1="ODO", Name_2="PIRO", Name_type="Primary Name", DOB="02/05/1971"
        ),
        uk_row(**PERSON, Name_6="Valli", Name_1="Otto", Name_type="Alias", DOB="00/00/1972"),
        uk_row(
            **PERSON, Name_6="The Lamp Man", Name_type="Alias", Alias_strength="Low quality", DOB="02/05/1971"
        ),
        uk_row(
            Unique_ID="RUR0002",
            Name_6="SEA LANTERN",
            Name_type="Primary Name",
            Regime_Name="The Ruritania (Sanctions) Regulations 2020",
            Designation_Type="Ship",
            Date_Designated="01/03/2022",
            IMO_number="9074729",
        ),
        "",
    )
)

EU_XML = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?><export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-09-21T16:47:04.449+02:00" globalFileId="1">
<sanctionEntity designationDate="2012-06-29" designationDetails="" unitedNationId="RUi.001" euReferenceNumber="EU.99.1" logicalId="13"><remark>Believed abroad</remark>
<regulation regulationType="regulation" organisationType="council" publicationDate="2012-06-28" entryIntoForceDate="2012-06-29" numberTitle="1/2012 (OJ L1)" programme="RUR" logicalId="1"><publicationUrl>http://example.org/1</publicationUrl></regulation>
<regulation regulationType="amendment" organisationType="commission" publicationDate="2026-08-03" entryIntoForceDate="2026-08-04" numberTitle="2026/9 (OJ L9)" programme="RUR" logicalId="9"/>
<subjectType code="person" classificationCode="P"/>
<nameAlias firstName="Odo" middleName="" lastName="Valle" wholeName="Odo Valle" function="Minister" gender="M" title="" nameLanguage="EN" strong="true" regulationLanguage="en" logicalId="1"/>
<nameAlias firstName="" middleName="" lastName="" wholeName="Otto Valli" function="" nameLanguage="" strong="true" regulationLanguage="en" logicalId="2"/>
<nameAlias wholeName="The Lamp Man" nameLanguage="" strong="false" logicalId="3"/>
<citizenship region="" countryIso2Code="IR" countryDescription="IRAN" logicalId="4"/>
<birthdate circa="false" calendarType="GREGORIAN" city="" birthdate="1971-05-02" dayOfMonth="2" monthOfYear="5" year="1971" countryIso2Code="00" logicalId="5"/>
<birthdate circa="true" calendarType="GREGORIAN" year="1972" countryIso2Code="PA" logicalId="6"/>
<identification identificationTypeCode="passport" number="R4711" countryIso2Code="CU" knownFalse="false" logicalId="7"/>
<identification identificationTypeCode="id" number="77" countryIso2Code="00" knownFalse="true" logicalId="8"/>
</sanctionEntity>
<sanctionEntity euReferenceNumber="EU.99.2" logicalId="14"><regulation programme="RUR" numberTitle="1/2012" publicationDate="2012-06-28" entryIntoForceDate="2012-06-29" logicalId="2"/>
<subjectType code="enterprise" classificationCode="E"/><nameAlias wholeName="VF" strong="true" nameLanguage=""/><nameAlias wholeName="Vale Front" strong="true" nameLanguage=""/></sanctionEntity></export>"""

EU_COLUMNS = (
    "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_UnitedNationId;Entity_DesignationDate;Entity_DesignationDetails;"
    "Entity_Remark;Entity_SubjectType;Entity_SubjectType_ClassificationCode;Entity_Regulation_PublicationDate;"
    "Entity_Regulation_EntryIntoForceDate;Entity_Regulation_NumberTitle;Entity_Regulation_Programme;NameAlias_WholeName;"
    "NameAlias_NameLanguage;NameAlias_Strong;NameAlias_Function;BirthDate_BirthDate;BirthDate_Year;BirthDate_Circa;BirthDate_CountryIso2Code;"
    "Citizenship_CountryIso2Code;Identification_Number;Identification_TypeCode;Identification_CountryIso2Code"
)
EU_ODO = "21/09/2026;13;EU.99.1;RUi.001;2012-06-29;;Believed abroad;person;P;2026-08-03;2026-08-04;2026/9 (OJ L9);RUR"
EU_CSV = f"""\
{EU_COLUMNS}
{EU_ODO};Odo Valle;EN;true;Minister;;;;;;;;
{EU_ODO};Otto Valli;;true;;;;;;;;;
{EU_ODO};The Lamp Man;;false;;;;;;;;;
{EU_ODO};;;;;1971-05-02;1971;false;00;;;;
{EU_ODO};;;;;;1972;true;PA;;;;
{EU_ODO};;;;;;;;;IR;;;
{EU_ODO};;;;;;;;;;R4711;passport;CU
21/09/2026;14;EU.99.2;;;;;enterprise;E;2012-06-28;2012-06-29;1/2012;RUR;Vale Front;;true;;;;;;;;;
"""

AU_COLUMNS = (
    *(
        "Reference",
        "Name of Individual or Entity",
        "Type",
        "Name Type",
        "Alias Strength",
        "Date of Birth",
        "Place of Birth",
    ),
    *(
        "Citizenship",
        "Address",
        "Additional Information",
        "Listing Information",
        "IMO Number",
        "Committees",
        "Control Date",
    ),
    *(
        "Instrument of Designation",
        "Targeted Financial Sanction",
        "Travel Ban",
        "Arms Embargo",
        "Maritime Restriction",
    ),
)
AU_ROWS = (
    (
        "101",
        "Odo VALLE",
        "Individual",
        "Primary Name",
        "",
        "2 May 1971, and Approximately 1972",
        "Paris",
        "Iran",
        "",
        "Believed abroad_x000D_",
        "Listed by instrument",
        "",
        "1267 (Ruritania)",
        "29/06/2012",
    ),
    ("101a", "Otto Valli", "Individual", "aka", "Strong", "", "", "", "", "", "", "", "", ""),
    ("101b", "The Lamp Man", "Individual", "aka", "Weak", "", "", "", "", "", "", "", "", ""),
    ("101c", "عودو فالي", "Individual", "Original Script", "", "", "", "", "", "", "", "", "", ""),
    (
        "102",
        "SEA LANTERN",
        "Vessel",
        "Primary Name",
        "",
        "",
        "",
        "",
        "",
        "IMO number: 9074729",
        "",
        "",
        "Autonomous (Ruritania)",
        "2022-03-01",
    ),
)
AU_CSV = "\n".join(
    ",".join(f'"{cell}"' for cell in (*row, *[""] * (len(AU_COLUMNS) - len(row))))
    for row in (AU_COLUMNS, *AU_ROWS)
)


def au_xlsx():
    """The same as a workbook."""
    return spreadsheet.write("Consolidated", (AU_COLUMNS, *AU_ROWS))


CH_XML = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?><swiss-sanctions-list list-type="whole-list" date="2026-09-21">
<sanctions-program ssid="20" version-date="2026-08-04"><program-key lang="eng">Ruritania</program-key><program-name lang="eng">Ordinance on measures against Ruritania</program-name>
<sanctions-set ssid="200" lang="eng">Financial sanctions</sanctions-set><origin>UN</origin></sanctions-program>
<place ssid="9"><location>Paris</location><country iso-code="FR">France</country></place>
<target ssid="100" sanctions-set-id="200"><foreign-identifier>RUi.001</foreign-identifier><individual sex="male"><identity ssid="1" main="true">
<name ssid="2" name-type="primary-name" quality="good"><name-part order="2" name-part-type="family-name"><value>Valle</value><spelling-variant lang="eng" script="LATN">Vallé</spelling-variant><spelling-variant lang="ara" script="ARAB">فالي</spelling-variant></name-part>
<name-part order="1" name-part-type="given-name"><value>Odo</value><spelling-variant lang="ara" script="ARAB">عودو</spelling-variant></name-part></name>
<name ssid="3" name-type="alias" quality="good"><name-part order="1" name-part-type="whole-name"><value>Otto Valli</value></name-part></name>
<name ssid="4" name-type="alias" quality="low"><name-part order="1" name-part-type="whole-name"><value>The Lamp Man</value></name-part></name>
<day-month-year ssid="5" day="2" month="5" year="1971"/><day-month-year ssid="6" year="1972"/><place-of-birth ssid="7" place-id="9"/>
<nationality ssid="8"><country iso-code="IR">Iran</country></nationality><identification-document ssid="10" document-type="passport"><number>R4711</number><issuer code="CU">Cuba</issuer></identification-document>
</identity><justification ssid="11">Believed abroad</justification></individual>
<modification modification-type="amended" enactment-date="2026-08-03" publication-date="2026-08-03" effective-date="2026-08-04"><removed><individual><identity><name name-type="alias"><name-part order="1" name-part-type="whole-name"><value>Never A Name</value></name-part></name></identity></individual></removed></modification>
<modification modification-type="listed" effective-date="2012-06-29"/></target>
<target ssid="101"><sanctions-set-id>200</sanctions-set-id><object object-type="vessel"><identity ssid="12" main="true"><name ssid="13" name-type="primary-name" quality="good"><name-part order="1" name-part-type="whole-name"><value>SEA LANTERN</value></name-part></name></identity><other-information>IMO number: 9074729</other-information></object>
<modification modification-type="de-listed" effective-date="2025-01-31"/><modification modification-type="listed" effective-date="2022-03-01"/></target></swiss-sanctions-list>"""
