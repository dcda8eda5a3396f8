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
        "origin": [_root(emulator, deployment, service) for service in ("booking", "airmiles")],
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
    account = deployment.accounts[service]
    api = deployment.of(service)["ApiDomain"].split(".")[0]
    return {
        "below": f"/api/{service}",
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
    """no message was given up on the way"""
    for service in ("booking", "airmiles"):
        sqs = emulator.client("sqs", deployment.accounts[service])
        queues = [url for url in sqs.list_queues().get("QueueUrls", []) if url.endswith("dead-letters")]
        must(queues, f"{service} has no dead-letter queues", queues)
        for url in queues:
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            lying = attributes["Attributes"]["ApproximateNumberOfMessages"]
            must(lying == "0", f"{url.rsplit('/', 1)[1]} is not empty", lying)


def strangers_refused(emulator, deployment):
    """a third account hears nothing and sends nothing"""
    stranger = deployment.accounts["web"]
    topic = deployment.of("booking")["TopicArn"]
    owner = emulator.client("sqs", deployment.accounts["airmiles"])
    queue = next(url for url in owner.list_queues()["QueueUrls"] if url.endswith("-airmiles-booking-events"))
    sns, sqs = emulator.client("sns", stranger), emulator.client("sqs", stranger)
    spy = f"arn:aws:sqs:{emulator.region}:{stranger}:spy"
    for what, attempt in (
        ("subscribes to the topic", lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=spy)),
        ("publishes to the topic", lambda: sns.publish(TopicArn=topic, Message="{}")),
        ("sends to the queue", lambda: sqs.send_message(QueueUrl=queue, MessageBody="{}")),
    ):
        must_be_refused(f"a stranger {what}", attempt)


def teams_apart(emulator, deployment):
    """a service's pipeline releases that service and no other"""
    tools, booking = deployment.accounts["tools"], deployment.accounts["booking"]
    own, deploy = deployment.roles_of("booking")
    foreign, _ = deployment.roles_of("airmiles")
    release = emulator.client_as([own, deploy], "cloudformation", tools)
    wanted = {"ChangeSetName": "spy", "TemplateBody": json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})}
    for what, attempt in (
        ("that is another service's pipeline releases booking", lambda: emulator.client_as([foreign, deploy], "sts", tools)),
        ("from a third account releases booking", lambda: emulator.client_as([deploy], "sts", deployment.accounts["web"])),
        ("in the pipelines' account, but no pipeline, releases booking", lambda: emulator.client_as([deploy], "sts", tools)),
        ("who releases booking changes its account's baseline", lambda: release.create_change_set(StackName="tern-baseline", **wanted)),
        ("who releases booking deletes its stack", lambda: release.delete_stack(StackName=f"tern-{deployment.environment}-booking")),
    ):
        must_be_refused(f"somebody {what}", attempt)
    still = emulator.client("cloudformation", booking).describe_stacks(StackName=f"tern-{deployment.environment}-booking")
    must(still["Stacks"][0]["StackStatus"].endswith("_COMPLETE"), "booking's stack is not what it was", still)


def must_be_refused(who, attempt):
    try:
        answer = attempt()
    except ClientError as refusal:
        code = refusal.response["Error"]["Code"]
        must(code in REFUSED, f"{who}, and is told something else", code)
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
