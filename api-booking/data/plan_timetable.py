#!/usr/bin/env python3
"""Writes timetable.txt from the network below: which routes, how often, in which waves, with what aircraft.

    pip install geographiclib==2.1 tzdata==2025.2 && python3 plan_timetable.py

The timetable it writes is what the service reads, and may be edited by hand; this script is how the first
one was planned. It uses no chance: the same network gives the same file.

A hub's departures are gathered into waves, and flights to a hub arrive a little over an hour before one, so
that connections work. Block times come from the distance, the type's cruising speed and the prevailing wind
along the geodesic (westerlies at middle latitudes): eastbound is faster than westbound.
"""

import collections
import datetime
import json
import math
import pathlib
import zlib
import zoneinfo

from geographiclib.geodesic import Geodesic

HERE = pathlib.Path(__file__).parent
PLACES = json.loads(
    (HERE / "../../crates/reference-data/data/airports.json").read_text(encoding="utf-8"))
AIRPORTS = {airport["iata"]: airport for airport in PLACES["airports"]}
METRES_PER_MILE = 1609.344

# Departure waves of each hub, local time.
WAVES = {
    "SFO": "0645 0830 1105 1330 1600 1845 2130 2345",
    "SEA": "0700 0945 1300 1600 1900 2200",
    "ORD": "0700 0930 1230 1530 1800 2045",
    "JFK": "0700 0930 1300 1630 1830 2130",
    "LHR": "0715 0930 1200 1430 1700 1930 2130",
    "FRA": "0700 0930 1230 1500 1730 2100",
    "DXB": "0230 0830 1445 2000",
    "SIN": "0800 1200 1630 2000 2345",
    "HND": "0730 1030 1400 1730 2230",
    "NRT": "0930 1115 1430 1730 1930",
    "SYD": "0700 1000 1300 1700 2030",
    "GRU": "0630 1000 1400 1800 2230",
}

