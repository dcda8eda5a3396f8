#!/usr/bin/env python3
"""Draws assets/network.svg: the long routes of Tern's own timetable as arcs on the grid of the land map.

Run after the timetable changes: `python3 maps/draw_network.py`, in frontend/. Needs only Python's own library.
"""
import json
import math
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LONG_BLOCK_MINUTES = 640  # shorter routes would only be a tangle at this size
STEPS = 10

airports = {
    each["iata"]: (math.radians(each["latitude"]), math.radians(each["longitude"]))
    for each in json.loads((ROOT / "crates/reference-data/data/airports.json").read_text())["airports"]
}


def point(lat, lon):
    return (math.degrees(lon) + 180) / 0.36, (90 - math.degrees(lat)) / 0.36


def arc(a, b):
    """Points of the great circle, without a jump at the date line."""
    va, vb = (
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)) for lat, lon in (a, b)
    )
    angle = math.acos(sum(x * y for x, y in zip(va, vb)))
    points = []
    for step in range(STEPS + 1):
        share = step / STEPS
        x, y, z = (
            (math.sin((1 - share) * angle) * p + math.sin(share * angle) * q) / math.sin(angle)
            for p, q in zip(va, vb)
        )
        at = point(math.asin(z), math.atan2(y, x))
        if points:
            while at[0] - points[-1][0] > 500:
                at = at[0] - 1000, at[1]
            while points[-1][0] - at[0] > 500:
                at = at[0] + 1000, at[1]
        points.append(at)
    return points


def path(points):
    """One decimal in the first point, then steps relative to it, which is shorter."""
    x, y = round(points[0][0], 1), round(points[0][1], 1)
    text = f"M{x:g} {y:g}l"
    for px, py in points[1:]:
        dx, dy = round(px - x, 1), round(py - y, 1)
        text += f"{dx:g} {dy:g} "
        x, y = round(x + dx, 1), round(y + dy, 1)
    return text.strip()


pairs = set()
for line in (ROOT / "api-booking/data/timetable.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        start, end, block = line.split()[:3]
        if int(block) >= LONG_BLOCK_MINUTES:
            pairs.add(tuple(sorted((start, end))))

arcs = []
for start, end in sorted(pairs):
    points = arc(airports[start], airports[end])
    for shift in (0, 1000, -1000):  # what leaves the map on one side comes in on the other
        shifted = [(x + shift, y) for x, y in points]
        if any(0 <= x <= 1000 for x, _ in shifted):
            arcs.append(path(shifted))

dots = sorted({code for pair in pairs for code in pair})
marks = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in (point(*airports[code]) for code in dots))
svg = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500">'
    f'<path id="arcs" d="{"".join(arcs)}"/><path id="dots" d="{marks}"/></svg>\n'
)
(ROOT / "frontend/assets/network.svg").write_text(svg)
print(f"{len(pairs)} routes, {len(dots)} airports, {len(svg)} bytes")
