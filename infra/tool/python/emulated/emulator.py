import os
import signal
import socket
import subprocess
import time

import boto3
from botocore.config import Config

from .failure import Failure

START_SECS = 60
STOP_SECS = 5


class Emulator:
    """ministack on loopback, for as long as a `with` lasts. Each run has a fresh one: nothing is kept."""

    def __init__(self, plan):
        self.region = plan["region"]
        self.enforce = plan["enforce"]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = open(plan["log"], "w", encoding="utf-8")
        self._program = os.path.join(plan["programs"], "ministack")
        self._process = None

    def __enter__(self):
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
        # A session of its own, so that the functions' processes end with it.
        self._process = subprocess.Popen(
            [self._program], env=environment, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )
        deadline = time.monotonic() + START_SECS
        while time.monotonic() < deadline:
            self.must_live()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        raise Failure(f"the emulator did not answer within {START_SECS} s")

    def __exit__(self, *_):
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, how)
            except ProcessLookupError:
                break
            try:
                self._process.wait(STOP_SECS)
            except subprocess.TimeoutExpired:
                pass
        self._log.close()

    def must_live(self):
        if self._process.poll() is not None:
            raise Failure(f"the emulator ended by itself with status {self._process.returncode}")

    def client(self, service, account, region=None):
        """An AWS client of `account`: the emulator takes an account's number as its key."""
        return boto3.client(
            service,
            region_name=region or self.region,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key="emulated",
            config=Config(retries={"max_attempts": 1}),
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
