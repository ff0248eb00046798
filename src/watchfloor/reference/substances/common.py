"""Names that people use and the law does not: abbreviations, street and trade names of single substances.

Each leads to the item that names the substance. What means several things ("ice", "G") is left out.
"""

from typing import Final

COMMON: Final = {
    "CDSA/I/1(10)": ("diamorphine",),
    "CDSA/I/1(15)": ("dihydrocodeinone",),
    "CDSA/I/1(28)": ("OxyContin", "Percodan"),
    "CDSA/I/1(17)": ("Dilaudid",),
    "CDSA/I/3(17)": ("meperidine", "Demerol"),
    "CDSA/I/5(4)": ("amidone",),
    "CDSA/I/14": ("PCP", "angel dust"),
    "CDSA/I/14(1)": ("ketalar",),
    "CDSA/I/16(3)": ("carfentanyl",),
    "CDSA/I/16(4)": ("para-fluorofentanyl", "4-fluorofentanyl"),
    "CDSA/I/16(14)": ("4-ANPP", "despropionylfentanyl"),
    "CDSA/I/18": ("crystal meth", "methylamphetamine", "desoxyephedrine", "métamphétamine"),
    "CDSA/I/19(3)": ("DOM",),
    "CDSA/I/19(4)": ("tenamfetamine",),
    "CDSA/I/19(6)": ("PMA", "para-methoxyamphetamine"),
    "CDSA/I/19(8)": ("MDMA", "ecstasy", "3,4-methylenedioxymethamphetamine"),
    "CDSA/I/19(12)": ("MDEA", "MDE"),
    "CDSA/I/19(14)": ("DOB",),
    "CDSA/I/19(15)": ("DOC",),
    "CDSA/I/20": ("Rohypnol", "roofies"),
    "CDSA/I/21": ("gamma-hydroxybutyric acid", "gamma-hydroxybutyrate", "sodium oxybate"),
    "CDSA/III/2": ("Ritalin",),
    "CDSA/III/5": ("lysergide",),
    "CDSA/III/21": ("methcathinone",),
    "CDSA/III/35(4)": ("2-CB",),
    "CDSA/IV/18(1)": ("Xanax",),
    "CDSA/IV/18(6)": ("Klonopin", "Rivotril"),
    "CDSA/IV/18(10)": ("Valium",),
    "CDSA/IV/18(20)": ("Ativan",),
    "CDSA/IV/25": ("Ambien",),
    "CDSA/VI.1/9": ("PMK", "MDP2P", "piperonyl methyl ketone"),
    "CDSA/VI.1/9(1)": ("PMK methyl glycidate",),
    "CDSA/VI.1/11": ("P2P", "BMK", "phenylacetone", "benzyl methyl ketone"),
    "CDSA/VI.1/18": ("GBL",),
    "CDSA/VI.1/19": ("BDO", "1,4-BD", "butane-1,4-diol"),
    "CDSA/VI.1/24": ("APAAN",),
    "CDSA/VI.1/26": ("NPP",),
    "CDSA/VI.1/30": ("4-AP",),
    "CDSA/VI.2/2": ("diethyl ether", "ether"),
    "CDSA/VI.2/4": ("MEK", "2-butanone", "butanone"),
}
