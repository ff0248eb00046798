"""Words that tell names from other runs of capitals, English and French, in lower case and without points."""

from typing import Final

LEGAL: Final = frozenset(
    """
    ab ag aps as bhd bv co company corp corporation cv dmcc doo ehf eurl fzc fzco fze gmbh hf inc
    incorporated incorporée kft kg kk limitada limited limitee limitée llc llp lp ltd ltda ltee ltée nv
    ooo oy oyj plc pte pty sa sae sarl sarlu sas sasu senc sencrl sl spa spzoo srl
    """.split()
)
"""Legal forms, with which a company's name ends."""

TITLES: Final = frozenset(
    """
    a/cst adm admiral agent agente amiral analyst analyste attorney avocat avocate broker brother
    capitaine caporal capt captain chair chairman chef chief clerk cmdr colonel commandant commander
    commis commissaire commissioner constable coordinator corporal courtier cpl cst dealer deputy
    detective directeur director directrice docteur docteure doctor dr driver engineer father gend
    gendarme général imam ingénieur insp inspecteur inspector inspectrice judge juge lawyer lieutenant lt
    m major manager master matelot maître me miss mlle mm mme mmes mr mrs ms notaire notary officer owner
    passenger pasteur pastor pilot pilote president prof professeur professor président présidente père
    rabbi s/sgt secretary secrétaire sergeant sergent sgt sheriff sir sister skipper st-sgt superintendent
    supt trooper vessel vice
    """.split()
)
"""Forms of address, ranks and offices, behind which a person's name stands."""

PARTICLES: Final = frozenset(
    """
    abu af al ben bin da das de del della den der des di dos du e el ibn la le les ten ter ul van von y zu
    """.split()
)
"""Words inside a name that have no capital."""

STOPS: Final = frozenset(
    """
    abbotsford act agence agency air airlines airport airways akwesasne alberta alliance ambassade
    ambassador android angels annex annexe appendix apple aquarium arctic arctique area arena army armée
    arrondissement asfc atf atlantic atlantique attachment auberge authority avenue aviation aviv aéroport
    background baie bank banque bar bas base bay bayfront beach beechcraft bibliothèque big bill black
    blue blvd bmw board bord border boulevard branch bridge brigade bros buenos buffalo building bureau
    cabinet café calgary camp canada canal cap cape cas casino cathedral catholic caveat cbp cbsa cell
    cellule cemetery center central centre centre-ville cessna champlain charte charter chemin chevrolet
    chicago chinatown christmas church churchill cimetière cinema cipc circle city clinic clinique club
    coast code coffee college collège comité command comment commentaire commission committee confidential
    conseil constitution contexte cornwall corps council county cour court coutts cove cpic creek crescent
    criminal croissant crossing csis cup customs cyber cybercrime date day dea department depot detachment
    details detroit dhs direction district division dob dodge dollar dossier douanes downtown drive décret
    département détachement détails east easter eastern edmonton el embassy emerson entrepôt erie est
    estates europe eve excise facebook falls fbi federal ferry festival fichier figure file files fleet
    flight force forces ford forest fort forum forêt foundation fraser freightliner frontière fédéral
    fédérale garde gardens gare gaspé gate gatineau gazette gendarmerie globe google gouvernement
    government grand grande gray grc great green grey grill group groupe guard gulf halifax hall hamilton
    harbor harbour haut haute head headquarters health heights herald high highway hill hills holiday
    homeland honda hong hospice hospital hotel house hsi huron hôpital hôtel iban ices imo industrial info
    information inn institut institute intelligence international internet interpol iqaluit island islands
    isle joint journal justice kenworth kingston kong kuala laboratoire laboratory lac lacolle lake
    lakeshore landing lane las laurent laval law lawrence league lei library lighthouse ligne line little
    lodge loi london long los lounge lower mail main maison mall manitoba manor marché marina marine
    maritime market mart mastercard mazda memorial mercedes metro michigan mill mills minister ministre
    ministry ministère minnesota mississauga mmsi mobile moncton mont montagne montana montreal montréal
    monument mosque motel motors mount mountain municipal museum musée métro narcotics national nationale
    nato naval navy new new-york news niagara niche nissan nord north north-west northeast northern
    northwest note nouveau nouvelle noël number numéro nunavut office old ontario operation operations opp
    opération order organisation organization organized oshawa osoyoos otan ottawa ouest outaouais outer
    pacific pacifique page paragraph paragraphe parc paris park parkway patrol patrouille peace pearson
    peterbilt petit petite pharmacy piper pizza pièce place plage plain plains plaza point pointe police
    pont port post poste press prime prison program programme project projet pros protected protégé
    province provincial provinciale pub public pâques quai quarter quay quebec québec radio railway
    rainbow ranch rang range ranger rapport rcmp red regina region regulation report republic reserve
    restaurant ridge rimouski river riverside rivière road roman route royal rue règlement région
    république réserve résidence résumé safety saint sainte samsung san santa santo sarnia saskatchewan
    school scrs sea seattle secret secteur section sector security senate sept-îles service services
    sherbrooke shop shore sierra signal social society société sound source south southeast southern
    southwest spros sq square st stadium stanstead star station status ste store strait street subject sud
    suite sujet summary superior surrey synagogue sécurité sénat sûreté table task team tel telecom
    telegram telegraph television temple terminal terminus terrace theatre times title titre toronto tour
    tower town township toyota trail transport transports treasury tribunal tribune trois-rivières truck
    trudeau tunnel u.s. unclassified union unis unit united unité university université upper usa uscg
    valley vallée vancouver vermont via victoria vieille vieux village ville vin visa vol volvo warehouse
    washington waterfront web week west western wharf whatsapp white whitehorse windsor winnipeg wireless
    wood yamaha yellow yellowknife yukon zone zoo école équipe étoile île île-des-soeurs
    """.split()
)
"""Words for places, offices and things: a run that holds one is no person's name."""

CALENDAR: Final = frozenset(
    """
    aout août april august avril december decembre dimanche décembre february fevrier friday février
    january janvier jeudi juillet juin july june lundi mai march mardi mars may mercredi monday november
    novembre october octobre samedi saturday september septembre sunday thursday tuesday vendredi
    wednesday
    """.split()
)
"""Days and months, which end a run: `On Monday Ann Roy`."""

BORNE: Final = frozenset(
    """
    chad france georgia holland ireland israel jordan
    """.split()
)
"""Countries and regions whose names people bear as often."""

OPENERS: Final = frozenset(
    """
    a according accused additionally afin after ainsi all alors also although an and another any après as
    at attn au aucun aucune aussi autre aux avant avec because before both brother but by call car cc ce
    cela celle celui ces cet cette chaque chez comme conducteur conductrice consignee consignor contre
    cousin cousine dans de dear depuis des destinataire deux donc dont driver du during each earlier
    either elle elles employee en ensuite entre et every expéditeur for from frère hello her here hi hier
    his how however husband i if il ils in informant into is it its je la later le les leur leurs lors
    lorsque mais malgré mari meanwhile même neighbour neither no nos not note notre nous now of on once
    one only or ou our owner où par passager passagère passenger pendant please plus plusieurs pour
    pourtant propriétaire près puis quand que quel quelle qui regards sa sans see selon ses several she si
    since sister so some son sous still sur suspect sœur thanks that the their then there these they this
    those though three thus to today tonight tous tout toute trois two témoin un une until upon vers
    victim voici voilà vous was we were what when where which while who why wife with within without
    witness yesterday you à épouse
    """.split()
)
"""Words with a capital only because a sentence begins; they fall off the front of a run."""
