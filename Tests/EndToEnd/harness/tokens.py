"""JSON web tokens, read and forged."""

import base64
import hashlib
import hmac
import json


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(token: str) -> dict:
    return json.loads(decode(token.split(".")[1]))


def forge(claims: dict, key: bytes, algorithm: str = "HS256", header: dict | None = None) -> str:
    """A token signed with a key by HS256, HS384 or HS512, or by nobody."""
    head = {"alg": algorithm, "typ": "JWT"} | (header or {})
    signed = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(claims).encode())}"
    if algorithm.lower() == "none":
        return f"{signed}."
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
    return f"{signed}.{encode(hmac.new(key, signed.encode(), digest).digest())}"
