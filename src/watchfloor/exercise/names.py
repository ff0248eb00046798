"""Names for an exercise: made up by drawing parts, so that nobody in particular is meant.

Parts are common given and family names of the communities that a Canadian border meets, in equal shares, so
that no community is over-represented among those whose names are looked at.
"""

from random import Random
from typing import Final

PEOPLE: Final = (
    (
        "Emma Liam Olivia Noah Charlotte William Amelia Jack Sophie Thomas Grace Owen Ruth Peter Alice",
        "Smith Brown MacDonald Campbell Wilson Taylor Morrison Fraser Clarke Bennett Walker Reid Hughes",
    ),
    (
        "Léa Gabriel Florence Louis Juliette Antoine Rosalie Félix Camille Étienne Maude Olivier Élise",
        "Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier Bélanger",
    ),
    (
        "Wei Li Fang Jun Min Xia Hao Yan Ming Jing Lei Ying Qiang",
        "Wang Zhang Chen Liu Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu",
    ),
    (
        "Harpreet Gurpreet Simran Jasleen Amrit Manpreet Arjun Priya Rohan Anjali Vikram Kavita",
        "Singh Kaur Gill Sandhu Dhillon Sidhu Sharma Patel Grewal Brar Mehta Iyer",
    ),
    (
        "Mohammed Fatima Ahmed Aisha Omar Layla Youssef Mariam Khalid Nour Tariq Hanan",
        "Hassan Ali Ibrahim Khalil Mansour Haddad Nasser Saleh Farah Aziz Rahman Qasim",
    ),
    (
        "Maria José Carlos Ana Luis Lucía Diego Elena Jorge Carmen Andrés Valeria",
        "García Hernández López Martínez Rodríguez Pérez Sánchez Ramírez Torres Flores Gómez Díaz",
    ),
    (
        "Olena Andriy Ivan Natalia Dmytro Oksana Serhiy Kateryna Pavel Irina Mykola Anna",
        "Kovalenko Shevchenko Bondar Melnyk Petrov Ivanov Tkachuk Koval Moroz Savchenko Novak Kravets",
    ),
)
"""Given names and family names, one pair of lists a community."""

TRADES: Final = (
    *("Logistics", "Imports", "Foods", "Textiles", "Marine", "Hardware"),
    *("Furniture", "Seafood", "Electronics", "Chemicals", "Freight", "Tools"),
)
FORMS: Final = ("Ltd.", "Inc.", "Limited", "Ltée", "Corp.", "LLC", "S.A.", "GmbH", "Co., Ltd.")
PLACES: Final = (
    *("Windsor", "Sarnia", "Niagara", "Lakeshore", "Cornwall", "Gatineau", "Laval"),
    *("Richmond", "Surrey", "Halifax", "Atlantic", "Prairie", "Fraser"),
)

LOOK_ALIKES: Final = (
    "Base Camp Outfitters",
    "Rim Rock Resort",
    "The Federation of Lakeshore Cottagers",
    "Sierra Blue Paints Ltd.",
    "Combat Sports Academy",
    "Northern Lantern Youth Centre",
)
"""Benign names that collide with weak aliases and with words of the exercise's list."""

LISTED: Final = (
    (
        "EX-1",
        "Organization",
        "Cartel de la Sierra Azul",
        "Sierra Azul Cartel;Los Azules del Norte",
        "CSA;The Blue",
    ),
    ("EX-2", "Organization", "Harakat al-Fajr al-Baid", "Movement of the Far Dawn;Al Fajr al Baeed", "HFB"),
    ("EX-3", "Organization", "Northern Lantern Network", "Severny Fonar;Lantern Brigade", "NLN;The Lantern"),
    ("EX-4", "Company", "Meridian Delta Trading Company Limited", "Meridian Delta FZE", "MDT"),
    (
        "EX-5",
        "Person",
        "Karim Abdelwahid al-Zurfani",
        "Abu Harith al-Zurfani;Kareem Abd al-Wahed Zurfany",
        "",
    ),
    ("EX-6", "Person", "Ernesto Valdovinos Quiroga", "Ernesto Baldovinos;El Contador Quiroga", ""),
    ("EX-7", "Person", "Grigoriy Stanislavovich Belokamenny", "Grigori Belokamennyi", ""),
    ("EX-8", "Company", "Jinhe Fine Reagents Import and Export Co., Ltd.", "Jin He Reagents", "JFR"),
)
"""Fictitious listed entities: id, schema, name, aliases, weak aliases."""

OTHER_SCRIPTS: Final = {
    "EX-2": ("Arabic", "حركة الفجر البعيد", "Harakat al-Fajr al-Baid"),
    "EX-3": ("Cyrillic", "Северный Фонарь", "Severny Fonar"),
    "EX-5": ("Arabic", "كريم عبد الواحد الزرفاني", "Karim Abdelwahid al-Zurfani"),
    "EX-7": ("Cyrillic", "Григорий Станиславович Белокаменный", "Grigoriy Stanislavovich Belokamenny"),
}
"""Script, spelling at home and the listed name it is; the list itself has Latin letters only."""

BIRTH_DATES: Final = {"EX-5": "1971-04-12", "EX-6": "1965", "EX-7": "1980-11-03"}


def person(random: Random) -> str:
    """A made-up person's name, sometimes with two given or two family names."""
    given, family = random.choice(PEOPLE)
    parts = [random.choice(given.split()), random.choice(family.split())]
    if random.random() < 0.25:
        parts.insert(1, random.choice(given.split()))
    return " ".join(parts)


def company(random: Random) -> str:
    """A made-up company's name."""
    first = (
        random.choice(random.choice(PEOPLE)[1].split()) if random.random() < 0.5 else random.choice(PLACES)
    )
    return f"{first} {random.choice(TRADES)} {random.choice(FORMS)}"
