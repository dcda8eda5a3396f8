import os
import socket
import subprocess
import sys
import time

import boto3
from botocore.config import Config

from .failure import Failure

START_SECS = 60
STOP_SECS = 15


class Emulator:
    """ministack on loopback: a fresh one for as long as a `with` lasts, or one that runs already."""

    def __init__(self, plan):
        self.region = plan["region"]
        self.enforce = plan["enforce"]
        self._at = plan["at"]
        self._log_path = plan["log"]
        self._program = os.path.join(plan["programs"], "ministack")
        self._guard = None
        self.port = None if self._at else free_port()
        self.url = self._at or f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        if self._at:
            self._must_answer()
            return self
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
        environment |= {
            "AWS_ENDPOINT_URL": self.url,
            "BIND_HOST": "127.0.0.1",  # its default is every interface
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",  # it would open a port of its own
            "MINISTACK_ACCOUNT_ID": "999999999999",  # nobody's: a call that names no account finds nothing
            "MINISTACK_REGION": self.region,
        }
        if self.enforce:
            environment["AUTH"] = "true"
        guard = os.path.join(os.path.dirname(__file__), "guard.py")
        with open(self._log_path, "w", encoding="utf-8") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-B", guard, self._program],
                env=environment, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )
        deadline = time.monotonic() + START_SECS
        while time.monotonic() < deadline:
            self.must_live()
            if self._answers():
                return self
            time.sleep(0.1)
        self.__exit__()
        raise Failure(f"the emulator did not answer within {START_SECS} s; its log is {self._log_path}")

    def __exit__(self, failed=None, *_):
        if self._guard is None:
            return
        self._guard.stdin.close()  # what it waits for
        try:
            self._guard.wait(STOP_SECS)
        except subprocess.TimeoutExpired:
            if failed is None:  # or else that is what is to be said
                raise Failure(f"the emulator (process group {self._guard.pid}) does not end: kill it") from None

    def must_live(self):
        if self._guard is not None and self._guard.poll() is not None:
            raise Failure(f"the emulator ended by itself; its log is {self._log_path}")

    def _must_answer(self):
        host, _, port = self._at.removeprefix("http://").rstrip("/").rpartition(":")
        if host not in ("127.0.0.1", "localhost") or not port.isdigit():
            raise Failure(f"{self._at} is no emulator of ours: name one as --stay does, http://127.0.0.1:PORT")
        self.port = int(port)
        self.url = f"http://127.0.0.1:{port}"
        if not self._answers():
            raise Failure(f"nothing answers at {self._at}: start an emulator with `cargo xtask infra emulate --stay`")

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def client(self, service, account, region=None):
        """An AWS client of `account`: the emulator takes an account's number as its key."""
        return self._client(service, region, aws_access_key_id=account, aws_secret_access_key="emulated")

    def client_as(self, roles, service, account, region=None):
        """A client of whoever puts on the first of `roles` from `account`, then the next, and so on."""
        sts = self.client("sts", account)
        for role in roles:
            given = sts.assume_role(RoleArn=role, RoleSessionName="emulated")["Credentials"]
            session = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
            sts = self._client("sts", None, **session)
        return self._client(service, region, **session)

    def _client(self, service, region, **credentials):
        return boto3.client(
            service,
            region_name=region or self.region,
            endpoint_url=self.url,
            config=Config(retries={"max_attempts": 1}),
            **credentials,
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
