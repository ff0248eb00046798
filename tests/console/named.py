"""A small floor of names that mean harm, some of them hidden from one reader, and of one who was delisted."""

from pathlib import Path

from tests.cli.worlds import FEEDS, in_, run

from watchfloor.store.floor import Floor

OPEN, HIDDEN = "PA//TLP:GREEN", "PB//TLP:AMBER"
HARM = "Tavish <img src=x onerror=window.harmed=1> Okonedo"
BOLD = "</script><b>Wren</b> Halloway"
POLICY = """
[readers.keeper]
protected = "PB"
role = "supervisor"
[readers.okafor]
protected = "PB"
[readers.roy]
protected = "PA"
tlp = "GREEN"
"""
HEAD = "report_key,role,subject,name,schema,birth_date,country,identifiers,context,observed_at\n"
REPORT = f"""Title: {HARM}
Number: R-1
Date: 2026-11-20 05:00
Subjects: person:parcels:0; person:parcels:1; vessel:imo:9074729
Source reliability: B
Hypothesis: trafficking-by-post

At the landing <script>window.harmed=2</script> by the van.
"""


def party(key, number, name, phone):
    return (
        f'{key},consignee,person:parcels:{number},"{name}",Person,1971-05-0{number + 1},ca,'
        f'phone:{phone},"{HARM}",2026-11-2{number}T05:00:00Z\n'
    )


def listed(*names):
    return "id,name,aliases,birth_date,remarks\n" + "".join(
        f'{n},"{name}",,1971-05-0{n + 1},"{HARM}"\n' for n, name in names
    )


def made(home: Path) -> Floor:
    """The floor: person 0 means harm, 2 was delisted, 3 and another name of 1 are hidden from roy."""
    home.mkdir()
    files = {
        "feeds.toml": FEEDS,
        "policy.toml": POLICY,
        "parcels-1.csv": HEAD
        + party("a", 0, HARM, "16135550112")
        + party("b", 1, BOLD, "16135550113")
        + party("c", 2, "Ilse Varga Quist", "16135550113"),
        "parcels-2.csv": HEAD
        + party("d", 3, "Basil Tormund Ek", "16135550112")
        + party("e", 1, "Zora Hidden", "16135550119"),
        "list-0.csv": listed((0, HARM), (2, "Ilse Varga Quist"), (3, "Basil Tormund Ek")),
        "report-1.txt": REPORT,
    }
    with in_(home, "keeper"):
        for name, text in files.items():
            Path(name).write_text(text, "utf-8")
        run("init", "--name", "cell", "--ceiling", "PB//TLP:RED", "--feeds", "feeds.toml")
        run("floor", "marking", "set", "policy.toml")
        run("ingest", "list-0.csv", "--marking", "U//TLP:CLEAR")
        for name, marking in (("parcels-1.csv", OPEN), ("parcels-2.csv", HIDDEN), ("report-1.txt", OPEN)):
            run("ingest", name, "--marking", marking)
        run("run")
        Path("list-0.csv").write_text(listed((0, HARM), (3, "Basil Tormund Ek")), "utf-8")
        run("ingest", "list-0.csv", "--marking", "U//TLP:CLEAR")
        run("run")
    return Floor.open(home / "floor")
