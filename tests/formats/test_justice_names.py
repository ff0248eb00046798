# ruff: noqa: E501 - items of the law are long
"""The grammar of items: each rule on a fictitious item, and hard items of the law by hand."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.formats.lists import LAW, public, rows_of

from watchfloor.formats.lists.justice_laws import read
from watchfloor.formats.lists.justice_names import parse
from watchfloor.formats.lists.listing_rows import squeeze


def names(text: str, of: str = "groups") -> list[str]:
    return [name.text for name in parse(text, of).names]


def roles(text: str, of: str = "groups") -> dict[str, tuple[str, str]]:
    return {name.text: (name.role, name.strength) for name in parse(text, of).names}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vale Front", ["Vale Front"]),
        ("Vale Front (VF)", ["Vale Front", "VF"]),
        ("Vale Front (also known as Hill Front)", ["Vale Front", "Hill Front"]),
        (
            "Vale Front (also known among other names as Hill Front, Fen Front and Marsh Front)",
            ["Vale Front", "Hill Front", "Fen Front", "Marsh Front"],
        ),
        (
            "Vale Front (also known among other names as: Hill Front, Fen Front, and Marsh Front)",
            ["Vale Front", "Hill Front", "Fen Front", "Marsh Front"],
        ),
        (
            "Vale Front [connu notamment sous les noms suivants : Hill Front, Fen Front et Marsh Front]",
            ["Vale Front", "Hill Front", "Fen Front", "Marsh Front"],
        ),
        ("Vale Front (connue notamment sous le nom de Hill Front)", ["Vale Front", "Hill Front"]),
        ("Vale Front (connu notamment sous le nom d’Hill Front)", ["Vale Front", "Hill Front"]),
        ("Vale Front (connues notamment sous le nom suivant : Hill Front)", ["Vale Front", "Hill Front"]),
        ("Vale Front (alias Hill Front (HF)", ["Vale Front", "Hill Front", "HF"]),  # never closed
        ("Vale Front (“The Long Lamp”)", ["Vale Front", "The Long Lamp"]),
        ("Vale Front (« La longue lampe »)", ["Vale Front", "La longue lampe"]),
        (
            "Vale Front (also known as El Vale (the Valley), La Lampe (LL) and Fen (Marsh Men/Men of the Marsh))",
            ["Vale Front", "El Vale", "the Valley", "La Lampe", "LL", "Fen", "Marsh Men", "Men of the Marsh"],
        ),
        ("Vale Front (also known as Odos/Udos Force)", ["Vale Front", "Odos Force", "Udos Force"]),
        ("Vale Front (also known as Hill/Country of the Lamp)", ["Vale Front", "Hill/Country of the Lamp"]),
        (
            "Jash-e-Volde (also known as Jash-i-Volde (Valde, Vulde) and Army of Volde)",
            ["Jash-e-Volde", "Jash-i-Volde", "Jash-i-Valde", "Jash-i-Vulde", "Army of Volde"],
        ),
        ("Fen (also known as Marsh (MRS, Men of the Reeds))", ["Fen", "Marsh", "MRS", "Men of the Reeds"]),
        ("Odo’s Part of the Front, the Front Odo (FO)", ["Odo’s Part of the Front", "the Front Odo", "FO"]),
        ("Salt & Honour (S&H)", ["Salt & Honour", "S&H"]),
        (
            "Fen (also known as Marsh, Front Against Frogs and Toads, Reed and Lamp Group and Fen Network)",
            ["Fen", "Marsh", "Front Against Frogs and Toads", "Reed and Lamp Group", "Fen Network"],
        ),
        ("Fen (also known as Institute of Peat and Science)", ["Fen", "Institute of Peat and Science"]),
        (
            "Fen (also known as Marsh Trade and Commercial Bank and Fen Trade and Commercial Bank)",
            ["Fen", "Marsh Trade and Commercial Bank", "Fen Trade and Commercial Bank"],
        ),
        ("Fen & Marsh Co. (also known as Fen and Marsh Co.)", ["Fen & Marsh Co.", "Fen and Marsh Co."]),
        (
            "Fen (also known as Marsh, Fen Peat, JSC and OAO Fen)",
            ["Fen", "Marsh", "Fen Peat, JSC", "OAO Fen"],
        ),
        ("Fen (also known as Marsh (FENP or FENQ))", ["Fen", "Marsh", "FENP", "FENQ"]),
        (
            "Fen (also known as Aides de la tourbe, Soldats et Lampes)",
            ["Fen", "Aides de la tourbe", "Soldats", "Lampes"],
        ),
        ("Fen (formerly known as Marsh)", ["Fen", "Marsh"]),
    ],
)
def test_groups(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "births"),
    [
        ("Odo VALLE (VALLI)", ["Odo VALLE", "Odo VALLI"], []),
        ("Odo (Otto) VALLE (VALLI)", ["Odo VALLE", "Otto VALLE", "Odo VALLI", "Otto VALLI"], []),
        ("Odo VALLE (born on May 2, 1971)", ["Odo VALLE"], ["1971-05-02"]),
        ("Odo Valle, born February 2, 1933", ["Odo Valle"], ["1933-02-02"]),
        ("Odo Valle, born 1944 (also known as Otto Valle)", ["Odo Valle", "Otto Valle"], ["1944"]),
        ("Odo Valle (date of birth: August 25, 1956)", ["Odo Valle"], ["1956-08-25"]),
        ("Odo Valle (born on August 10 or 11, 1972)", ["Odo Valle"], ["1972-08-10", "1972-08-11"]),
        ("Odo Valle (born in March 1964)", ["Odo Valle"], ["1964-03"]),
        ("Odo Valle (né le 1er mai 1971)", ["Odo Valle"], ["1971-05-01"]),
        ("Odo Valle (née en 1971)", ["Odo Valle"], ["1971"]),
        ("Odo VALLE also known as “Lamp” or “Reed”", ["Odo VALLE", "Lamp", "Reed"], []),
        ("Odo Valle (Major General)", ["Odo Valle"], []),
        ("Odo Valle (born in 1954", ["Odo Valle"], ["1954"]),
    ],
)
def test_individuals(text, expected, births):
    parsed = parse(text, "individuals")
    assert [name.text for name in parsed.names] == expected
    assert parsed.birth_dates == births


def test_what_is_no_name_or_date_stays_as_a_remark():
    assert parse("Odo Valle (Major General)", "individuals").remarks == ["Major General"]
    assert parse("Odo Valle (date of birth: circa 1969)", "individuals").remarks == [
        "date of birth: circa 1969"
    ]
    assert parse("Fen Media (including Fen TV and Fen Radio)").remarks == ["including Fen TV and Fen Radio"]
    impossible = parse("Odo Valle (born on February 30, 1971)", "individuals")
    assert (impossible.birth_dates, impossible.remarks) == ([], ["born on February 30, 1971"])


def test_roles_and_strengths():
    assert roles("Vale Front (VF) (also known as the Lamp, El Fen (the Marsh), Hill Front and MS-13)") == {
        "Vale Front": ("primary", "strong"),
        "VF": ("acronym", "weak"),
        "the Lamp": ("alias", "weak"),
        "El Fen": ("alias", "weak"),
        "the Marsh": ("gloss", "weak"),
        "Hill Front": ("alias", "strong"),
        "MS-13": ("acronym", "weak"),
    }
    assert roles("Fen (formerly known as Marsh Front)")["Marsh Front"] == ("former", "strong")
    assert roles("Odo VALLE also known as “Lamper”", "individuals")["Lamper"] == ("alias", "weak")


def test_a_place_in_brackets_is_no_name_of_a_company():
    assert names("Vale Tile Works (Strelsau)", "companies") == [
        "Vale Tile Works",
        "Vale Tile Works (Strelsau)",
    ]
    assert names("Vale Relief (Canada)") == ["Vale Relief", "Vale Relief (Canada)"]


@given(st.text(alphabet='ab ,;()[]“”«»/–and etorAKL’"born 12', max_size=60))
@example(",[Ad")
@example("[],")
@example("1[],")
def test_no_text_breaks_it_and_names_are_whole(text):
    parsed = parse(text)
    for name in parsed.names:
        assert name.text == squeeze(name.text) != ""
    if any(c.isalnum() for c in text) and not any(c in "()[]" for c in text):
        assert parsed.names


HARD = {
    "694382": "Al-Gama’a al-Islamiyya | AGAI~ | Islamic Group | IG~",
    "694384": "Al Qaeda in the Islamic Maghreb | AQIM~ | Tanzim Qaedat bi-Bilad al-Maghrab al-Islami | "
    "Tanzim al-Qa´ida fi bilad al-Maghreb al-Islamiya | The Organization of Al-Qaida in the Islamic Maghreb | "
    "Al-Qa´ida Organisation in the Lands of the Islamic Maghreb | Al-Qa´ida in the Islamic Maghreb | "
    "Al-Qa´ida in the Lands of the Islamic Maghreb | al-Qaïda dans les pays du Maghreb islamique | "
    "Salafist Group for Call and Combat | GSPC~ | Groupe salafiste pour la prédication et le combat | "
    "Salafist Group for Preaching and Combat",
    "694387": "Asbat Al-Ansar | AAA~ | The League of Partisans | God’s Partisans | Gathering of Supporters | "
    "Partisan’s League | Osbat Al Ansar | Usbat Al Ansar | Esbat Al-Ansar | Isbat Al Ansar | Usbat-ul-Ansar | "
    "Band of Helpers | Band of Partisans | League of the Followers",
    "694389": "Jaish-e-Mohammed | JeM~ | Jaish-i-Mohammed | Jaish-i-Mohammad | Jaish-i-Muhammad | "
    "Jaish-i-Muhammed | Jaish-e-Mohammad | Jaish-e-Muhammed | Jaish-e-Mohammad Mujahideen E-Tanzeem | "
    "Jeish-e-Mahammed | Army of Mohammed | Mohammed’s Army | Tehrik Ul-Furqaan | "
    "National Movement for the Restoration of Pakistani Sovereignty | Army of the Prophet",
    "694390": "Hamas | Harakat Al-Muqawama Al-Islamiya | Islamic Resistance Movement",
    "694392": "Aum Shinrikyo | Aum~ | Aum Shinri Kyo | Aum Supreme Truth | "
    "A. I. C. Comprehensive Research Institute | A. I. C. Sogo Kenkyusho | Aleph~",
    "694393": "Hizballah | Hizbullah | Hizbollah | Hezbollah | Hezballah | Hizbu’llah | The Party of God | "
    "Islamic Jihad | Islamic Holy War | Islamic Jihad Organization | Islamic Resistance | "
    "Islamic Jihad for the Liberation of Palestine | Ansar al-Allah | Followers of God | Partisans of God | "
    "God’s Helpers | Ansarollah | Ansar Allah | Al-Muqawamah al-Islamiyyah | Organization of the Oppressed | "
    "Organization of the Oppressed on Earth | Revolutionary Justice Organization | "
    "Organization of Right Against Wrong | Followers of the Prophet Muhammed",
    "694396": "Sendero Luminoso | SL~ | Shining Path | "
    "Partido Comunista del Peru en el Sendero Luminoso de Jose Carlos Mariategui | "
    "Communist Party of Peru on the Shining Path of Jose Carlos Mariategui | Partido Comunista del Peru | "
    "Communist Party of Peru | The Communist Party of Peru by the Shining Path of Jose Carlos Mariategui and "
    "Marxism, Leninism, Maoism and the Thoughts of Chairman Gonzalo | "
    "Revolutionary Student Front for the Shining Path of Mariategui | "
    "Communist Party of Peru — By Way of the Shining Path of Mariategui | "
    "PCP — por el Sendero Luminoso de Mariategui | PCP~ | PCP-SL~",
    "694401": "Fuerzas Armadas Revolucionarias de Colombia | FARC~ | Revolutionary Armed Forces of Colombia | "
    "Revolutionary Armed Forces of Colombia-People’s Army | "
    "Fuerzas Armadas Revolucionarias de Colombia-Ejército del Pueblo | FARC-EP~",
    "694402": "Ejército de Liberación Nacional | ELN~ | National Liberation Army | "
    "the Army of National Liberation",
    "694420": "Islamic Revolutionary Guard Corps’ Qods Force | IRGC-QF~ | Pasdaran-e Enghelab-e Islami | "
    "Pasdaran~ | Sepah-e Qods | Qods~ | Quds~ | al Quds | al Quds Force | Qods Force | Quds Force | "
    "Qods Corps | Jerusalem Corps | Jerusalem Force",
    "694422": "Taliban | Afghan Taliban | Movement of Islamic Students | Taleban | "
    "Islamic Movement of the Taliban | De Talebano Islami Ghurdzang or Tehrik | "
    "Islamic Emirate of Afghanistan | De Afghanistan Islami Emarat",
    "694425": "Boko Haram | Jama’atu Ahlis Sunna Lidda’awati Wal-Jihad | JAS~ | "
    "People of the Tradition of the Prophet for Preaching and Striving | "
    "Group Committed to Propagating the Prophet’s Teachings and Jihad",
    "694427": "International Relief Fund for the Afflicted and Needy – Canada | "
    "International Relief Fund for the Afflicted and Needy | "
    "International Relief Fund for the Afflicted and Needy (Canada) | IRFAN~ | IRFAN – Canada | IRFAN Society",
    "694433": "Al Qaida in the Indian Subcontinent | AQIS~ | Qaedat al-Jihad in the Indian Subcontinent | "
    "Jamaat Qaidat al-Jihad fi Shibh al-Qarrah al-Hindiyah | "
    "Organisation of the Base of Jihad in the Indian Subcontinent",
    "694434": "Indian Mujahideen | IM~ | Indian Mujahedeen | Indian Mujahidin | "
    "Islamic Security Force – IM | ISF-IM~",
    "1115062": "HASAM~ | Harakat Sawa’d Misr | Hakarat Sawa’d Misr | Hassam | The Hasam Movement | Hasm~ | "
    "Hassm | the Hassm Movement | Harikat Souaid Misr | Harakah Sawa’id Misr | the Movement of Egypt’s Arms | "
    "the Movement of Egypt’s Forearms | the Arms of Egypt Movement",
    "1174565": "Blood & Honour | B&H~",
    "1174566": "Combat 18 | C18~",
    "1283987": "The Base~",
    "1304746": "James Mason | James Nolan Mason",
    "1304747": "Three Percenters | 3%ers | III%ers | Threepers",
    "1459818": "Islamic Revolutionary Guard Corps | IRGC~ | Pasdaran | Guardians~ | Sepah | "
    "Sepah-e-Pasdaran Enghelab Islami",
    "1515762": "El Cartel del Golfo | CDG~ | the Gulf Cartel | Los Escorpiones~ | the Scorpions~ | Los Ciclones~ | "
    "the Cyclones~ | Los Rojos~ | Los Metros~ | Las Panteras~ | the Panthers~",
    "1515764": "La Mara Salvatrucha | MS-13~",
    "1515765": "Cárteles Unidos | CU~ | the United Cartel | Cartel del Abuelo | Cartel Tepalcatepec | Los Viagras~ | "
    "Los Caballeros Templarios | Knights Templar | La Nueva Familia Michoacana | the New Michoacán Family | "
    "La Familia Michoacana | the Michoacán Family | LNFM~ | Los Blanco De Troya | the White Trojans",
    "1515766": "El Cartel de Sinaloa | CDS~ | Sinaloa Cartel | la Federación~ | the Federation~ | "
    "Sinaloa Organized Crime Group | Organización del Pacífico | the Pacific Cartel | "
    "Organización Guzman-Loera | the Guzman-Loera Organization",
    "1550367": "764~",
    "1550368": "Maniac Murder Cult | MMC~ | Maniacs: Cult of Killing | Manyaki | Kult Ubiystva | MKY~ | MKU~",
}
"""Items of SOR/2002-284 by `lims:fid`, read by a person; `~` marks a weak name."""

HARD_FRENCH = {
    "682948": "Al-Jama’a al-islamiya | AJAI~ | Groupe islamique | GI~",
    "682958": "Aum Shinrikyo | Aum~ | Aum Shinri Kyo | Aum Supreme Truth | Vérité suprême de Aum | "
    "A. I. C. Comprehensive Research Institute | A. I. C. Sogo Kenkyusho | Aleph~",
    "682973": "Front de libération de la Palestine | FLP~ | FLP — Faction Abou Abbas",
    "682980": "Faction de Gulbuddin Hekmatyar du Hezb-e-Islami | Le Hezb-e-Islami Gulbuddin | HIG~",
    "682977": "Gulbuddin Hekmatyar | Gulabudin Hekmatyar | Gulbuddin Khekmatiyar | Gulbuddin Hekmatiar | "
    "Gulbuddin Hekmartyar | Gulbudin Hekmetyar | Golboddin Hikmetyar | Gulbuddin Hekmetyar",
    "682968": "Ejército de Liberación Nacional | ELN~ | Armée nationale de libération | "
    "Armée nationale de la libération",
}
"""Items of DORS/2002-284, likewise."""


def _marked(row: dict) -> str:
    return " | ".join(n["text"] + "~" * (n["strength"] == "weak") for n in row["names"])


@pytest.mark.parametrize(("file", "expected"), [("SOR", HARD), ("DORS", HARD_FRENCH)])
def test_hard_items_of_the_law(file, expected):
    rows = rows_of(read, public(LAW / f"{file}-2002-284@2026-07-23.xml"))
    found = {row["entity_id"].rpartition("#")[2]: _marked(row) for row in rows}
    assert {fid: found[fid] for fid in expected} == expected


@pytest.mark.parametrize("file", ["SOR", "DORS"])
def test_persons_come_out_as_persons(file):
    rows = rows_of(read, public(LAW / f"{file}-2002-284@2026-07-23.xml"))
    assert {r["name"] for r in rows if r["schema"] == "Person"} == {"Gulbuddin Hekmatyar", "James Mason"}
