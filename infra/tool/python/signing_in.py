"""Members who sign up and in, as a browser does it: the code grant with PKCE."""

import base64
import hashlib
import http.cookies
import secrets
import urllib.parse

from emulated.failure import Failure
from emulated.http import ask

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Who the journeys are about. Here they have just signed up: no miles, and the first tier.
NAMES = ["amelia-okafor", "kenji-mori", "sofia-lindqvist", "rafael-ortiz", "noor-haddad"]


def signed_in(cognito, url, pool, client, mail_domain):
    """Each name's member for the journeys, signed in at `url`. Their addresses are new at each run, so that nobody has
    travelled before."""
    described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
    run, password = secrets.token_hex(4), secrets.token_urlsafe(24) + "1aA-"
    members = {}
    for name in NAMES:
        email = f"{name}.{run}@{mail_domain}"
        cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
        token = access_token(url, client, described["CallbackURLs"][0], email, password)
        members[name] = {"access_token": token, "opening_balance": 0, "tier": "coast"}
    return members


def access_token(url, client, redirect, email, password):
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client, "redirect_uri": redirect, "scope": "openid tern/member", "state": "s",
        "response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256",
    }
    page = f"{url}/login?{urllib.parse.urlencode(asked)}"
    # The page gives a cookie against forged forms, which the form repeats; the emulator's gives none.
    cookie = http.cookies.SimpleCookie()
    for header in ask("GET", page).headers.get_all("Set-Cookie", []):
        cookie.load(header)
    guarded = {"_csrf": cookie["XSRF-TOKEN"].value} if "XSRF-TOKEN" in cookie else {}
    cookies = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())} if cookie else {}
    form = urllib.parse.urlencode(asked | {"username": email, "password": password} | guarded).encode()
    login = ask("POST", page, FORM | cookies, form)
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
