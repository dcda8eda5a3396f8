"""Deploys a plan into emulated accounts and runs the journeys: emulate.py PLAN.json

The plan is written by `cargo xtask infra emulate`. Exit status 0 means that every stack was made and every journey went well.
"""

import json
import sys
import time

from botocore.exceptions import ClientError

from emulated.deployment import Deployment
from emulated.emulator import Emulator
from emulated.failure import Failure
from emulated.journeys import Travel, journeys


def run(plan):
    with Emulator(plan) as emulator:
        deployment = Deployment(emulator, plan)
        deployment.upload_releases()
        for stack in plan["stacks"]:
            deployment.make(stack)
        deployment.upload_web_app()
        deployment.subscribe_across_accounts()
        travel = Travel(emulator, deployment)
        for journey in journeys(plan):
            started = time.monotonic()
            journey(travel)
            print(f"journey: {journey.__doc__.splitlines()[0]} ({time.monotonic() - started:.1f} s)", flush=True)
        emulator.must_live()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    try:
        run(plan)
    except (Failure, ClientError) as failure:
        sys.exit(f"error: {failure}")


main()
