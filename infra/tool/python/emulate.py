"""Deploys a plan into emulated accounts and makes the journeys: emulate.py PLAN.json

The plan is written by `cargo xtask infra emulate`, which holds the other end of standard input: when that closes before
the work is done, this ends and the emulator with it. Exit status 0 means that every stack was made and every journey
went well; otherwise the plan's failure file holds the sentence that says why.
"""

import json
import os
import sys
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError

from emulated.deployment import Deployment
from emulated.emulator import Emulator
from emulated.failure import Failure
from emulated.journeys import show, travel


def run(plan):
    with Emulator(plan) as emulator:
        deployment = Deployment(emulator, plan)
        deployment.upload_releases()
        for stack in plan["stacks"]:
            deployment.make(stack)
        deployment.subscribe_across_accounts()
        if plan["whole"]:
            deployment.upload_web_app()
            travel(emulator, deployment, plan)
            show(emulator, deployment, plan)
        emulator.must_live()
        if plan["stay"]:
            print(f"listening on {emulator.url}", flush=True)
            while True:
                emulator.must_live()
                time.sleep(0.5)


def end_with_the_caller():
    while os.read(0, 1):
        pass
    os._exit(1)  # the guard sees that this has gone, and ends the emulator


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    threading.Thread(target=end_with_the_caller, daemon=True).start()
    try:
        run(plan)
    except (Failure, ClientError, BotoCoreError) as failure:
        with open(plan["failure"], "w", encoding="utf-8") as file:
            file.write(str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


main()
