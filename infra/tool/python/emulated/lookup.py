"""Other accounts' outputs, where CloudFormation would read them by `Fn::GetStackOutput`."""

import re

from botocore.exceptions import ClientError

from .failure import Failure

ROLE = re.compile(r":iam::([0-9]{12}):role/tern-lookup$")
USABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


class Lookup:
    """Reads the outputs of the plan's stacks, each in the account that the lookup's role is in."""

    def __init__(self, emulator, plan):
        self._emulator = emulator
        self._made_in = {stack["name"]: stack["account"] for stack in plan["all_stacks"]}

    def resolve(self, value, stack):
        """`value` with outputs in place of every lookup in it."""
        if isinstance(value, list):
            return [self.resolve(item, stack) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("Ref") in ("AWS::AccountId", "AWS::Partition", "AWS::Region"):
            return known_of(stack)[value["Ref"]]  # in a condition, the emulator doesn't know them
        if "Fn::GetStackOutput" not in value:
            return {key: self.resolve(item, stack) for key, item in value.items()}
        lookup = value["Fn::GetStackOutput"]
        known = known_of(stack)
        peer = text(lookup["StackName"], known)
        role = text(lookup["RoleArn"], known)
        region = text(lookup.get("Region", stack["region"]), known)
        outputs = self._of_peer(stack["name"], peer, role, region)
        if lookup["OutputName"] not in outputs:
            raise Failure(
                f"{stack['name']} reads {lookup['OutputName']} of {peer}, which puts out no such thing: "
                f"release {peer} as it stands here first"
            )
        return outputs[lookup["OutputName"]]

    def _of_peer(self, reader, peer, role, region):
        account = ROLE.search(role)
        if not account:
            raise Failure(f"{reader} reads {peer} by {role}, which is no account's tern-lookup: correct the account id")
        found = self.described(peer, account[1], region)
        if found is None:
            right = self._made_in.get(peer)
            if right and right != account[1]:
                raise Failure(
                    f"{reader} looks for {peer} in account {account[1]}, but it belongs in {right}: correct that account id"
                )
            raise Failure(f"{reader} reads the stack {peer}, which is not in account {account[1]}: deploy {peer} first")
        if found["StackStatus"] not in USABLE:
            raise Failure(f"{reader} reads the stack {peer}, which is {found['StackStatus']}: deploy {peer} again first")
        return outputs_of(found)

    def described(self, name, account, region):
        """The stack, if it is there."""
        cloudformation = self._emulator.client("cloudformation", account, region)
        try:
            return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise


def known_of(stack):
    """The stack's parameters, and what every stack knows of itself."""
    own = {"AWS::AccountId": stack["account"], "AWS::Partition": "aws", "AWS::Region": stack["region"]}
    return stack["parameters"] | own


def outputs_of(stack):
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def text(value, known):
    """A `Ref` or a `Fn::Sub` of parameters as what it stands for."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return known[value["Ref"]]
    return re.sub(r"\$\{([^}]+)\}", lambda name: known[name[1]], value["Fn::Sub"])
