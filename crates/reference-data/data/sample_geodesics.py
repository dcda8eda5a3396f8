#!/usr/bin/env python3
"""Writes geodesics.tsv: distances between served airports by the Python package geographiclib.

    pip install geographiclib==2.1 && python3 sample_geodesics.py

An independent implementation of the same geodesic, against which the service's distances are tested.
"""

import importlib.metadata
import itertools
import json
import pathlib
import sys

from geographiclib.geodesic import Geodesic

PINNED = "2.1"
METRES_PER_MILE = 1609.344
STEP = 41  # every 41st of the 14,365 pairs: all regions, short hops to near antipodes


def main() -> None:
    installed = importlib.metadata.version("geographiclib")
    if installed != PINNED:
        sys.exit(f"this sample is of geographiclib {PINNED}, but {installed} is installed")
    here = pathlib.Path(__file__)
    airports = json.loads(here.with_name("airports.json").read_text(encoding="utf-8"))["airports"]
    pairs = list(itertools.combinations(airports, 2))
    lines = [f"# from, to, statute miles: WGS84 geodesic by the Python package geographiclib {PINNED}"]
    for a, b in pairs[::STEP]:
        metres = Geodesic.WGS84.Inverse(a["latitude"], a["longitude"], b["latitude"], b["longitude"])["s12"]
        lines.append(f"{a['iata']}\t{b['iata']}\t{metres / METRES_PER_MILE:.4f}")
    here.with_name("geodesics.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 1} of {len(pairs)} pairs")


if __name__ == "__main__":
    main()
