"""Sentences as reports have them, with the names marked: `<P:…>` a person, `<C:…>` a company. All invented.

The extractor was written against `DEVELOPMENT`. `TEST` was written before it was measured on it, and neither
its words nor its errors went into the extractor.
"""

import re

DEVELOPMENT = """
At 0310 <P:Wren Halloway> crossed the Rainbow Bridge near Fort Erie in a White Truck.
Cst. <P:Odile Marchand> of the Niagara Regional Police stopped <P:Tavish Okonedo-Marr> on Highway 405.
The consignee was <C:Ostrava Meridian Reagents Limited>, and the notify party <C:Tremblay et Fils Ltée>.
On Monday <P:John K. Smith>'s boat left Port Dover for Lake Erie.
Canada Border Services Agency officers at Lacolle spoke with <P:Mohamed Al Zahra> and <P:Li Wei>.
<P:HALLOWAY, Wren> was born in 1971. The file names <P:ROY, Ann> as the owner.
Le conducteur, <P:Luc Bélanger>, a remis 3 kg à Mme <P:Élise de la Fontaine> au Port de Montréal.
Selon la Sûreté du Québec, <P:Jean-Pierre Côté> habite rue Saint-Denis à Montréal.
Yesterday <P:Maria Lopez> drove to Windsor; she met <P:Piotr Nowak> at the Holiday Inn.
Source B told Saint John police that <P:Abu Bakr al-Tamimi> was in Sept-Îles.
A man named <P:Corvin Ashgrove> called. He works for <C:Blue Heron Logistics Inc.> in Toronto.
The Chief Officer of the vessel Northern Star said that <C:Kestrel Shipping GmbH> paid.
See Annex A and Figure 2. The Operations Centre called on Good Friday.
The firm is not registered; <C:Transports Gilles Fortin Inc.> is.
INTELLIGENCE REPORT. SUMMARY OF EVENTS. PROTECTED B.
Dear Sir, the Minister of Public Safety and the Attorney General were told on 3 May.
<P:Svetlana Petrova> and <P:Dmitri Volkov> left Pearson Airport on Air Canada.
M. <P:Étienne Gagnon> et son épouse <P:Nadia Benali> ont traversé à Saint-Bernard-de-Lacolle.
Mr. <P:Bao Nguyen> sold a Toyota Corolla to a Hells Angels member.
Hotel Bristol and Café Central were searched; nothing was found in Room 12.
The Great Lakes Pilotage Authority wrote to <C:Amberline Freight Corp.> about Lake Huron.
Surveillance saw <P:Desmond Achterberg> enter the warehouse behind Erin Mills Parkway with two crates.
The cheque was drawn by <C:Larkspur Holdings Ltd.> and cashed by <P:Fatima Haddad> in Surrey.
Sgt. <P:Colm Brannigan> took the statement at the Emerson detachment on Thursday.
A second driver, <P:Ivan Kuznetsov>, waited at the Peace Bridge until Buffalo traffic cleared.
Parcels for <P:Amélie Thériault> came from Shenzhen through Canada Post in Richmond Hill.
The Royal Canadian Mounted Police asked the Ontario Provincial Police for help in Thunder Bay.
<P:Kwame Mensah> said he had never met <P:Rosalind Pike>, although both use the same phone.
The North Star was chartered by <C:Halcyon Bulk Carriers LLC> of Houston, Texas.
Deux passeurs, <P:Yannick Desrosiers> et <P:Karim Bouzid>, ont été vus à Hemmingford.
D'après le témoin, Mme <P:Solange Arsenault> a loué la camionnette chez <C:Location Belvédère Inc.>
L'Agence des services frontaliers du Canada a saisi trois colis à Mirabel.
Le navire Étoile du Nord appartient à <C:Armement Kerguelen SARL>, de Saint-Malo.
Le Bureau du coroner et le ministère de la Justice ont reçu copie le 4 janvier.
Her brother <P:Tomasz Wiśniewski> works at a Petro-Canada station on Dundas Street West.
Informant C7 named <P:Giancarlo Ferri> as the buyer; <P:Ferri> was not seen.
An officer recognised <P:Hye-jin Park> from a photograph shown at Vancouver Airport.
The lease is in the name of <C:Quillfeather & Sons Limited>, with <P:Agnes Quillfeather> as director.
They ate at Pizza Nova, then drove by Dufferin Grove Park to Union Station.
<P:Luis Alberto Cárdenas> and <P:José Ramírez Ortiz> flew from Bogotá via Mexico City.
During Operation Cedar Gate the Joint Task Force watched Pier 27.
Customs Form B3 was signed by <P:Ramanpreet Gill> on behalf of <C:Northgate Produce Co.>
The Bell Tower and Science World were closed; Boxing Day crowds were thin.
Signed, <P:Marguerite Lavoie>, Regional Manager, Intelligence Section.
Bought from <C:Zhonghe Chemical Co., Ltd.> by <P:Chen Xiaoming>, who gave a Mississauga address.
In Akwesasne, <P:Everett Swamp> told <P:Leona Cook> to stay off Cornwall Island.
Vessel Master <P:Nikolaos Papadakis> gave his papers to Transport Canada inspectors.
Police in Ciudad Juárez and El Paso know him as <P:Rubén Salazar>.
The White House, Wall Street and Silicon Valley are in the Globe and Mail every day.
Le Devoir et Radio-Canada ont parlé de <P:Benoît Lachance> et de la Banque Nationale.
Tel Aviv, Hong Kong, New Delhi, Abu Dhabi and Sierra Leone were on her boarding passes.
"""

