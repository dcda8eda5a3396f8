#!/usr/bin/env python3
"""Writes airports.json: the airports Tern serves, taken from the PyPI package airportsdata.

    pip install airportsdata==20260905 && python3 extract_airports.py

From the package come codes, countries, coordinates and time zones, unchanged. From here come which
airports are served, their names and cities where the package's are abbreviated, in another language or of
the suburb the runway lies in, the metropolitan areas, and the other names people look for.

Why these: Tern's hubs, then the cities its timetable flies to. Every airport is one
flight from at least one hub. Where a metropolitan area's code is also the code of one of its airports (IST, SHA, BKK), only
one airport of that city is served, so that a code always means one thing.
"""

import importlib.metadata
import json
import pathlib
import sys

import airportsdata

PINNED = "20260905"

# Region by region. A line is: IATA, then fields after "|": name | city | other names of the city or airport
# (";" between them). An empty field keeps what the package says.
SERVED = """
# United States
SFO|||Frisco;Bay Area
OAK|Oakland International Airport||Bay Area
SJC|San José Mineta International Airport|San José|Silicon Valley;San Jose California
LAX|||LA;Hollywood
SAN
SEA|||Sea-Tac;Tacoma
PDX||Portland|Oregon
LAS||Las Vegas|McCarran;Vegas
PHX
DEN
SLC
DFW|Dallas Fort Worth International Airport|Dallas|Fort Worth
IAH|George Bush Intercontinental Airport||Bush Intercontinental
AUS
ATL|Hartsfield-Jackson Atlanta International Airport
MIA
MCO|||Disney World
BOS|Boston Logan International Airport||Logan
JFK|John F. Kennedy International Airport||Kennedy;NYC
EWR|||New York;NYC;New Jersey
LGA|LaGuardia Airport||NYC
PHL|||Philly
IAD|||Dulles
DCA|Ronald Reagan Washington National Airport||Reagan National
CLT|Charlotte Douglas International Airport
ORD|||O'Hare
MDW
MSP|Minneapolis-Saint Paul International Airport||Saint Paul;St Paul;Twin Cities
DTW|Detroit Metropolitan Wayne County Airport
MSY|||NOLA
BNA
RDU||Raleigh|Durham
HNL|Daniel K. Inouye International Airport||Hawaii;Oahu;Waikiki
OGG|||Maui;Hawaii
ANC|||Alaska
SNA|John Wayne Airport||Orange County;Los Angeles;Anaheim
# Canada
YVR||Vancouver
YYC
YYZ||Toronto|Pearson
YTZ|||Toronto Island
YUL||Montréal|Montreal;Trudeau
YHZ|Halifax Stanfield International Airport||Nova Scotia
# Mexico, Central America, Caribbean
MEX|Benito Juárez International Airport||Ciudad de México;CDMX
CUN|Cancún International Airport|Cancún|Cancun;Riviera Maya
GDL|Guadalajara International Airport
SJO|Juan Santamaría International Airport|San José|San Jose Costa Rica
PTY||Panama City|Ciudad de Panamá;Panamá
SJU|Luis Muñoz Marín International Airport||Puerto Rico
# South America
GRU|São Paulo-Guarulhos International Airport|São Paulo|Sao Paulo;Guarulhos
VCP|São Paulo-Viracopos Airport|São Paulo|Sao Paulo;Campinas;Viracopos
GIG|Rio de Janeiro-Galeão International Airport|Rio de Janeiro|Galeao
SDU||Rio de Janeiro
BSB|Brasília International Airport|Brasília|Brasilia
SSA|Salvador Bahia International Airport||Bahia
EZE|Ministro Pistarini International Airport|Buenos Aires|Ezeiza
AEP|Aeroparque Jorge Newbery|Buenos Aires|Aeroparque
SCL|Arturo Merino Benítez International Airport||Santiago de Chile
LIM|Jorge Chávez International Airport
BOG||Bogotá|Bogota
UIO|Mariscal Sucre International Airport
MVD|Carrasco International Airport
# British Isles
LHR|||Londres
LGW|||Londres
LCY|||Docklands;Londres
MAN
EDI
DUB|||Baile Átha Cliath
# Western and southern Europe
CDG|Paris Charles de Gaulle Airport||Roissy
ORY|Paris Orly Airport
NCE|Nice Côte d'Azur Airport||Côte d'Azur;French Riviera
AMS|||Schiphol;Holland
BRU|||Bruxelles;Brussel
FRA|Frankfurt Airport|Frankfurt|Frankfurt am Main
MUC|Munich Airport||München;Muenchen
BER|||Berlin-Schönefeld;Brandenburg
HAM
DUS|Düsseldorf Airport|Düsseldorf|Dusseldorf;Duesseldorf
ZRH|||Zürich;Zuerich
GVA|Geneva Airport||Genève;Genf
VIE|||Wien
MXP|Milan Malpensa Airport||Milano
LIN|Milan Linate Airport||Milano
VCE|Venice Marco Polo Airport|Venice|Venezia
FCO|Rome Fiumicino Airport||Roma;Leonardo da Vinci
CIA|Rome Ciampino Airport|Rome|Roma
NAP|Naples International Airport|Naples|Napoli;Capodichino
MAD|Adolfo Suárez Madrid-Barajas Airport
BCN|Barcelona-El Prat Airport
AGP|Málaga Airport|Málaga|Malaga;Costa del Sol
LIS|Lisbon Humberto Delgado Airport||Lisboa;Portela
OPO|||Oporto
# Northern and eastern Europe
CPH|||København;Kobenhavn;Kastrup
ARN|Stockholm Arlanda Airport||Arlanda
BMA|Stockholm Bromma Airport||Bromma
OSL|Oslo Airport||Gardermoen
HEL|Helsinki Airport||Helsingfors
KEF|||Reykjavík;Iceland
WAW|||Warszawa
KRK|Kraków John Paul II International Airport||Krakow;Cracow
PRG|Václav Havel Airport Prague||Praha
BUD
ATH|Athens International Airport||Athína
OTP|Bucharest Henri Coandă International Airport||București
IST||Istanbul|İstanbul;Constantinople
RIX
# Middle East and Africa
DXB|||Dubayy
AUH|Zayed International Airport||Abu Zabi
RUH
JED|||Mecca;Makkah
AMM
TLV|||Jerusalem
CAI|||Al Qahirah
CMN
LOS
ACC
ADD
NBO
JNB|||Joburg;Jozi
CPT|||Kaapstad
MRU||Mauritius|Port Louis
DKR|Léopold Sédar Senghor International Airport
KWI
MCT
DOH
# East Asia
NRT||Tokyo|Tōkyō
HND|Tokyo Haneda Airport||Tōkyō
KIX||Osaka|Ōsaka;Kyoto;Kobe
ITM|Osaka Itami Airport||Ōsaka
CTS||Sapporo|Hokkaido;Chitose
FUK
OKA||Okinawa|Naha
NGO||Nagoya|Centrair
ICN||Seoul|Incheon
GMP||Seoul
PUS||Busan|Pusan
PEK|||Peking
PKX|||Peking
PVG
HKG|Hong Kong International Airport||Chek Lap Kok
TPE|||Taibei
# South-east Asia
MNL
CEB|Mactan-Cebu International Airport|Cebu|Lapu-Lapu
BKK|||Krung Thep
HKT
CNX
SGN|||Saigon
HAN|||Hà Nội
DAD|||Đà Nẵng;Danang
KUL|||KL
SIN|Singapore Changi Airport
CGK
DPS|Ngurah Rai International Airport|Denpasar|Bali
# South Asia
DEL||Delhi|New Delhi
BOM|Chhatrapati Shivaji Maharaj International Airport||Bombay
BLR|Kempegowda International Airport|Bengaluru|Bangalore
MAA|||Madras
CMB|Bandaranaike International Airport
KTM
MLE||Malé|Male;Maldives
# Australia and the Pacific
SYD|Sydney Kingsford Smith Airport
MEL|Melbourne Airport
BNE|Brisbane Airport
PER|Perth Airport
ADL|Adelaide Airport
CNS|Cairns Airport||Great Barrier Reef
AKL|Auckland Airport
CHC|Christchurch Airport
WLG|Wellington Airport
ZQN|Queenstown Airport
NAN|||Fiji
"""

