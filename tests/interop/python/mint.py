"""Mints tokens with PyJWT; see ../README.md."""

from __future__ import annotations

import json
import sys
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from jwt import algorithms


def main() -> None:
    order = json.load(sys.stdin)
    secret = order["secret"].encode()
    rsa_exporter, ec_exporter, okp_exporter = (
        algorithms.RSAAlgorithm,
        algorithms.ECAlgorithm,
        algorithms.OKPAlgorithm,
    )
    signers: dict[str, tuple[Any, Any]] = {
        "RS256": (rsa.generate_private_key(65537, 2048), rsa_exporter),
        "PS256": (rsa.generate_private_key(65537, 2048), rsa_exporter),
        "ES256": (ec.generate_private_key(ec.SECP256R1()), ec_exporter),
        "EdDSA": (ed25519.Ed25519PrivateKey.generate(), okp_exporter),
    }
    keys = [json.loads(algorithms.HMACAlgorithm.to_jwk(secret))]
    keys[0]["kid"] = "python-HS256"
    tokens = {}
    pem = b""
    for name, (key, exporter) in signers.items():
        public = key.public_key()
        jwk = json.loads(exporter.to_jwk(public))
        keys.append(jwk | {"kid": f"python-{name}", "use": "sig"})
        pem += public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
    private = {name: key for name, (key, _) in signers.items()}
    for name, key in {"HS256": secret, **private}.items():
        tokens[name] = {
            "named": jwt.encode(
                order["claims"], key, name, headers={"kid": f"python-{name}"}
            ),
            "unnamed": jwt.encode(order["claims"], key, name),
        }
    json.dump(
        {"jwks": {"keys": keys}, "pem": pem.decode(), "tokens": tokens},
        sys.stdout,
    )


main()
