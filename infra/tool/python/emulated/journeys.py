"""What travellers do, against the emulated deployment. Each journey fails with a sentence of its own."""

import base64
import datetime
import hashlib
import json
import secrets
import time
import urllib.parse
import uuid

from botocore.exceptions import ClientError

from .failure import Failure
from .http import ask

MILES_SECS = 60
REFUSED = {"AuthorizationError", "AccessDenied", "AccessDeniedException", "AWS.SimpleQueueService.NonExistentQueue"}
PASSWORD = "correct horse battery 1"


class Travel:
    """The deployment as a browser meets it."""

    def __init__(self, emulator, deployment):
        self.emulator = emulator
        self.deployment = deployment
        self.booking = None
        self.amelia = self.member("amelia@tern.example")
        self.kenji = self.member("kenji@tern.example")

    def call(self, service, method, path, token=None, body=None, headers=None):
        """Asks a service at its gateway."""
        account = self.deployment.accounts[service]
        api = self.deployment.of(service)["ApiDomain"].split(".")[0]
        # The emulator knows whose gateway an unsigned call is for by this alone.
        whose = f"X-Amz-Credential={account}/20260101/{self.emulator.region}/execute-api/aws4_request"
        url = f"{self.emulator.url}/_aws/execute-api/{api}/live{path}{'&' if '?' in path else '?'}{whose}"
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        return ask(method, url, headers, body)

    def member(self, email):
        """Signs a new member up, and in as the web app does: code grant with PKCE. Returns the access token."""
        members = self.deployment.of("members")
        pool, client = members["UserPoolArn"].split("/")[1], members["ClientId"]
        cognito = self.emulator.client("cognito-idp", self.deployment.accounts["members"])
        cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True)
        described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
        redirect = described["CallbackURLs"][0]
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        signed_in = ask("POST", f"{self.emulator.url}/login", form, urllib.parse.urlencode({
            "client_id": client, "redirect_uri": redirect, "scope": "openid tern/member", "state": "s",
            "response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256",
            "username": email, "password": PASSWORD,
        }).encode())
        where = urllib.parse.urlparse(signed_in.headers.get("Location", ""))
        code = urllib.parse.parse_qs(where.query).get("code")
        must(code, f"signing {email} in gave no code", signed_in)
        tokens = ask("POST", f"{self.emulator.url}/oauth2/token", form, urllib.parse.urlencode({
            "grant_type": "authorization_code", "client_id": client, "code": code[0], "redirect_uri": redirect,
            "code_verifier": verifier,
        }).encode())
        must(tokens.status == 200, f"{email}'s code gave no tokens", tokens)
        return tokens.json()["access_token"]


def must(holds, otherwise, answer):
    if not holds:
        raise Failure(f"{otherwise}: {answer!r}")


def search_is_open(travel):
    """anybody lists airports and searches flights"""
    airports = travel.call("booking", "GET", "/airports")
    must(airports.status == 200 and len(airports.json()["airports"]) > 100, "airports are not listed", airports)
    offers = travel.call("booking", "GET", flights())
    must(offers.status == 200 and offers.json()["offers"], "no flight is offered", offers)
    estimate = travel.call("airmiles", "GET", "/estimate?from=SFO&to=NRT&cabin=economy&fare_class=Y")
    must(estimate.status == 200, "miles are not estimated", estimate)


def members_only(travel):
    """nobody sees bookings, miles or accounts without a member's token"""
    forged = travel.amelia[:-8] + "AAAAAAAA"
    for token in (None, "nonsense", forged):
        for service, path in (("booking", "/bookings"), ("airmiles", "/account"), ("airmiles", "/account/entries")):
            refused = travel.call(service, "GET", path, token)
            must(refused.status == 401, f"{path} is open", refused)


def book(travel):
    """a member books once, however often the request is sent"""
    day = flights()
    offer = travel.call("booking", "GET", day).json()["offers"][0]
    body = {
        "offer_ids": [offer["offer_id"]],
        "passengers": [
            {"given_name": "Amelia", "family_name": "Okafor", "birth_date": "1990-04-01", "type": "adult"}
        ],
        "contact": {"email": "amelia@tern.example"},
    }
    key = {"Idempotency-Key": str(uuid.uuid4())}
    booked = travel.call("booking", "POST", "/bookings", travel.amelia, body, key)
    must(booked.status == 201, "the offer can't be booked", booked)
    again = travel.call("booking", "POST", "/bookings", travel.amelia, body, key)
    must((again.status, again.body) == (201, booked.body), "the same request gave another answer", again)
    other = body | {"contact": {"email": "other@tern.example"}}
    refused = travel.call("booking", "POST", "/bookings", travel.amelia, other, key)
    must(refused.status == 422, "the key was taken for another request", refused)
    keyless = travel.call("booking", "POST", "/bookings", travel.amelia, body)
    must(code_of(keyless) == "idempotency_key_missing", "a request without its key was not told so", keyless)
    travel.booking = booked.json()