# Metropolitan areas of which Tern serves more than one airport: code, city, other names, airports.
METROS = [
    ("NYC", "New York", ["New York City", "Manhattan"], ["JFK", "EWR", "LGA"]),
    ("CHI", "Chicago", [], ["ORD", "MDW"]),
    ("WAS", "Washington", ["Washington DC"], ["IAD", "DCA"]),
    ("YTO", "Toronto", [], ["YYZ", "YTZ"]),
    ("SAO", "São Paulo", ["Sao Paulo"], ["GRU", "VCP"]),
    ("RIO", "Rio de Janeiro", [], ["GIG", "SDU"]),
    ("BUE", "Buenos Aires", [], ["EZE", "AEP"]),
    ("LON", "London", ["Londres"], ["LHR", "LGW", "LCY"]),
    ("PAR", "Paris", [], ["CDG", "ORY"]),
    ("MIL", "Milan", ["Milano", "Mailand"], ["MXP", "LIN"]),
    ("ROM", "Rome", ["Roma", "Rom"], ["FCO", "CIA"]),
    ("STO", "Stockholm", [], ["ARN", "BMA"]),
    ("TYO", "Tokyo", ["Tōkyō", "Tokio"], ["NRT", "HND"]),
    ("OSA", "Osaka", ["Ōsaka"], ["KIX", "ITM"]),
    ("SEL", "Seoul", ["Soul"], ["ICN", "GMP"]),
    ("BJS", "Beijing", ["Peking"], ["PEK", "PKX"]),
]


def main() -> None:
    installed = importlib.metadata.version("airportsdata")
    if installed != PINNED:
        sys.exit(f"this extract is of airportsdata {PINNED}, but {installed} is installed")
    known = airportsdata.load("IATA")
    metro_of = {iata: code for code, _, _, members in METROS for iata in members}

    airports = []
    for line in SERVED.strip().splitlines():
        if line.startswith("#"):
            continue
        iata, name, city, aliases = (line.split("|") + ["", "", ""])[:4]
        source = known[iata]
        airports.append({
            "iata": iata,
            "name": name or source["name"],
            "city": city or source["city"],
            "country": source["country"],
            "latitude": source["lat"],
            "longitude": source["lon"],
            "zone": source["tz"],
            "metro": metro_of.get(iata),
            "aliases": [alias for alias in aliases.split(";") if alias],
        })
    country = {airport["iata"]: airport["country"] for airport in airports}
    metros = [
        {"iata": code, "city": city, "country": country[members[0]], "aliases": aliases}
        for code, city, aliases, members in METROS
    ]

    # One line each: a changed airport is a changed line.
    rows = lambda items: ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    text = (
        f'{{"source": "airportsdata {PINNED} (PyPI), MIT licence: airportsdata-LICENSE.txt",\n'
        f'"airports": [\n{rows(airports)}\n],\n"metros": [\n{rows(metros)}\n]}}\n'
    )
    pathlib.Path(__file__).with_name("airports.json").write_text(text, encoding="utf-8")
    print(f"{len(airports)} airports, {len(metros)} metropolitan areas")


if __name__ == "__main__":
    main()
