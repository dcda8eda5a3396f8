"""Translates SAM templates (JSON) to CloudFormation, offline: translate.py SOURCE TARGET [SOURCE TARGET ...]

The translator is the library that AWS's own transform runs. It wants a region and, for managed policies by name, a
loader; our templates name none.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def parameter_values(template):
    """What parameters are at translation: their defaults."""
    parameters = template.get("Parameters", {})
    return {name: p["Default"] for name, p in parameters.items() if "Default" in p}


def main(paths):
    for source, target in zip(paths[::2], paths[1::2], strict=True):
        with open(source, encoding="utf-8") as file:
            template = json.load(file)
        if "Transform" in template:
            try:
                template = Translator({}, Parser()).translate(template, parameter_values(template))
            except InvalidDocumentException as error:
                sys.exit("\n".join([f"{source}: SAM: {cause.message}" for cause in error.causes]))
            except Exception as error:  # what it doesn't foresee, it meets with any of Python's own
                sys.exit(f"{source}: SAM: {type(error).__name__}: {error}")
        with open(target, "w", encoding="utf-8") as file:
            json.dump(template, file, indent=2, sort_keys=True)
            file.write("\n")


main(sys.argv[1:])
