"""The shared journeys, which `infra-tool` makes, and what only a deployment in accounts can show."""

import json
import os
import subprocess
import time

from botocore.exceptions import ClientError

from signing_in import signed_in

from .failure import Failure

MILES_WITHIN_MS = 60_000
REFUSED = {"AuthorizationError", "AccessDenied", "AccessDeniedException", "AWS.SimpleQueueService.NonExistentQueue"}


def travel(emulator, deployment, plan):
    """Makes the journeys that are made on a laptop, too."""
    tern = {
        "origin": [
            _root(emulator, deployment, service)
            for service in deployment.services
            if service["access"] == "public" and service["functions"] and service["base_path"]
        ],
        "members": _signed_in(emulator, deployment),
        "miles_within_ms": MILES_WITHIN_MS,
        "gateway_says_why": False,
    }
    path = os.path.join(plan["folder"], "journeys.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(tern, file)
    if subprocess.run([plan["infra_tool"], "journeys", path], check=False).returncode != 0:
        raise Failure("a journey went wrong: what it saw stands above")


def _signed_in(emulator, deployment):
    members = deployment.of("members")
    cognito = emulator.client("cognito-idp", deployment.accounts["members"])
    pool = members["UserPoolArn"].split("/")[1]
    return signed_in(cognito, emulator.url, pool, members["ClientId"], "tern.example")


def _root(emulator, deployment, service):
    """Where the edge sends what is below the service's path."""
    account = deployment.accounts[service["name"]]
    api = deployment.of(service["name"])["ApiDomain"].split(".")[0]
    return {
        "below": service["base_path"],
        "base": f"{emulator.url}/_aws/execute-api/{api}/live",
        # The emulator knows whose gateway an unsigned call is for by this alone.
        "query": f"X-Amz-Credential={account}/20260101/{emulator.region}/execute-api/aws4_request",
    }


def show(emulator, deployment, plan):
    """What no laptop has: queues of dead letters, strangers, and a bucket."""
    shown = [nothing_lost, web_app]
    if plan["enforce"]:
        shown += [strangers_refused, teams_apart]
    for what in shown:
        started = time.monotonic()
        what(emulator, deployment)
        print(f"shown: {what.__doc__} ({time.monotonic() - started:.1f} s)", flush=True)


def must(holds, otherwise, answer):
    if not holds:
        raise Failure(f"{otherwise}: {answer!r}")


def nothing_lost(emulator, deployment):
    """no message became a dead letter"""
    for service in deployment.services:
        if not (service["publishes"] or service["consumes"]):
            continue
        name = service["name"]
        sqs = emulator.client("sqs", deployment.accounts[name])
        queues = [url for url in sqs.list_queues().get("QueueUrls", []) if url.endswith("dead-letters")]
        must(queues, f"{name} has no dead-letter queues", queues)
        for url in queues:
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            messages = attributes["Attributes"]["ApproximateNumberOfMessages"]
            must(messages == "0", f"{url.rsplit('/', 1)[1]} is not empty", messages)


def strangers_refused(emulator, deployment):
    """a third account can neither receive nor send events"""
    stranger = deployment.accounts["web"]
    sns, sqs = emulator.client("sns", stranger), emulator.client("sqs", stranger)
    spy = f"arn:aws:sqs:{emulator.region}:{stranger}:spy"
    for service in deployment.services:
        name = service["name"]
        if service["publishes"]:
            topic = deployment.of(name)["TopicArn"]
            must_be_refused(
                f"a stranger subscribes to the topic of {name}",
                lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=spy),
            )
            must_be_refused(
                f"a stranger publishes to the topic of {name}", lambda: sns.publish(TopicArn=topic, Message="{}")
            )
        for queue in (consumed["queue"] for consumed in service["consumes"]):
            owner = emulator.client("sqs", deployment.accounts[name])
            url = next(url for url in owner.list_queues()["QueueUrls"] if url.endswith(f"-{name}-{queue}"))
            must_be_refused(
                f"a stranger sends to the queue {queue} of {name}",
                lambda: sqs.send_message(QueueUrl=url, MessageBody="{}"),
            )


def teams_apart(emulator, deployment):
    """a service's pipeline releases that service and no other"""
    one, other = [service["name"] for service in deployment.services if service["functions"]][:2]
    tools, account = deployment.accounts["tools"], deployment.accounts[one]
    own, deploy = deployment.roles_of(one)
    foreign, _ = deployment.roles_of(other)
    release = emulator.client_as([own, deploy], "cloudformation", tools)
    stack = f"tern-{deployment.environment}-{one}"
    wanted = {"ChangeSetName": "spy", "TemplateBody": json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})}
    for what, attempt in (
        (f"the pipeline of {other} releases {one}", lambda: emulator.client_as([foreign, deploy], "sts", tools)),
        (f"a third account releases {one}", lambda: emulator.client_as([deploy], "sts", deployment.accounts["web"])),
        (f"the pipelines' account without a pipeline releases {one}", lambda: emulator.client_as([deploy], "sts", tools)),
        (f"the deployer of {one} changes its account's baseline", lambda: release.create_change_set(StackName="tern-baseline", **wanted)),
        (f"the deployer of {one} deletes its stack", lambda: release.delete_stack(StackName=stack)),
    ):
        must_be_refused(what, attempt)
    still = emulator.client("cloudformation", account).describe_stacks(StackName=stack)
    must(still["Stacks"][0]["StackStatus"].endswith("_COMPLETE"), f"the stack of {one} is not what it was", still)


def must_be_refused(who, attempt):
    try:
        answer = attempt()
    except ClientError as refusal:
        code = refusal.response["Error"]["Code"]
        must(code in REFUSED, f"{who}, and gets another answer than a refusal", code)
    else:
        must(False, who, answer)


def web_app(emulator, deployment):
    """the web app's three documents and all their files are there, each kept for ever or asked for again"""
    s3 = emulator.client("s3", deployment.accounts["web"], "us-east-1")
    bucket = deployment.of("web")["BucketName"]
    for document in ("index.html", "book.html", "member.html"):
        page = s3.get_object(Bucket=bucket, Key=document)
        must(b"<html" in page["Body"].read(), f"{document} is no page", page["ContentType"])
        must(page["ContentType"].startswith("text/html"), f"{document} is called something else", page["ContentType"])
    for key, lasting in deployment.web_files.items():
        kept = s3.head_object(Bucket=bucket, Key=key)["CacheControl"]
        must(kept == lasting, f"{key} is kept otherwise than {lasting}", kept)
