import json
import time
import uuid

from botocore.exceptions import ClientError

from web_app import put_web_app

from .conditions import asked_for
from .failure import Failure
from .lookup import Lookup, known_of, outputs_of

STACK_SECS = 120
LONGEST_BODY = 51_200  # CloudFormation's limit in a request
# A stack that was never made, or not wholly: nothing can be changed in it, so it goes and comes anew.
NEVER_MADE = {"REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
MADE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")


class Deployment:
    """The plan's stacks in their accounts. Whatever an earlier run left is taken up where it was left."""

    def __init__(self, emulator, plan):
        self._emulator = emulator
        self._plan = plan
        self._lookup = Lookup(emulator, plan)
        self.accounts = plan["accounts"]
        self.services = plan["services"]
        self.environment = plan["environment"]
        self.web_files = {}

    def _organisation(self, account):
        """The id that stands for ours where `account` comes to another: each is an organisation of its own here."""
        organizations = self._emulator.client("organizations", self.accounts[account], "us-east-1")
        return organizations.describe_organization()["Organization"]["Id"]

    def roles_of(self, service):
        """Whose role puts on whose to release a service."""
        return next(s["deployed_by"] for s in self._plan["all_stacks"] if s["service"] == service and "deployed_by" in s)

    def of(self, service):
        """The outputs of a service's stack."""
        name = f"tern-{self._plan['environment']}-{service}"
        stack = next(stack for stack in self._plan["all_stacks"] if stack["name"] == name)
        found = self._lookup.described(name, stack["account"], stack["region"])
        if found is None:
            raise Failure(f"the stack {name} is not there: deploy it first")
        return outputs_of(found)

    def upload_releases(self):
        made = set()
        for zip_file in self._plan["zips"]:
            s3 = self._emulator.client("s3", zip_file["account"])
            if zip_file["bucket"] not in made:
                made.add(zip_file["bucket"])
                self._make_bucket(s3, zip_file["bucket"])
            with open(zip_file["path"], "rb") as body:
                s3.put_object(Bucket=zip_file["bucket"], Key=zip_file["key"], Body=body)

    def _make_bucket(self, s3, name):
        try:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self._emulator.region})
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
                raise

    def upload_web_app(self):
        """Puts the built web app where the distribution reads it."""
        s3 = self._emulator.client("s3", self.accounts["web"], "us-east-1")
        self.web_files = {file["key"]: file["cache_control"] for file in self._plan["web_files"]}
        bucket = self.of("web")["BucketName"]
        put_web_app(s3, bucket, self._plan["web_files"])
        print(f"web app: {len(self.web_files)} files in {bucket}", flush=True)

    def make(self, stack):
        """Makes a stack by a change set, or changes it to what it should be, and waits for it."""
        started = time.monotonic()
        name, account = stack["name"], stack["account"]
        with open(stack["template"], encoding="utf-8") as file:
            template = self._lookup.resolve(json.load(file), stack)
        self._open_topics(template)
        cloudformation = self._emulator.client("cloudformation", account, stack["region"])
        try:
            done = self._changed(cloudformation, stack, template)
        except ClientError as error:
            raise Failure(f"the stack {name} in {account} can't be made: {error.response['Error']['Message']}") from error
        wanted = asked_for(template, known_of(stack))
        self._must_hold(cloudformation, name, wanted)
        took = time.monotonic() - started
        print(f"stack: {name} in {account}, {len(wanted)} resources, {done} ({took:.1f} s)", flush=True)

    def _open_topics(self, template):
        """Puts every account's organisation into the policies of topics: each account is one of its own here."""
        for resource in template["Resources"].values():
            if resource["Type"] != "AWS::SNS::TopicPolicy":
                continue
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                equals = statement.get("Condition", {}).get("StringEquals", {})
                if equals.get("aws:PrincipalOrgID") == {"Ref": "OrganizationId"}:
                    equals["aws:PrincipalOrgID"] = sorted(self._organisation(name) for name in self.accounts)

    def _changed(self, cloudformation, stack, template):
        name, account = stack["name"], stack["account"]
        left = self._settled(cloudformation, stack)
        if left in NEVER_MADE:
            print(f"stack: {name} in {account} was left {left}: it is taken away and made anew", flush=True)
            cloudformation.delete_stack(StackName=name)
            self._settled(cloudformation, stack)
            left = None
        elif left is not None:
            self._drop_change_sets(cloudformation, name)
        values = self._values(stack)
        by_role = self._deploying(stack)
        wanted = {
            "StackName": name,
            **self._template(stack, template),
            "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        if "made_as" in stack:
            wanted["RoleARN"] = stack["made_as"]
        change_set = f"release-{uuid.uuid4()}"
        by_role.create_change_set(
            ChangeSetName=change_set, ChangeSetType="UPDATE" if left else "CREATE", **wanted
        )
        if self._has_changes(by_role, name, change_set):
            by_role.execute_change_set(StackName=name, ChangeSetName=change_set)
        elif not self._updates(cloudformation, wanted):
            return "as it should be"
        status = self._settled(cloudformation, stack)
        if status not in MADE:
            raise Failure(f"the stack {name} in {account} is {status}: {self._reasons(cloudformation, name)}; "
                          "put that right and run it again")
        return "changed" if left else "made"

    def _template(self, stack, template):
        """The template in the request, or in a bucket if it is too large for that, as CodePipeline gives it."""
        body = json.dumps(template, separators=(",", ":"))
        if len(body.encode()) <= LONGEST_BODY:
            return {"TemplateBody": body}
        bucket = f"templates-{stack['account']}"
        s3 = self._emulator.client("s3", stack["account"])
        self._make_bucket(s3, bucket)
        s3.put_object(Bucket=bucket, Key=f"{stack['name']}.json", Body=body)
        return {"TemplateURL": f"{self._emulator.url}/{bucket}/{stack['name']}.json"}

    def _values(self, stack):
        values = {}
        for name, value in stack["parameters"].items():
            if name == "OrganizationId":
                value = self._organisation(stack["organisation_of"])
            elif isinstance(value, dict):
                found = self._lookup.described(value["of"], stack["account"], stack["region"])
                value = outputs_of(found)[value["output"]]
            values[name] = value
        return values

    def _deploying(self, stack):
        """CloudFormation for whoever deploys the stack: its service's pipeline, or else the account's own people."""
        if "deployed_by" not in stack:
            return self._emulator.client("cloudformation", stack["account"], stack["region"])
        tools = self.accounts["tools"]
        pipeline = stack["deployed_by"][0].rsplit("/", 1)[1]
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{tools}:root"}, "Action": "sts:AssumeRole"}
        self._emulator.client("iam", tools).update_assume_role_policy(
            RoleName=pipeline, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        return self._emulator.client_as(stack["deployed_by"], "cloudformation", tools, stack["region"])

    def _settled(self, cloudformation, stack):
        """The stack's status once nothing is under way in it, None if it is not there."""
        deadline = time.monotonic() + STACK_SECS
        while time.monotonic() < deadline:
            self._emulator.must_live()
            found = self._lookup.described(stack["name"], stack["account"], stack["region"])
            if found is None or found["StackStatus"] == "DELETE_COMPLETE":
                return None
            status = found["StackStatus"]
            if status == "REVIEW_IN_PROGRESS" or not status.endswith("IN_PROGRESS"):
                return status
            time.sleep(0.1)
        raise Failure(
            f"the stack {stack['name']} in {stack['account']} is still at work after {STACK_SECS} s: see what its events say"
        )

    def _has_changes(self, cloudformation, name, change_set):
        deadline = time.monotonic() + STACK_SECS
        while time.monotonic() < deadline:
            found = cloudformation.describe_change_set(StackName=name, ChangeSetName=change_set)
            if found["Status"] == "CREATE_COMPLETE":
                return True
            if found["Status"] == "FAILED":
                why = found.get("StatusReason", "no reason was given")
                cloudformation.delete_change_set(StackName=name, ChangeSetName=change_set)
                if any(words in why for words in NOTHING_TO_DO):
                    return False
                raise Failure(f"the change set of {name} can't be made: {why}")
            time.sleep(0.1)
        raise Failure(f"the change set of {name} was not made within {STACK_SECS} s")

    def _updates(self, cloudformation, wanted):
        """Changes outputs, which the emulator's change sets don't look at; whether there was anything to change."""
        try:
            cloudformation.update_stack(**wanted)
            return True
        except ClientError as error:
            if any(words in str(error) for words in NOTHING_TO_DO):
                return False
            raise

    def _drop_change_sets(self, cloudformation, name):
        """Those that an earlier run proposed and didn't execute."""
        for left in cloudformation.list_change_sets(StackName=name)["Summaries"]:
            if left["ExecutionStatus"] in ("AVAILABLE", "UNAVAILABLE"):
                print(f"stack: {name} has the change set {left['ChangeSetName']} left over: it is dropped", flush=True)
                cloudformation.delete_change_set(StackName=name, ChangeSetName=left["ChangeSetName"])

    def _reasons(self, cloudformation, name):
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [e for e in events if e["ResourceStatus"].endswith("FAILED")]
        why = {e["LogicalResourceId"]: e.get("ResourceStatusReason", "no reason was given") for e in failed}
        return "; ".join(f"{resource}: {reason}" for resource, reason in why.items()) or "no event says why"

    def _must_hold(self, cloudformation, name, wanted):
        """A resource that the emulator passed over would be no failure of its own."""
        described = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        missing = wanted - {r["LogicalResourceId"] for r in described if r.get("PhysicalResourceId")}
        if missing:
            raise Failure(
                f"the stack {name} lacks {', '.join(sorted(missing))}, which the emulator passed over: "
                "list the type as taken out in infra/tool/src/emulate/gaps.rs, and say what holds it instead"
            )

    def subscribe_across_accounts(self):
        """Makes, with the subscriber's own account, the subscriptions to topics of others."""
        for stack in self._plan["stacks"]:
            with open(stack["template"], encoding="utf-8") as file:
                template = self._lookup.resolve(json.load(file), stack)
            for logical_id, resource in template["Resources"].items():
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