def see_own(travel):
    """a member sees their own bookings and nobody else's"""
    locator = travel.booking["record_locator"]
    own = travel.call("booking", "GET", f"/bookings/{locator}", travel.amelia)
    must(own.status == 200 and own.json()["record_locator"] == locator, "the booking is not found", own)
    unchanged = travel.call("booking", "GET", f"/bookings/{locator}", travel.amelia, None, {"If-None-Match": own.headers["ETag"]})
    must(unchanged.status == 304, "an unchanged booking is sent again", unchanged)
    listed = travel.call("booking", "GET", "/bookings", travel.amelia)
    must([b["record_locator"] for b in listed.json()["items"]] == [locator], "the list is another", listed)
    foreign = travel.call("booking", "GET", f"/bookings/{locator}", travel.kenji)
    must(foreign.status == 404, "another member sees the booking", foreign)


def earn_miles(travel):
    """the booking's miles arrive in the other account"""
    locator = travel.booking["record_locator"]
    deadline = time.monotonic() + MILES_SECS
    while True:
        miles = travel.call("airmiles", "GET", f"/airmiles/{locator}", travel.amelia)
        if miles.status == 200:
            break
        must(miles.status == 404 and time.monotonic() < deadline, f"{locator} earned nothing in {MILES_SECS} s", miles)
        time.sleep(0.2)
    must(miles.json()["status"] == "pending", "miles are counted before the flight", miles)
    account = travel.call("airmiles", "GET", "/account", travel.amelia)
    must(account.status == 200 and account.json()["balance"] == 0, "pending miles are in the balance", account)
    must(account.json()["pending"] == miles.json()["total"], "the account shows other miles than the booking", account)
    foreign = travel.call("airmiles", "GET", f"/airmiles/{locator}", travel.kenji)
    must(foreign.status == 404, "another member sees the miles", foreign)


def nothing_lost(travel):
    """no message was given up on the way"""
    for service in ("booking", "airmiles"):
        sqs = travel.emulator.client("sqs", travel.deployment.accounts[service])
        queues = [url for url in sqs.list_queues().get("QueueUrls", []) if url.endswith("dead-letters")]
        must(queues, f"{service} has no dead-letter queues", queues)
        for url in queues:
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            lying = attributes["Attributes"]["ApproximateNumberOfMessages"]
            must(lying == "0", f"{url.rsplit('/', 1)[1]} is not empty", lying)


def strangers_refused(travel):
    """a third account hears nothing and sends nothing"""
    stranger = travel.deployment.accounts["web"]
    topic = travel.deployment.of("booking")["TopicArn"]
    owner = travel.emulator.client("sqs", travel.deployment.accounts["airmiles"])
    queue = next(url for url in owner.list_queues()["QueueUrls"] if url.endswith("-airmiles-booking-events"))
    sns, sqs = travel.emulator.client("sns", stranger), travel.emulator.client("sqs", stranger)
    for what, attempt in (
        ("subscribes to the topic", lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{travel.emulator.region}:{stranger}:spy")),
        ("publishes to the topic", lambda: sns.publish(TopicArn=topic, Message="{}")),
        ("sends to the queue", lambda: sqs.send_message(QueueUrl=queue, MessageBody="{}")),
    ):
        try:
            answer = attempt()
        except ClientError as refusal:
            code = refusal.response["Error"]["Code"]
            must(code in REFUSED, f"a stranger who {what} is told something else", code)
        else:
            must(False, f"a stranger {what}", answer)


def web_app(travel):
    """the web app's files are there, each kept for ever or asked for again"""
    files = travel.deployment.web_files
    s3 = travel.emulator.client("s3", travel.deployment.accounts["web"], "us-east-1")
    bucket = travel.deployment.of("web")["BucketName"]
    page = s3.get_object(Bucket=bucket, Key="index.html")
    must(b"<html" in page["Body"].read(), "index.html is no page", page)
    for key, lasting in files.items():
        kept = s3.head_object(Bucket=bucket, Key=key)["CacheControl"]
        must(kept == lasting, f"{key} is kept otherwise than {lasting}", kept)


def journeys(plan):
    """Those that the plan's deployment can show."""
    shown = [search_is_open, members_only, book, see_own, earn_miles, nothing_lost]
    if plan["enforce"]:
        shown.append(strangers_refused)
    if plan["web_files"]:
        shown.append(web_app)
    else:
        print("left out: the web app's files, for frontend/dist is not built (cargo xtask web)")
    return shown


def flights():
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=21)
    return f"/flights?from=SFO&to=NRT&date={day.isoformat()}&adults=1&cabin=economy"


def code_of(answer):
    return answer.json().get("code") if answer.status >= 400 else None
