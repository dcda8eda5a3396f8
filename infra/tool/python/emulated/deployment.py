import json
import re
import time

from .failure import Failure

STACK_SECS = 120


class Deployment:
    """The plan's stacks in their accounts, and what they put out."""

    def __init__(self, emulator, plan):
        self._emulator = emulator
        self._plan = plan
        self.accounts = plan["accounts"]
        self.outputs = {}
        self.web_files = {}
        self._organisation = self._make_organisation()

    def _make_organisation(self):
        """The id that stands for ours: of the account that comes to another's topic."""
        organizations = self._emulator.client("organizations", self.accounts["airmiles"], "us-east-1")
        return organizations.describe_organization()["Organization"]["Id"]

    def of(self, service):
        """The outputs of a service's stack."""
        return self.outputs[f"tern-{self._plan['environment']}-{service}"]

    def upload_releases(self):
        buckets = set()
        for zip_file in self._plan["zips"]:
            s3 = self._emulator.client("s3", zip_file["account"])
            if zip_file["bucket"] not in buckets:
                buckets.add(zip_file["bucket"])
                where = {"LocationConstraint": self._emulator.region}
                s3.create_bucket(Bucket=zip_file["bucket"], CreateBucketConfiguration=where)
            with open(zip_file["path"], "rb") as body:
                s3.put_object(Bucket=zip_file["bucket"], Key=zip_file["key"], Body=body)

    def upload_web_app(self):
        """Puts the built web app where the distribution reads it, if it is built."""
        s3 = self._emulator.client("s3", self.accounts["web"], "us-east-1")
        self.web_files = {file["key"]: file["cache_control"] for file in self._plan["web_files"]}
        for file in self._plan["web_files"]:
            with open(file["path"], "rb") as body:
                s3.put_object(
                    Bucket=self.of("web")["BucketName"],
                    Key=file["key"],
                    Body=body,
                    CacheControl=file["cache_control"],
                    ContentType=file["content_type"],
                )

    def make(self, stack):
        """Makes a stack and waits for it."""
        started = time.monotonic()
        name, account = stack["name"], stack["account"]
        with open(stack["template"], encoding="utf-8") as file:
            template = self._looked_up(json.load(file), stack)
        cloudformation = self._emulator.client("cloudformation", account, stack["region"])
        values = dict(stack["parameters"])
        if "OrganizationId" in values:
            values["OrganizationId"] = self._organisation
        parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(template),
            Parameters=parameters,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        made = self._waited_for(cloudformation, name, account)
        self._must_hold(cloudformation, name, template)
        self.outputs[name] = {o["OutputKey"]: o["OutputValue"] for o in made.get("Outputs", [])}
        took = time.monotonic() - started
        print(f"stack: {name} in {account}, {len(template['Resources'])} resources ({took:.1f} s)", flush=True)

    def _waited_for(self, cloudformation, name, account):
        deadline = time.monotonic() + STACK_SECS
        while time.monotonic() < deadline:
            self._emulator.must_live()
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                return stack
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
                failed = [e for e in events if e["ResourceStatus"].endswith("FAILED")]
                why = [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', 'no reason')}" for e in failed]
                raise Failure(f"the stack {name} in {account} is {stack['StackStatus']}: {'; '.join(why)}")
            time.sleep(0.1)
        raise Failure(f"the stack {name} in {account} was not made within {STACK_SECS} s")

    def _must_hold(self, cloudformation, name, template):
        """A resource that the emulator passed over would be no failure of its own."""
        described = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        missing = set(template["Resources"]) - {r["LogicalResourceId"] for r in described if r.get("PhysicalResourceId")}
        if missing:
            raise Failure(f"the stack {name} lacks {', '.join(sorted(missing))}: the emulator passed over them")

    def _looked_up(self, value, stack):
        """Puts other accounts' outputs in place of `Fn::GetStackOutput`."""
        if isinstance(value, list):
            return [self._looked_up(item, stack) for item in value]
        if not isinstance(value, dict):
            return value
        if "Fn::GetStackOutput" not in value:
            return {key: self._looked_up(item, stack) for key, item in value.items()}
        lookup = value["Fn::GetStackOutput"]
        peer = text(lookup["StackName"], stack["parameters"])
        role = text(lookup["RoleArn"], stack["parameters"])
        made_in = {s["name"]: s["account"] for s in self._plan["stacks"]}
        account = re.search(r":iam::([0-9]{12}):role/tern-lookup$", role)
        if peer not in self.outputs:
            raise Failure(f"{stack['name']} reads the stack {peer}, which is not there: deploy {peer} first")
        if not account or account[1] != made_in[peer]:
            raise Failure(f"{stack['name']} looks for {peer} by {role}, but it is in account {made_in[peer]}")
        output = self.outputs[peer].get(lookup["OutputName"])
        if output is None:
            raise Failure(f"{stack['name']} reads {lookup['OutputName']} of {peer}, which puts out no such thing")
        return output

    def subscribe_across_accounts(self):
        """Makes, with the subscriber's own account, the subscriptions to topics of others."""
        for stack in self._plan["stacks"]:
            with open(stack["template"], encoding="utf-8") as file:
                template = self._looked_up(json.load(file), stack)
            resources = template["Resources"]
            for logical_id, resource in resources.items():
                if resource["Type"] == "AWS::SNS::Subscription":
                    self._subscribe(stack, logical_id, resource["Properties"])

    def _subscribe(self, stack, logical_id, properties):
        topic = properties["TopicArn"]
        if topic.split(":")[4] == stack["account"]:
            return
        cloudformation = self._emulator.client("cloudformation", stack["account"], stack["region"])
        arn_of = lambda reference: self._queue_arn(cloudformation, stack, reference["Fn::GetAtt"][0])
        sns = self._emulator.client("sns", stack["account"])
        attributes = {
            "RawMessageDelivery": str(properties["RawMessageDelivery"]).lower(),
            "FilterPolicy": json.dumps(properties["FilterPolicy"]),
            "RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": arn_of(properties["RedrivePolicy"]["deadLetterTargetArn"])}
            ),
        }
        sns.subscribe(
            TopicArn=topic, Protocol=properties["Protocol"], Endpoint=arn_of(properties["Endpoint"]), Attributes=attributes
        )
        print(f"subscription: {logical_id} of {stack['account']} to {topic}", flush=True)

    def _queue_arn(self, cloudformation, stack, logical_id):
        found = cloudformation.describe_stack_resource(StackName=stack["name"], LogicalResourceId=logical_id)
        url = found["StackResourceDetail"]["PhysicalResourceId"]
        sqs = self._emulator.client("sqs", stack["account"])
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def text(value, parameters):
    """A `Fn::Sub` of parameters as what it stands for."""
    if isinstance(value, str):
        return value
    known = parameters | {"AWS::Partition": "aws"}
    return re.sub(r"\$\{([^}]+)\}", lambda name: known[name[1]], value["Fn::Sub"])
