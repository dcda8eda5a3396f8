"""Members who sign up and in, as a browser does it: the code grant with PKCE."""

import base64
import hashlib
import secrets
import urllib.parse

from .failure import Failure
from .http import ask

PASSWORD = "correct horse battery 1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Who the journeys are about. Here they have just signed up: no miles, and the first tier.
NAMES = ["amelia-okafor", "kenji-mori", "sofia-lindqvist", "rafael-ortiz", "noor-haddad"]


def signed_in(emulator, deployment):
    """Each name's member for the journeys. Their addresses are new at each run, so that nobody has travelled before."""
    members = deployment.of("members")
    pool, client = members["UserPoolArn"].split("/")[1], members["ClientId"]
    cognito = emulator.client("cognito-idp", deployment.accounts["members"])
    described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
    run = secrets.token_hex(4)
    tokens = {}
    for name in NAMES:
        email = f"{name}.{run}@tern.example"
        cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True)
        tokens[name] = _access_token(emulator.url, client, described["CallbackURLs"][0], email)
    return {
        name: {"access_token": token, "opening_balance": 0, "tier": "coast"} for name, token in tokens.items()
    }


def _access_token(url, client, redirect, email):
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    login = ask("POST", f"{url}/login", FORM, urllib.parse.urlencode({
        "client_id": client, "redirect_uri": redirect, "scope": "openid tern/member", "state": "s",
        "response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256",
        "username": email, "password": PASSWORD,
    }).encode())
    where = urllib.parse.urlparse(login.headers.get("Location", ""))
    code = urllib.parse.parse_qs(where.query).get("code")
    if not code:
        raise Failure(f"signing {email} in gave no code: {login!r}")
    tokens = ask("POST", f"{url}/oauth2/token", FORM, urllib.parse.urlencode({
        "grant_type": "authorization_code", "client_id": client, "code": code[0], "redirect_uri": redirect,
        "code_verifier": verifier,
    }).encode())
    if tokens.status != 200:
        raise Failure(f"{email}'s code gave no tokens: {tokens!r}")
    return tokens.json()["access_token"]