TEST = """
The tug was met off Point Pelee by <P:Harald Lindqvist> and an unknown deckhand.
Two suitcases checked in by <P:Beatriz Carvalho> never left Calgary.
Officer <P:Prakash Iyer> compared the seals with those of <C:Silverbirch Container Lines Ltd.>
Witnesses at Tim Hortons on Wyandotte Street described <P:Marcus Oyelaran> as nervous.
The <C:Ambassador Bridge Company> runs its own patrols at Detroit.
<P:Anneke van der Meer> transferred the funds through Scotiabank to Cyprus.
The tip came through Crime Stoppers; it named <P:Shane Doucette> and a certain Blackie.
Chemicals marked Acetic Anhydride were bought by <C:Meridian Fine Chemicals BV> in Rotterdam.
Border Patrol Agent <P:Raymond Castillo> found footprints west of Swanton.
<P:Oluwaseun Adebayo> and his cousin <P:Tunde Bakare> share a flat on Jane Street.
Le camion de <C:Transport Boréal Ltée> était conduit par <P:Mathieu Pelletier>.
L'agente <P:Caroline Thibault> a interrogé <P:Rachid Amrani> au poste de Stanstead.
La Gendarmerie royale du Canada et Revenu Québec mènent une enquête commune à Laval.
Une femme appelée <P:Ghislaine Poirier> attendait près du Lac Memphrémagog.
Les colis portaient le nom de <P:Sébastien Lemieux>, rue Notre-Dame Ouest.
Global Affairs Canada spoke to the Embassy of France about the Schengen Agreement.
Our source met <P:Viktor Baranov> twice in Sault Ste. Marie, last on 2 June.
Her passport, in the name of <P:Layla Mansour>, was issued in Beirut.
The Cessna was registered to <C:Prairie Wing Aviation Inc.> of Lethbridge and flown by <P:Gordon McAllister>.
Grey Cup Sunday brought thousands across Lewiston Bridge.
<P:Nguyen Thi Hoa> works at a nail salon, Lucky Nails, near Chinook Centre.
At Roberts Bank the crew of the Pacific Dawn unloaded steel from <C:Tangshan Steel Co., Ltd.>
The phone was sold at Best Buy to <P:Paulo Teixeira> for cash.
<P:DUBOIS, Xavier> is a courier; see also file 88-12.
Captain <P:Stavros Georgiou> denied it. First Nation elders at Walpole Island did too.
Mother Teresa School and Victoria Day were mentioned in the chat.
"""

_MARK = re.compile(r"<([PC]):([^>]+)>")
_SCHEMA = {"P": "Person", "C": "Company"}


def sentences(text):
    """Each line without its marks, and the names in it with where they stand."""
    for line in filter(None, text.splitlines()):
        plain, found, at = "", [], 0
        for match in _MARK.finditer(line):
            plain += line[at : match.start()]
            found.append((match[2], len(plain), _SCHEMA[match[1]]))
            plain, at = plain + match[2], match.end()
        yield plain + line[at:], found


def measure(names, text):
    """Precision and recall of an extractor, and what it got wrong: `-` missed, `+` proposed."""
    hits = wrong = missed = 0
    slips = []
    for plain, wanted in sentences(text):
        found = {tuple(one) for one in names(plain)}
        hits += len(found & set(wanted))
        wrong += len(found - set(wanted))
        missed += len(set(wanted) - found)
        slips += [f"+ {one[0]}" for one in found - set(wanted)] + [
            f"- {one[0]}" for one in set(wanted) - found
        ]
    return hits / (hits + wrong), hits / (hits + missed), slips
