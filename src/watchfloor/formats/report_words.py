"""Words that tell names from other runs of capitals, English and French, in lower case and without points."""

from typing import Final

LEGAL: Final = frozenset(
    """
    ab ag as bhd bv co company corp corporation cv eurl gmbh inc incorporated incorporée kft kg kk limited
    limitee limitée llc llp lp ltd ltda ltee ltée nv ooo oy oyj plc pte pty sa sarl sas sasu senc sencrl
    sl spa srl
    """.split()
)
"""Legal forms, with which a company's name ends."""

TITLES: Final = frozenset(
    """
    agent agente capitaine capt captain constable cpl cst detective dr gend gendarme insp inspecteur
    inspector inspectrice m maître me miss mlle mm mme mmes mr mrs ms officer sergeant sergent sgt sir
    supt
    """.split()
)
"""Forms of address and ranks, behind which a person's name stands."""

PARTICLES: Final = frozenset(
    """
    abu af al ben bin da das de del della den der des di dos du e el ibn la le les ten ter ul van von y zu
    """.split()
)
"""Words inside a name that have no capital."""

STOPS: Final = frozenset(
    """
    abbotsford act agence agency air airlines airport airways akwesasne alberta alliance ambassade
    ambassador android annex annexe aout août appendix apple april arctic arctique area army armée
    arrondissement asfc atf atlantic atlantique attachment august authority avenue aviation avril aéroport
    background baie bank banque bar bas base bay beach beechcraft big bill black blue blvd bmw board bord
    border boulevard branch bridge brigade buffalo building bureau cabinet calgary camp canada canal cap
    cape cas catholic caveat cbp cbsa cell cellule center central centre cessna champlain charte charter
    chemin chevrolet chicago christmas church churchill cipc city club coast code college collège comité
    command comment commentaire commission committee confidential conseil constitution contexte cornwall
    corps council county cour court coutts cove cpic creek criminal crossing csis customs cybercrime date
    dea december decembre department detachment details detroit dhs dimanche direction district division
    dob dodge dossier douanes drive décembre décret département détachement détails east easter eastern
    edmonton embassy emerson entrepôt erie est europe excise facebook falls fbi february federal ferry
    fevrier fichier figure file files fleet flight force forces ford forest fort forum forêt foundation
    fraser freightliner friday frontière fédéral fédérale février garde gare gaspé gate gatineau
    gendarmerie google gouvernement government grand grande gray grc great green grey group groupe guard
    gulf halifax hall hamilton harbor harbour haut haute head headquarters health high highway hill
    homeland honda hospital hotel house hsi huron hôpital hôtel iban ices imo industrial info information
    institut institute intelligence international interpol iqaluit island islands isle january janvier
    jeudi joint journal juillet juin july june justice kenworth kingston lac lacolle lake landing lane
    laurent laval law lawrence lei ligne line little lodge loi london long lower lundi mai main maison
    manitoba manor march marché mardi marina marine maritime market mars mastercard may mazda mercedes
    mercredi metro michigan mill minister ministre ministry ministère minnesota mississauga mmsi moncton
    monday mont montagne montana montreal montréal motel motors mount mountain municipal museum musée
    métro narcotics national nationale nato naval navy new new-york niagara niche nissan nord north
    north-west northeast northern northwest note nouveau nouvelle november novembre noël number numéro
    nunavut october octobre office officer old ontario operation operations opp opération order
    organisation organization organized oshawa osoyoos otan ottawa ouest outaouais outer pacific pacifique
    page paragraph paragraphe parc paris park patrol patrouille peace pearson peterbilt petit petite piper
    pièce place plage plain plaza point pointe police pont port post poste prime prison program programme
    project projet pros protected protégé province provincial provinciale public pâques quai quarter quay
    quebec québec railway rainbow rang range ranger rapport rcmp red regina region regulation report
    republic reserve ridge rimouski river rivière road roman route royal rue règlement région république
    réserve résidence résumé safety saint sainte samedi samsung sarnia saskatchewan saturday school scrs
    sea seattle secret secretary secteur section sector security senate sept-îles september septembre
    service services sherbrooke shore sierra signal social society société sound source south southeast
    southern southwest spros sq square st stanstead station status ste strait street subject sud suite
    sujet summary sunday superior surrey sécurité sénat sûreté table task team telegram terminal terminus
    thursday title titre toronto tour tower town township toyota trail transport transports treasury
    tribunal trois-rivières truck trudeau tuesday tunnel u.s. unclassified union unis unit united unité
    university université upper usa uscg valley vallée vancouver vendredi vermont via victoria vieille
    vieux village ville vin visa vol volvo warehouse washington wednesday west western wharf whatsapp
    white whitehorse windsor winnipeg wood yamaha yellow yellowknife yukon zone école équipe île
    île-des-soeurs
    """.split()
)
"""Words for places, offices, days and things: a run that holds one is no person's name."""

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