# Routes of each hub. A number is flights a day; "/n" is n flights a week; "s" or "w" flies in the (northern)
# summer or winter season only. No number: one a day. A pair of hubs is named once.
ROUTES = {
    "SFO": """LAX8 SAN5 SEA5 PDX4 LAS5 PHX4 DEN4 SLC3 DFW3 IAH3 AUS3 ATL2 MIA2 MCO2 BOS3 JFK6 EWR4 PHL2 IAD3
        DCA CLT ORD5 MDW2 MSP2 DTW2 MSY BNA2 RDU HNL3 OGG2 ANC SNA5 YVR3 YYC2 YYZ2 YUL MEX2 CUN GDL2 SJO PTY
        LIM/4 GRU HND2 NRT KIX ICN2 TPE PVG PEK HKG SIN MNL DEL BLR/4 SYD MEL/4 BNE/3 AKL NAN/5 LHR2 CDG FRA MUC AMS
        ZRH/5 DUB/5 FCOs BCNs DXB TLV/4""",
    "SEA": """LAX3 SAN2 PDX4 LAS2 PHX2 DEN3 SLC2 DFW2 ATL BOS JFK2 EWR IAD ORD3 MDW MSP2 DTW ANC3 HNL2 OGG YVR3
        YYC2 SNA2 SJC3 OAK3 HND ICN LHR FRA KEF/4 TPE/4 DXB SIN/4""",
    "ORD": """LAX4 SAN2 SNA2 PDX2 LAS3 PHX3 DEN4 SLC2 DFW4 IAH3 AUS3 ATL4 MIA3 MCO3 BOS4 JFK3 EWR4 LGA6 PHL4 IAD3
        DCA5 CLT3 MSP4 DTW4 MSY2 BNA3 RDU3 HNL ANCs OAK2 SJC2 YVR2 YYC2 YYZ4 YTZ3 YUL3 YHZs MEX2 CUN2 GDL SJU SJO
        PTY LHR3 CDG FRA2 MUC AMS DUB MAD FCOs BRU ZRH VIE/5 WAW KRK/3 CPHs ARNs ATHs EDIs KEF/4 IST AMM/3 HND
        NRT ICN PVG HKG DEL DXB GRU BOG""",
    "JFK": """LAX6 SAN2 SNA PDX LAS2 PHX2 DEN3 SLC DFW2 IAH2 AUS2 ATL3 MIA4 MCO4 BOS5 IAD2 DCA3 CLT2 MDW2 MSP DTW2
        MSY BNA2 RDU3 OAK SJC SJU3 YYZ3 YUL2 YHZ MEX2 CUN2 SJO PTY LIM BOG UIO/5 SCL EZE GRU2 VCP2 GIG LHR5 LGW
        MAN EDI DUB CDG2 ORY NCEs AMS BRU FRA2 MUC BER DUS/4 ZRH GVA VIE MXP VCEs FCO NAPs MAD BCN AGPs LIS
        OPO/4 CPH ARN OSL/5 HEL/5 KEF WAW KRK/3 PRGs BUD/4 ATH OTP/3 IST DXB2 TLV AMM/4 CAI/5 CMN/5 LOS/4 ACC
        DKR/5 JNB/5 CPT/3 NBO/4 ADD/4 JED/3 DEL BOM HND NRT ICN PEK/4 PVG/4 HKG SIN""",
    "LHR": """MAN4 EDI5 DUB5 CDG5 NCE2 AMS5 BRU3 FRA4 MUC3 BER4 HAM3 DUS3 ZRH3 GVA4 VIE3 MXP2 LIN3 VCE2 FCO3 CIA
        NAPs MAD4 BCN3 AGP2 LIS3 OPO2 CPH3 ARN3 BMA2 OSL3 HEL2 KEF WAW3 KRK2 PRG2 BUD2 ATH2 OTP IST2 RIX/4 DXB3
        AUH RUH JED AMM TLV2 CAI CMN LOS ACC ADD/4 NBO JNB2 CPT MRU/4 DKR/3 KWI MCT DOH NRT HND KIX/4 ICN PEK
        PKX/3 PVG HKG2 TPE/4 BKK SIN2 KUL DEL2 BOM2 BLR MAA CMB/4 MLE/4 CGK/3 MNL/3 SGN/4 YVR YYC YYZ2 YUL YHZs BOS2
        EWR2 IAD PHL MIA2 ATL DFW IAH AUS DEN LAX2 LAS PHX SAN MSY/3 BNA/4 MEX CUN/3 SJO/3 GRU GIG/4 EZE SCL/4
        BOG/4 LIM/3""",
    "FRA": """MUC4 BER5 HAM5 DUS3 ZRH3 GVA3 VIE4 MXP3 LIN3 VCE2 FCO3 CIA NAP NCE2 CDG4 ORY2 AMS4 BRU3 MAD3 BCN3 AGP
        LIS2 OPO CPH3 ARN3 BMA2 OSL2 HEL2 KEF/4 WAW3 KRK2 PRG2 BUD2 ATH2 OTP2 IST3 RIX DUB2 MAN2 EDI LCY3 LGW2
        DXB2 AUH RUH JED/4 AMM/5 TLV CAI CMN/5 LOS ACC/4 ADD NBO/5 JNB CPT MRU/3 KWI/4 MCT/3 DOH YVR/5 YYC/4 YYZ
        YUL BOS EWR IAD PHL/5 MIA MCO/3 ATL DFW IAH AUS/4 DEN LAX LAS/3 MSP/4 DTW CLT RDU/3 MEX CUN/3 GRU VCP/4
        GIG/5 EZE BOG PTY/4 SJO/3 HND NRT KIX NGO/3 ICN PEK PVG HKG BKK HKTw SIN KUL/4 SGN/4 HAN/3 DEL BOM BLR
        MAA/5 MLEw""",
    "DXB": """RUH3 JED3 AMM2 TLV2 CAI3 CMN LOS ACC DKR/4 ADD2 NBO2 JNB3 CPT MRU KWI3 MCT3 DOH3 IST2 ATH FCO MXP MAD
        BCN LIS CDG2 AMS MUC VIE ZRH CPH ARN OSL/5 WAW PRG BUD OTP/5 DUB MAN EDI/4 LGW BRU BER HEL/4 DEL3 BOM4
        BLR2 MAA2 CMB2 KTM3 MLE2 BKK3 HKT KUL2 SGN HAN/4 CGK2 DPS MNL2 CEB/4 SIN3 HKG2 TPE PVG PEK ICN NRT HND KIX
        SYD2 MEL BNE PER ADL/4 AKL BOS IAD LAX IAH DFW MIA MCO/3 YYZ YUL/4 GRU GIG/3""",
    "SIN": """KUL6 CGK5 DPS4 BKK5 HKT3 CNX2 SGN3 HAN2 DAD2 MNL3 CEB HKG4 TPE2 PVG2 PEK PKX ICN2 PUS/4 KIX FUK/5
        NGO/5 CTSw OKA/4 NRT2 HND2 DEL2 BOM2 BLR2 MAA2 CMB2 KTM MLE PER3 ADL MEL3 BNE2 SYD3 CNS/4 AKL2 CHC2 WLG/4
        NAN/3 CDG AMS ZRH MUC MXP/4 BCN/4 CPH/4 IST JNB/5 CPT/3 MRU/3 LAX EWR""",
    "HND": """ITM6 CTS5 FUK5 OKA4 GMP4 PEK2 PKX PVG2 HKG2 TPE2 BKK2 MNL SGN HAN KUL CGK DEL SYD MEL LAX2 DFW IAD HNL2
        YVR YYZ CDG HEL IST VIE/5""",
    "NRT": """ITM2 CTS2 FUK2 OKA NGO2 ICN3 PUS3 PEK PVG2 HKG2 TPE2 BKK2 HKT/3 CNXw SGN HAN DAD MNL2 CEB KUL CGK DPS DEL
        BOM/4 BLR/4 CMB/4 KTM/3 LAX SJC SAN PDX/5 DEN DFW IAH BOS MSP/4 HNL2 OGG/3 ANCs YVR YYC/4 MEX PER BNE CNS SYD
        AKL NAN/3 CDG AMS BRU/3 ZRH MXP MUC CPH WAW/4""",
    "SYD": """MEL6 BNE6 ADL4 PER4 CNS3 AKL5 CHC3 WLG3 ZQN2 NAN3 HKG PVG ICN MNL SGN BKK DPS2 CGK KUL DEL/4 HNL LAX2
        DFW/4 YVR SCL/4 EZE/3 JNB/5 KIX/4""",
    "GRU": """GIG4 SDU3 BSB4 SSA4 EZE4 AEP3 MVD2 SCL3 LIM2 BOG2 UIO/4 PTY MEX CUN/3 MIA2 MCO IAH DFW ATL EWR YYZ LAX/4
        CDG MAD BCN/4 LIS2 OPO/3 FCO MXP/5 ZRH/5 AMS IST/4 JNB/4""",
}

