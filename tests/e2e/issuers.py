"""Who signs tokens: keys to sign with, and the same keys to verify by."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from jwt import algorithms


def claims_of(**more: Any) -> dict[str, Any]:
    """Return claims that are good for an hour, with `more` over them."""
    now = int(time.time())
    return {"sub": "tests", "iat": now, "exp": now + 3600, **more}


class Issuer:
    """Signs with one key: a secret (HS256), or a fresh pair of keys."""

    def __init__(
        self, key_id: str = "", algorithm: str = "ES256", secret: str = ""
    ) -> None:
        """Make the key."""
        self.key_id = key_id
        self.algorithm = "HS256" if secret else algorithm
        self.key: Any
        if secret:
            self.key = secret.encode()
        elif algorithm == "ES256":
            self.key = ec.generate_private_key(ec.SECP256R1())
        elif algorithm == "EdDSA":
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = rsa.generate_private_key(65537, 2048)

    def token(self, **claims: Any) -> str:
        """Return a token with these claims over those of claims_of."""
        headers = {"kid": self.key_id} if self.key_id else None
        return jwt.encode(
            claims_of(**claims), self.key, self.algorithm, headers=headers
        )

    def jwk(self) -> dict[str, Any]:
        """Return the public key as one object of a JWKS."""
        exporter = {
            "ES256": algorithms.ECAlgorithm,
            "EdDSA": algorithms.OKPAlgorithm,
        }.get(self.algorithm, algorithms.RSAAlgorithm)
        jwk = json.loads(exporter.to_jwk(self.key.public_key()))
        return jwk | {"kid": self.key_id, "use": "sig"}

    def pem(self) -> str:
        """Return the public key in PEM."""
        return (
            self.key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


def jwks(*issuers: Issuer) -> str:
    """Return the key set of these issuers."""
    return json.dumps({"keys": [issuer.jwk() for issuer in issuers]})
