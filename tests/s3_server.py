"""A local S3 server, with a bucket, for tests of object storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

boto3 = pytest.importorskip("boto3", reason="boto3 comes with moto[server]")
moto_server = pytest.importorskip("moto.server", reason="pip install moto[server]")


@contextmanager
def s3_server(bucket: str) -> Iterator[tuple[Any, int]]:
    """A client and the port of a server that holds the empty bucket."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        _, port = server.get_host_and_port()
        client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1")
        client.create_bucket(Bucket=bucket)
        yield client, port
        server.stop()
