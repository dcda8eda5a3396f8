"""What a pipeline's steps ask of AWS: deliver.py '{"verb": "upload", "folder": ...}'

The verbs and their arguments are those of `cargo xtask infra`.
Says each thing done; ends with one sentence when AWS refuses.
"""

import datetime
import hashlib
import json
import os
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

import signing_in
from emulated.failure import Failure
from emulated.lookup import outputs_of
from web_app import put_web_app


def former(service, bucket, region, into):
    """Fetches what the last releases brought inline; nothing, before the first."""
    s3 = boto3.client("s3", region_name=region)
    try:
        brought = s3.get_object(Bucket=bucket, Key=f"{service}/inline.json")["Body"].read()
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != "NoSuchKey":
            raise
        brought = b"[]"
    with open(into, "wb") as file:
        file.write(brought)


def upload(folder, bucket, region):
    """Puts zips and template where they stay. What is there already is the same: its name is its content's digest."""
    s3 = boto3.client("s3", region_name=region)
    service, release = read(folder, "service"), read(folder, "id")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".zip"):
            put_once(s3, bucket, f"{service}/{release}/{name}", os.path.join(folder, name))
    template = os.path.join(folder, "template.json")
    with open(template, "rb") as body:
        digest = hashlib.sha256(body.read()).hexdigest()
    put_once(s3, bucket, f"{service}/{release}/template-{digest[:16]}.json", template)
    inline = os.path.join(folder, "inline.json")
    if os.path.exists(inline):
        # The one file that changes: it is about the last releases, whichever they are.
        with open(inline, "rb") as body:
            s3.put_object(Bucket=bucket, Key=f"{service}/inline.json", Body=body)


def put_once(s3, bucket, key, path):
    with open(path, "rb") as body:
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != "PreconditionFailed":
                raise
            print(f"there already: {key}", flush=True)
        else:
            print(f"uploaded: {key}", flush=True)


def publish(folder, environment, account, region):
    """Puts the web app's files in the listed order, documents last, then has the edge forget the documents."""
    deployer = assumed(f"arn:aws:iam::{account}:role/tern-deploy-{environment}-web", region)
    web = outputs(deployer, f"tern-{environment}-web", region)
    s3 = deployer.client("s3", region_name=region)
    files = json.loads(read(folder, "files.json"))
    put_web_app(s3, web["BucketName"], files, folder)
    # What is kept for ever has another name in another release.
    changing = ["/" + file["key"] for file in files if "immutable" not in file["cache_control"]]
    deployer.client("cloudfront", region_name=region).create_invalidation(
        DistributionId=web["DistributionId"],
        InvalidationBatch={
            "Paths": {"Quantity": len(changing) + 1, "Items": ["/", *changing]},
            # New at each run: taking a release back must make the edge forget too.
            "CallerReference": datetime.datetime.now(datetime.UTC).isoformat(),
        },
    )
    print(f"published: {len(files)} files in {web['BucketName']}, {len(changing)} of them asked for again", flush=True)


def sign_in(facts, environment, into):
    """Signs new members up and in, as the journeys need them."""
    facts = json.loads(facts)
    need = ["MembersAccountId", "WebDomain"]
    missing = [name for name in need if name not in facts]
    if missing:
        raise LookupError(f"/tern/environments/{environment} doesn't say {', '.join(missing)}: add it there")
    region = os.environ.get("AWS_REGION", "eu-west-1")
    session = assumed(f"arn:aws:iam::{facts['MembersAccountId']}:role/tern-journeys", region)
    members = outputs(session, f"tern-{environment}-members", region)
    cognito = session.client("cognito-idp", region_name=region)
    pool = members["UserPoolArn"].split("/")[1]
    signed_in = signing_in.signed_in(cognito, members["SignInDomain"], pool, members["ClientId"], facts["WebDomain"])
    deployment = {
        "origin": [{"below": "", "base": f"https://{facts['WebDomain']}", "query": None}],
        "members": signed_in,
        "miles_within_ms": 60_000,
        "gateway_says_why": True,
    }
    with open(into, "w", encoding="utf-8") as file:
        json.dump(deployment, file, indent=2)
    print(f"signed in: {', '.join(signed_in)}", flush=True)


def assumed(role, region):
    """A session as `role`."""
    try:
        given = boto3.client("sts", region_name=region).assume_role(RoleArn=role, RoleSessionName="tern-pipeline")
    except ClientError as refusal:
        raise Failure(f"{role} lets nobody in: is that the account's number, and is its baseline deployed? {refusal}") from refusal
    given = given["Credentials"]
    return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def outputs(session, stack, region):
    """What the stack puts out, by name."""
    try:
        described = session.client("cloudformation", region_name=region).describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as refusal:
        raise Failure(f"{stack} is not to be seen in {region}: deploy it first. {refusal}") from refusal
    return outputs_of(described)


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


VERBS = {"former": former, "upload": upload, "publish": publish, "sign-in": sign_in}

if __name__ == "__main__":
    arguments = json.loads(sys.argv[1])
    verb = arguments.pop("verb")
    try:
        VERBS[verb](**arguments)
    except (BotoCoreError, ClientError, Failure, LookupError, OSError) as error:
        sys.exit(f"{verb}: {error}")