# Routes with a first cabin: the day's first flight is the type that has one.
FIRST_CLASS = {frozenset(pair.split("-")) for pair in """SFO-HND SFO-LHR SFO-SIN SFO-FRA JFK-LHR JFK-HND JFK-FRA
    JFK-DXB JFK-CDG ORD-LHR ORD-HND LHR-SIN LHR-HKG LHR-DXB LHR-HND LHR-SYD LHR-LAX LHR-JNB LHR-DEL LHR-BOM FRA-SIN
    FRA-NRT FRA-DXB DXB-SYD DXB-SIN DXB-HKG DXB-BOM DXB-CDG DXB-BKK SIN-SYD SIN-HND SYD-LAX HND-LAX GRU-LHR GRU-JFK
    HND-SYD SIN-HKG SFO-HKG""".split()}

# Flights whose number and time are fixed: (from, to) -> [(number, time), ...], and the way back.
FIXED = {
    ("SFO", "HND"): [(1, "1320"), (3, "2350")], ("HND", "SFO"): [(2, "1620"), (4, "2255")],
    ("SFO", "NRT"): [(7, "1105")], ("NRT", "SFO"): [(8, "1705")],
    ("LHR", "JFK"): [(101, "0920"), (103, "1115"), (105, "1300"), (107, "1615"), (109, "1825")],
    ("JFK", "LHR"): [(102, "0815"), (104, "1830"), (106, "1930"), (108, "2130"), (110, "2245")],
}

