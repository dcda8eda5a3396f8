"""Says which actions CloudFormation needs to make, change, read and remove each type: needs.py TYPE [TYPE ...]

From the registry's own schemas, as cfn-lint brings them. Prints {type: {"keep": [action], "remove": [action]}}.
"""

import json
import sys

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

# Where CloudFront's types are known; every other type of ours is known there too.
REGION = "us-east-1"


def needs(kind):
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema.get("handlers", {})
    of = lambda *names: sorted({a for name in names for a in handlers.get(name, {}).get("permissions", [])})
    return {"keep": of("create", "update", "read"), "remove": of("delete")}


json.dump({kind: needs(kind) for kind in sys.argv[1:]}, sys.stdout)
