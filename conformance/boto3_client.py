"""Calls AWS services with boto3: one JSON object a line in, one a line out."""

import base64
import json
import re
import sys
from datetime import datetime

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"max_attempts": 0}, read_timeout=120)
WORDS = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
clients = {}


def client_of(call):
    keys = call["keys"]
    name = (call["service"], keys["accessKeyId"])
    if name not in clients:
        clients[name] = boto3.client(
            call["service"],
            endpoint_url=call["endpoint"],
            region_name=call["region"],
            aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
            aws_session_token=keys.get("sessionToken"),
            config=CONFIG,
        )
    return clients[name]


def converted(value):
    if isinstance(value, list):
        return [converted(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$text" in value:
        return value["$text"].encode()
    if "$base64" in value:
        return base64.b64decode(value["$base64"])
    if "$time" in value:
        return datetime.fromisoformat(value["$time"].replace("Z", "+00:00"))
    return {name: converted(item) for name, item in value.items()}


def answer(call):
    client = client_of(call)
    if call["operation"] not in client.meta.service_model.operation_names:
        return {"kind": "unknown"}
    method = re.sub(WORDS, "_", call["operation"]).lower()
    if not hasattr(client, method):
        return {"kind": "unknown"}
    try:
        output = getattr(client, method)(**converted(call["input"]))
    except ClientError as error:
        return {
            "kind": "refused",
            "name": error.response["Error"]["Code"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "message": error.response["Error"]["Message"],
        }
    output.pop("ResponseMetadata", None)
    return {"kind": "answered", "output": output}


def plain(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


print(json.dumps({"version": boto3.__version__}), flush=True)
for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # whatever it is, the next call must get its own answer
        result = {"kind": "broken", "message": f"{type(error).__name__}: {error}"}
    print(json.dumps(result, default=plain), flush=True)