# Cruising speed in still air, mph, detours of the airways taken off.
SPEED = {"E295": 455, "BCS3": 465, "A21N": 490, "A21X": 500, "B789": 532, "A35K": 535, "B77W": 532}
BUSY = {"JFK", "LHR", "ORD", "SFO", "FRA", "EWR", "LAX", "CDG", "ATL", "DXB", "PEK", "BOM", "DEL", "MEX", "GRU"}


def wind_mph(latitude: float) -> float:
    """The mean wind at cruising height from the west."""
    middle = 56 * math.exp(-(((abs(latitude) - 41) / 17) ** 2))
    trades = 10 * math.exp(-((latitude / 12) ** 2))
    return middle - trades


def line(a: str, b: str):
    a, b = AIRPORTS[a], AIRPORTS[b]
    return Geodesic.WGS84.InverseLine(a["latitude"], a["longitude"], b["latitude"], b["longitude"])


def miles(a: str, b: str) -> float:
    return line(a, b).s13 / METRES_PER_MILE


def block_minutes(a: str, b: str, aircraft: str) -> int:
    path, steps = line(a, b), 24
    hours = 0.0
    for step in range(steps):
        at = path.Position(path.s13 * (step + 0.5) / steps)
        ground = SPEED[aircraft] + wind_mph(at["lat2"]) * math.sin(math.radians(at["azi2"]))
        hours += path.s13 / METRES_PER_MILE / steps / ground
    taxi_and_climb = 28 + 7 * (a in BUSY) + 7 * (b in BUSY)
    return 5 * math.ceil((60 * hours + taxi_and_climb) / 5)


def stable(text: str, choices: int) -> int:
    return zlib.crc32(text.encode()) % choices


def aircraft_for(hub: str, spoke: str, daily: int, weekly: int, rank: int) -> str:
    mi = miles(hub, spoke)
    if mi > 2000 and rank == 0 and frozenset((hub, spoke)) in FIRST_CLASS:
        return "B77W" if mi < 8400 else "A35K"
    if mi > 7300:
        return "A35K"
    if mi > 4200 or mi > 1700 and hub in WAVES and spoke in WAVES:
        return "B789"
    if mi > 2700:
        return "A21X" if weekly < 7 or stable(hub + spoke, 3) == 0 else "B789"
    if mi > 1700:
        return "A21N" if mi < 2400 else "A21X"
    if mi > 900:
        return "A21N" if daily >= 2 else "BCS3"
    return "A21N" if daily >= 5 else "BCS3" if daily >= 3 else "E295"


def offset_minutes(iata: str) -> int:
    at = datetime.datetime(2027, 1, 20, 12, tzinfo=zoneinfo.ZoneInfo(AIRPORTS[iata]["zone"]))
    return int(at.utcoffset().total_seconds() // 60)


def clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[2:])


def apart(a: int, b: int) -> int:
    gap = abs(a - b) % 1440
    return min(gap, 1440 - gap)


DEPARTURES = collections.Counter()  # (airport, minute of day): no two leave in the same minute if avoidable


def cost(minute: int, a: str, b: str, block: int, taken: list, gap: int, mi: float) -> float:
    arrival = (minute + block + offset_minutes(b) - offset_minutes(a)) % 1440
    total = 0.0
    if a in WAVES:
        total += max(0, min(apart(minute, clock(w)) for w in WAVES[a].split()) - 25)
    if b in WAVES:
        total += 1.2 * max(0, min(apart(arrival, clock(w) - 95) for w in WAVES[b].split()) - 25)
    night = 0 if "DXB" in (a, b) else 1
    if 30 < minute < 360:
        total += 25 + 150 * night * (a not in WAVES or a in ("SYD", "NRT", "LHR", "FRA")) + 60 * (mi < 2500)
    if 15 < arrival < 300:
        total += 25 + 150 * night + 60 * (mi < 2500)
    if mi < 1500 and not 360 <= minute <= 1290:
        total += 80
    if mi > 2000:  # the few long flights wait for the many short ones to arrive, and land before they leave
        if a in WAVES and a != "DXB" and 60 < minute < 570:
            total += 30 + (570 - minute) / 4
        if b in WAVES and b != "DXB" and not 300 <= arrival <= 1080:
            total += 30 + apart(arrival, 1080) / 4
    for other in taken:
        total += 2.0 * max(0, gap - apart(minute, other))
    total += 6 * DEPARTURES[a, minute] + 0.5 * stable(f"{a}{b}{minute}", 8)
    return total


