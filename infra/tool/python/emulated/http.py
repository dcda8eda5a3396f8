"""HTTP as a browser does it, but for redirections, which are told instead of followed."""

import json
import urllib.error
import urllib.request

ANSWER_SECS = 30


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]}"


class _Told(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(_Told, urllib.request.ProxyHandler({}))


def ask(method, url, headers=None, body=None):
    """The answer, whatever its status."""
    request = urllib.request.Request(url, method=method, headers=headers or {}, data=body)
    try:
        with _OPENER.open(request, timeout=ANSWER_SECS) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, refusal.headers, refusal.read().decode())
