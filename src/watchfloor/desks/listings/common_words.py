"""Words that say little about who is meant, and given names that stand for one another."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from watchfloor.desks.listings.normalise import is_legal_form

PATRONYMIC: Final = re.compile(r"(?:[oei]v|yov)(?:ich|ych|itch|na)$|(?:nich|nichna|lyich)$")
"""How a patronymic ends in Latin letters, whatever the system of transliteration."""
PATRONYMIC_BEARS: Final = 0.5
"""One man in some dozens has a father of that name. On development names .4 to .6 do alike."""

PARTICLES: Final = frozenset(
    """
    al el bin ben ibn bint binti ould uld van von der den de del della di da do dos das du des la le les
    los las the of and for in on to at a an y e et und i o u ul dit zu zum zur aux au ال.split()
    """.split()
)
"""Articles, prepositions and words of descent: they are kept, dropped and swapped freely."""

DESCENT: Final = frozenset(
    ("bin", "ben", "ibn", "bint", "van", "von", "di", "da", "do", "an", "la", "le", "du", "des")
)
"""Particles that are names as well."""

TITLES: Final = frozenset(
    """
    mr mrs ms miss dr prof sir lord lady sheikh shaykh sheik shaikh cheikh haji hajji hadji hajj haj
    mullah mulla molla maulavi mawlawi maulvi moulavi qari sayyid sayed syed seyed sayyed ustad
    ustadh general gen colonel col major captain capt commander brigadier eng engineer jr junior sr
    senior ii iii iv don dona comandante umm الشيخ شيخ الحاج حاج سيد ملا مولوي قاري
    دكتور مهندس ابو.split()
    """.split()
)
"""Titles and honorifics, which are often left out."""

GENERIC: Final = frozenset(
    """
    academy action affairs agency aid air aleph alliance america american army art arts assembly
    association auto bank base battalion big black blood blue book books border branch brigade brigades
    brothers brotherhood building business camp canada canadian capital car care cargo cell center
    central centre charitable charity city clan club coalition college combat combined command committee
    commercial commission communications community construction consulting cooperation corps council
    country cross cultural culture day defence defense democratic department design development diamond
    direct division dragon eagle east eastern education electric electronic electronics energy
    engineering equipment establishment europe european exchange export express faction falcon family
    farm federal federation fighters films finance financial fire first fitness flag food forces foreign
    foundation free freedom front fund furniture gang garden general glass global gold golden government
    grand great green group groups guard guide hammer hand health help heritage high hill holding
    holdings home honor honour hostel hotel house human humanitarian import independent industrial
    industries industry information institute insurance inter international investment investments iron
    islamic island jewellery justice king kingdom knights lake land law league liberation liberty life
    light line lines lion logistics machine machinery main management manufacturing marine maritime
    market marketing media medical men metal metals military mining ministry mission modern money moon
    mountain movement music national nation nations network new news night north northern oil one open
    order organisation organization outfitters paradise park partners partnership party path peace
    people peoples petroleum pharmacy plastic point police political popular port power press prime
    private pro production products project properties protection public punishment quality radio
    railway real red region regional relief religious republic research resistance resources revolution
    revolutionary right river road rock royal salon school science sea secret section security self
    service services shipping shop shore society soldiers solidarity solutions south southern space
    special sport sports star state states steel stone store street studio sun supply support supreme
    sword system systems team technical technologies technology telecom tiger tours town trade trading
    transport travel tribe tribunal trust union unit united university valley vanguard victory village
    voice volunteers war warriors watch water way welfare west western white wolf women wood wooden work
    workers works world yellow young youth affaires agence aide armee assemblee banque
    bataillon blanc bleu charite cite comite commerce conseil croix democratique developpement droite
    etat etoile femmes feu fonds fondation force garde gauche groupe guerre honneur industrie institut
    jeune jeunes jeunesse liberte ligue lumiere lutte marche monde mouvement nationale noir nord nouveau
    nouvelle or ordre ouest paix parti peuple populaire rouge sang secours securite societe soldats sud
    terre vert victoire voie asociacion comercial compania comercializadora constructora cooperativa
    corporacion distribuidora empresa frente fundacion grupo hermanos importadora industrias
    inmobiliaria internacional inversiones movimiento nacional nueva nuevo servicios transportes.split()
    """.split()
)
"""Words of organisations that thousands of others bear, in English, French and Spanish."""

COMMON_NAMES: Final = frozenset(
    """
    aaron abbas abdi abdullah abubakar adam adams adel adeyemi agarwal aguilar ahmad ahmadi ahmed ahn
    aisha akbari akhtar alain alan albert alberto alejandra alejandro aleksandr alekseev alexander
    alexei alexey ali alice allen almeida alvarado alvarez alvaro amanda amin amir amit amy ana anderson
    andre andrea andreev andrei andres andrew andrey angela anh anil anita ann anna anthony antoine
    antonio araujo arthur ashley ashok austin aziz bailey baker barbara bauer beaulieu becker begum
    belanger bell benjamin bennett benoit bergeron bernard bertrand betty bianchi bilal billy bo boateng
    bondarenko bouchard boucher boyko brandon braun brenda brian brooks brown bruce bryan bui butt cai
    camara cameron camille campbell cao carl carlos carmen carol caroline carolyn caron carter carvalho
    castillo castro cecile chan chantal charles charlotte chaudhary chaudhry chavez chen cheng cheung
    cho choi chow chowdhury christina christine christophe christopher claire clark claude claudia
    cloutier colin collins colombo contreras cook cooper cortez costa cote coulibaly cox cristina cruz
    cynthia dang daniel das david davis deborah debra deepak delgado deng dennis diallo diane diaz diego
    ding diop dlamini dmitri dmitry do dominguez donald dong donna dorothy douglas du dube dubois duncan
    duong durand dylan ebrahimi eduardo edward edwards egorov ekaterina elena elijah elizabeth emily
    emma enrique eric esposito estrada ethan etienne eun evans evelyn faisal fall fang fatima fedorov
    feng ferguson fernandes fernandez fernando ferrari ferreira fiona fischer flores fortin foster
    fournier francisco francois frank fraser frederic gabriel gabriela gagne gagnon gao garcia garnier
    gary gauthier genevieve george gerald ghasemi gilles giovanni girard giuseppe gloria gomes gomez
    gonzales gonzalez gordon grace graham grant gray green gregory guerrero guo gupta gurpreet gutierrez
    guy guzman haddad hall hamad hamdan hamid hamilton hamza han hannah hans harold harpreet harris
    hasan hashemi hassan he heather heidari helen helene henry hernandez herrera hill ho hoang hoffmann
    hong hossain hossein hosseini howard hu hua huang hughes hui huong husain hussain hussein huynh
    hwang hyun ian ibrahim igor iqbal irina isabel isabelle islam ivan ivanov ivanova jack jackson jacob
    jacqueline jacques jae jafari jain jamal james janet jang janice jason jaspreet javier jean jeffrey
    jennifer jeong jeremy jerry jesse jessica jesus ji jiang jie jimenez jin jing joan joao joe johanne
    john johnson jonathan jones jordan jorge jose joseph joshi joshua joyce juan judith judy julia julie
    julien jun jung jurgen justin kamau kang kareem karen karim karimi katherine kathleen kavita kazemi
    keith kelly kennedy kenneth kevin khalid khalil khan khoury kim kimberly king klaus klein koch kone
    kovalchuk kovalenko kozlov kravchenko kumar kuznetsov kwok kwon kyle kyung lam lan landry lapointe
    larry lau laura lauren laurent lavoie lawrence layla le lebedev leblanc leclerc lee lefebvre lei
    leung levesque lewis li liam liang lim lima lin linda ling lisa liu logan long lopez louise lu luc
    lucas lucia lucie luigi luis luo ly ma macdonald madison mahmoud mahmoudi makarov malcolm malik
    mandeep manoj mansour manuel marc marco marcos margaret maria marie marina mario mark marshall marta
    martel martha martin martinez martins mary maryam mason mathieu matthew maxim mcdonald medina mehdi
    mehta mei melanie melissa mendoza mensah meyer miah michael michel michelle miguel mikhail mikhailov
    miller min ming minh mishra mitchell mohamed mohammad mohammadi mohammed molina monica monique moore
    moradi morales moreau moreno morgan morin morozov morris morrison mousavi moyo mueller muhammad
    muller munoz murphy murray musa mustafa mwangi myers na nabil nadeau najafi nancy nascimento nasser
    natalia nathalie nathan navarro ncube ndiaye neha neil nelson neumann ng ngo nguyen nicholas nicolas
    nicole nikolaev nikolai nkosi noah normand norouzi novikov nunez oh okafor okeke oleg olga oliveira
    oliver olivia olivier oliynyk omar orlov ortega ortiz oscar otieno ouellet owen owusu pablo pamela
    pan paquette park parker pascal patel patricia patrick paul paula paulo pavel pavlov pedro pelletier
    pena peng pereira perez peter peterson petit petrov petrova pham phan philippe phillips pierre pilar
    ping poirier pooja popov poulin price priya qiang rachel rafael rahimi rahman rahul rajesh ramesh
    ramirez ramon ramos randy rao rashid raul ravi raymond rebecca reddy reed reid ren reyes reza rezaei
    ribeiro ricardo ricci richard richardson richter rios rivera robert roberto roberts robinson
    rodrigues rodriguez roger rogers rojas romano romero ronald rosa rose ross rossi roux roy ruben
    rubio ruiz russo ruth ryan ryu sadeghi saeed said salazar saleh salim samantha samir samuel sanchez
    sandoval sandra sanjay santiago santos sara sarah schmidt schneider schroder schulz scott sean
    semenov seo sergei sergey sergio shah sharifi sharma sharon sheikh shevchenko shin shirley silva
    silvia simard simon simpson sinclair singh smirnov smith sofia sokolov song soo sophia sophie soto
    sousa souza sow stepanov stephanie stephen steven stewart stuart su suarez sun sung sunil sunita
    suresh susan svetlana sylvie tang tao tariq tatiana taylor teresa thanh thi thierry thomas thompson
    tian timothy tkachenko torres toure tran traore tremblay tsang turner tyler uddin umar valerie van
    vargas vasiliev vasquez vazquez velasquez verma veronica vicente victoria vijay viktor vincent
    virginia vladimir vo volkov vu wagner walid walker wallace walter wang wanjiru ward watson wayne
    weber wei white william williams willie wilson wolf wolfgang wong wood wright wu xiao xie xin xu yan
    yang yasser ye yi ying yoo yoon young youssef yu yuan yuri yusuf yves zahra zakharov zeng zhang zhao
    zheng zhou zhu zimmermann
    """.split()
)
"""Given and family names that many thousands bear somewhere, however few of them a list holds."""

_SHORT_FORMS: Final = """
abdullah abdul; abigail abby gail; abraham abe bram ibrahim; adolphus adolf dolph; agnes aggie; albert al
bert albie; alexander alex alec sandy xander sasha aleksandr aleksander alejandro alexandre sacha;
alexandra sandra sasha alex; alexei alexey alyosha lyosha; alfred alf alfie fred; alice ally; alison ali;
amanda mandy; anastasia nastya stacy; anatoly tolya; andrew andy drew andrei andrey andres andre; angela
angie; ann anna anne annie nancy anya hannah; anthony tony antonio antoine anton toni; antonina tonya;
archibald archie; arnold arnie; arthur art artie; artyom tyoma; barbara barb babs barbie; benjamin ben
benny benji; bernard bernie; boris borya; brian bryan; bradley brad; calvin cal; cameron cam; carl karl
carlos charles charlie chuck chas carlito; caroline carrie carol; catherine kathryn katherine kate kathy
cathy katie kitty katya ekaterina catalina; cecilia celia; christian chris; christina christine chris tina
chrissy; christopher chris kit topher kris cristobal; clarence clare; clifford cliff; clinton clint;
cornelius neil; curtis curt; cynthia cindy; daniel dan danny danila; darya dasha; david dave davey davy
daud dawood; deborah deb debbie debby; dennis denis denny den; derek rick; diana di; dmitry dmitri dima
mitya; dominic dom nick domingo; donald don donny donnie; dorothy dot dolly dottie; douglas doug; edmund
ed eddie ned ted; edward ed eddie ned ted teddy eduardo edouard; edwin ed eddie; eleanor ellie nell nora
lenore; elena lena helen; elizabeth liz beth betty lizzie eliza bess elsie libby lisa isabel yelizaveta
liza; emily em; emmanuel manny manuel manolo; enrique henry kike quique; eric rick; ernest ernie ernesto;
eugene gene yevgeny evgeny zhenya; evelyn eve; fernando nando; florence flo; frances fran fanny; francis
frank fran francisco paco pancho frankie francois; franklin frank; frederick fred freddy freddie rick
fritz federico; gabriel gabe gabi; galina galya; gary gaz; gennady gena; geoffrey geoff jeffrey jeff;
george georgie jorge georges yuri georgy; gerald gerry jerry; gerard gerry; gilbert gil bert; gilberto
beto; gonzalo chalo; gregory greg gregg grigory grisha; guadalupe lupe; guillermo memo william; gustavo
gus tavo; gwendolyn gwen; harold harry hal; harrison harry; helen nell nellie; henry hank harry hal henri;
herbert herb bert; hector tito; horace horry; howard howie; hubert hugh bert; ignacio nacho; igor gosha;
ilya ilyusha; irina ira; irving irv; isaac ike ishaq; isabella bella izzy; isidore izzy; ivan vanya john;
jacob jake jack yaakov; jacqueline jackie; james jim jimmy jamie jem diego jaime santiago; janet jan;
jason jay; jean john; jennifer jen jenny; jeremiah jerry; jeremy jerry; jerome jerry; jessica jess jessie;
jesus chuy chucho; joan joanie; joaquin quino; john jack johnny jon johnnie juan jean giovanni; jonathan
jon jonny nathan; joseph joe joey jose yusuf jo; jose pepe; josefina fina; joshua josh; judith judy; julia
julie; kenneth ken kenny; kimberly kim; konstantin kostya; kristina kris; larisa lara; lawrence larry
laurie lars laurence; leonard leo len lenny leon; leonid lyonya; leonardo leo; leopold leo; leslie les;
lewis louis lou luis louie; lillian lily lil; linda lindy; louise lou; lorenzo larry; lucia lucy; ludmila
lyuda lyudmila mila; luis lucho; luke lucas; lydia lyda; magdalena lena magda; manuel manolo manny; marcus
mark marc marco marcos; margaret maggie meg peggy marge margie rita greta madge daisy; maria marie mary
masha mariya; marilyn mary; marina marisha; martin marty; martha marty patty; matthew matt matty mateo;
mathilda tilly mattie; maurice morris moe; maximilian max; maxim max maksim; melissa missy mel; melvin
mel; michael mike mick mickey misha mikhail miguel michel mikey; mildred millie; mitchell mitch; mohammed
mo mohamed muhammad; mortimer mort; moses moe moishe musa; nadezhda nadya; natalia natasha natalya
natalie; nathan nate nat; nathaniel nate nat nathan; nicholas nick nicky nico nikolai kolya nicolas klaus;
nikita nik; nina ninochka; norman norm; octavio tavo; oleg olezhka; olga olya; oliver ollie; oscar ozzie;
oswald ozzie; pamela pam; patricia pat patty tricia trish; patrick pat paddy; paul pablo pavel pasha
paulie; pedro perico; peter pete pyotr petya petr pedro pierre; philip phil phillip pip felipe; phyllis
phyl; rachel rae; rafael rafa raphael ralph; ramon moncho; randall randy; randolph randy; raymond ray
raimundo; rebecca becky becca; reginald reg reggie; ricardo rick richard; richard dick rick rich richie
ricky; robert bob rob bobby robbie bert roberto beto; roderick rod rick; rodney rod; rodrigo rigo; roger
rodge; roland rollie rolly; roman roma; ronald ron ronnie; rosario charo; rosemary rose rosie; rudolph
rudy rolf; rufus rufe; russell russ; samantha sam sammy; samuel sam sammy; sarah sally sadie; santiago
chago; sebastian seb; sergei sergey seryozha serge sergio; sharon shari; shirley shirl; sidney sid; simon
si; sofia sonya sophie; solomon sol sulayman; stanislav stas; stanley stan; stephanie steph; stephen
steven steve stevie stefan esteban stepan; stuart stu; susan sue susie suzie suzanne; svetlana sveta;
sylvester sly; sylvia syl; tamara toma; tatiana tanya; teresa terry tess tessa; terence terry; thaddeus
thad; theodore ted teddy theo fyodor; theresa terry tess tessa; thomas tom tommy tomas; timothy tim timmy;
tobias toby; valentina valya; valentin valya; valery valera; vasily vasya; veronica ronnie vera; victor
vic viktor vitya; victoria vicky vika tori; vincent vince vinnie vicente; viola vi; violet vi; virginia
ginny ginger; vitaly vitalik; vladimir vova volodya vlad; vladislav vlad; vyacheslav slava; wallace wally;
walter walt wally; warren wren; wesley wes; wilfred wilf fred; wilhelm will willi; william bill will billy
willie liam wil guillermo; winifred winnie fred; winston win; yakov yasha; yaroslav slava; yuri yura;
yulia julia; zachary zach zack zac;
"""


def _partners() -> dict[str, frozenset[str]]:
    """Each form with the full names it is short for; two short forms of one name are partners as well."""
    partners: dict[str, set[str]] = {}
    for group in _SHORT_FORMS.split(";"):
        names = group.split()
        for name in names:
            partners.setdefault(name, set()).update(names)
    return {name: frozenset(others - {name}) for name, others in partners.items()}


NICKNAMES: Final = _partners()
"""Each given name with the names that stand for it."""


def bearings(tokens: Sequence[str]) -> list[float]:
    """How much of its rarity each word of a name keeps as evidence, 0 to 1.

    A legal form keeps almost nothing, a surname all. A word of descent is one where a word follows it and
    the name has two others: Xu Bin and Ben Ali are no sons of anybody.
    """
    found = [bearing(token) for token in tokens]
    if found and (tokens[-1] in PARTICLES or len(tokens) < 3):
        return [
            1.0 if token in DESCENT and (i == len(tokens) - 1 or len(tokens) < 3) else value
            for i, (token, value) in enumerate(zip(tokens, found, strict=True))
        ]
    return found


def paired_bearings(tokens: Sequence[str]) -> list[float]:
    """How much of its rarity each word keeps where it has its pair: a Slavic patronymic little.

    Nikolai Petrovich Makarov shares two words of three with Nikolai Petrovich Tokarev and is another man. One
    that has no pair keeps its weight: Oleg Nikolaevich is not Oleg Anatolievich.
    """
    found = bearings(tokens)
    fathers = [i for i, token in enumerate(tokens) if PATRONYMIC.search(token)]
    whole = len(tokens) > 2 and min(map(len, tokens)) > 1  # beside an initial it is what is known of a man
    if whole and len(fathers) == 1:  # of two, such as Arkadyevich Abramovich, one is a family name
        found[fathers[0]] = PATRONYMIC_BEARS
    return found


@lru_cache(maxsize=1 << 16)
def bearing(token: str) -> float:
    """How much of its rarity a word keeps as evidence wherever it stands."""
    if is_legal_form(token):
        return 0.05
    if token in PARTICLES:
        return 0.12
    if token in TITLES:
        return 0.2
    if token in GENERIC or token.isdecimal():
        return 0.4
    return 1.0 if len(token) > 1 else 0.3