def schedule(a: str, b: str, block: int, count: int) -> list:
    gap, taken, mi = min(240, 840 // count), [], miles(a, b)
    for _ in range(count):
        best = min(range(0, 1440, 5), key=lambda minute: (cost(minute, a, b, block, taken, gap, mi), minute))
        taken.append(best)
        DEPARTURES[a, best] += 1
    return sorted(taken)


WEEKS = {3: ["135", "246", "257", "147"], 4: ["1357", "2467", "1246", "1356"], 5: ["12457", "13567", "12357", "12456"]}


def parse(spec: str):
    spoke, rest = spec[:3], spec[3:]
    season = rest[-1:] if rest[-1:] in ("s", "w") else ""
    rest = rest.rstrip("sw")
    if rest.startswith("/"):
        return spoke, 1, int(rest[1:]), season
    return spoke, int(rest or 1), 7, season


def main() -> None:
    rows, seen = [], set()
    plans = []
    for hub, specs in ROUTES.items():
        for spec in specs.split():
            spoke, daily, weekly, season = parse(spec)
            pair = frozenset((hub, spoke))
            assert spoke in AIRPORTS and pair not in seen, (hub, spoke)
            seen.add(pair)
            plans.append((hub, spoke, daily, weekly, season))
    # Intercontinental flights have the low numbers, as is usual.
    plans.sort(key=lambda plan: miles(plan[0], plan[1]) < 2600)
    used = {number for flights in FIXED.values() for number, _ in flights}
    next_number = 11
    for hub, spoke, daily, weekly, season in plans:
        types = [aircraft_for(hub, spoke, daily, weekly, rank) for rank in range(daily)]
        numbers = []
        for _ in range(daily):
            while next_number in used:
                next_number += 2
            numbers.append(next_number)
            if (hub, spoke) in FIXED or (spoke, hub) in FIXED:
                continue
            next_number += 2
        for a, b, way in ((hub, spoke, 0), (spoke, hub, 1)):
            block = block_minutes(a, b, types[-1])
            flights = FIXED.get((a, b))
            if flights is None:
                times = schedule(a, b, block, daily)
                flights = [(number + way, f"{t // 60:02}{t % 60:02}") for number, t in zip(numbers, times)]
            else:
                for _, t in flights:
                    DEPARTURES[a, clock(t)] += 1
            words = []
            for rank, (number, time) in enumerate(flights):
                word = f"{number}@{time}"
                if types[rank] != types[-1]:
                    word += f"={types[rank]}"
                if weekly < 7:
                    word += "/" + WEEKS[weekly][stable(hub + spoke, 4)]
                elif daily >= 4 and rank == daily - 1 and miles(a, b) < 2000:
                    word += "/123457"  # the last of many stays away on Saturdays
                words.append(word + season)
            rows.append((a, b, block, types[-1], words))
    rows.sort(key=lambda row: (row[0], row[1]))
    head = """# Tern's timetable, local departure times. Planned by plan_timetable.py; read by src/domain/timetable.
#
# from to block aircraft  flight...        block: gate to gate, in minutes
# flight: number@HHMM[=aircraft][/days][s|w]   days: 1 Monday to 7 Sunday; s, w: that season only
"""
    text = head + "".join(f"{a} {b} {block} {kind} {' '.join(words)}\n" for a, b, block, kind, words in rows)
    (HERE / "timetable.txt").write_text(text, encoding="utf-8")
    flights = sum(len(words) for *_, words in rows)
    unserved = set(AIRPORTS) - {row[0] for row in rows}
    assert not unserved, unserved
    print(f"{len(rows)} directed routes, {flights} flights, {len(text)} bytes, numbers up to {next_number}")


if __name__ == "__main__":
    main()
