"""Checks docs/protocol-vectors.json with libsodium and hashlib, as another client would.

Arguments: the file, the folder of published checklists.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from judging import findings, library
from nacl.hash import blake2b
from nacl.encoding import RawEncoder
from nacl.public import Box, PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)

PURPOSES = {
    "document": b"xieguan document seal v1\n",
    "receipt": b"xieguan bureau receipt v1\n",
    "enrolment": b"xieguan enrolment proof v1\n",
    "certificates": b"xieguan bureau certificates v1\n",
}


def b64(text):
    return base64.b64decode(text, validate=True)


def message(purpose, text):
    return PURPOSES[purpose] + hashlib.sha256(text.encode()).digest()


def canonical(text):
    """RFC 8785, for texts without fractions and with names of the basic plane only."""
    again = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert again == text, again


def signed(purpose, text, signature, key, seed):
    VerifyKey(b64(key)).verify(message(purpose, text), b64(signature))
    # Ed25519 signs the same way every time.
    assert SigningKey(bytes.fromhex(seed)).sign(message(purpose, text)).signature == b64(signature)


keys = vectors["keys"]
for who in ("device", "bureau"):
    assert bytes(SigningKey(bytes.fromhex(keys[who]["signing_seed"])).verify_key) == b64(keys[who]["signing_key"])
    secret = PrivateKey(bytes.fromhex(keys[who]["sealing_secret"]))
    assert bytes(secret.public_key) == b64(keys[who]["sealing_key"])

enrolment = vectors["enrolment"]
request = enrolment["request"]
assert enrolment["proven"] == request["code"] + "\n" + request["device"]
signed("enrolment", enrolment["proven"], request["proof"], request["signing_key"], keys["device"]["signing_seed"])

for vector in vectors["seals"]:
    envelope = vector["envelope"]
    text = envelope["document"]
    canonical(text)
    assert hashlib.sha256(text.encode()).hexdigest() == vector["sha256"]
    assert message("document", text).hex() == vector["signed"]
    signed("document", text, envelope["seal"], keys["device"]["signing_key"], keys["device"]["signing_seed"])
    document = json.loads(text)
    ids = {"inspections": "id", "reports": "id"}
    id = document[ids[vector["kind"]]] if vector["kind"] in ids else document["site"]["id"]
    assert vector["path"] == f"/v1/{vector['kind']}/{id}/{document['revision']}"

for vector in vectors["receipts"]:
    text = vector["signed_receipt"]["receipt"]
    canonical(text)
    assert message("receipt", text).hex() == vector["signed"]
    signed("receipt", text, vector["signed_receipt"]["signature"], keys["bureau"]["signing_key"],
           keys["bureau"]["signing_seed"])
    receipt = json.loads(text)
    assert receipt["document"] == vectors["seals"][0]["sha256"]
    assert receipt["kind"] == vector["kind"]

held = vectors["held"]
lines = sorted((bytes.fromhex(one["document"]), bytes([one["complete"]])) for one in held["receipts"])
assert hashlib.sha256(b"".join(document + complete for document, complete in lines)).hexdigest() == held["digest"]

sidecar = vectors["sidecar"]
plain = sidecar["plain"].encode()
assert hashlib.sha256(plain).hexdigest() == sidecar["plain_sha256"]
sealed = b64(sidecar["sealed"])
bureau = PrivateKey(bytes.fromhex(keys["bureau"]["sealing_secret"]))
assert SealedBox(bureau).decrypt(sealed) == plain
ephemeral = PrivateKey(bytes.fromhex(sidecar["ephemeral_secret"]))
nonce = blake2b(bytes(ephemeral.public_key) + bytes(bureau.public_key), digest_size=24, encoder=RawEncoder)
again = Box(ephemeral, PublicKey(bytes(bureau.public_key))).encrypt(plain, nonce).ciphertext
assert bytes(ephemeral.public_key) + again == sealed
for secret, digest in zip(json.loads(plain), sidecar["digests"], strict=True):
    assert hashlib.sha256(
        b"xieguan confidential v1\n" + bytes(secret["salt"]) + secret["text"].encode()
    ).hexdigest() == digest
    parts = [sheet["answers"][secret["item"]]["parts"] for sheet in
             json.loads(vectors["seals"][0]["envelope"]["document"])["sheets"]]
    assert {"kind": "confidential", "digest": digest} in [part[secret["part"]] for part in parts]

statement = vectors["certificates"]["signed_pins"]
canonical(statement["pins"])
assert message("certificates", statement["pins"]).hex() == vectors["certificates"]["signed"]
signed("certificates", statement["pins"], statement["signature"], keys["bureau"]["signing_key"],
       keys["bureau"]["signing_seed"])
said = json.loads(statement["pins"])
assert said["bureau"] == keys["bureau"]["id"] and said["sequence"] == 2
assert said["certificates"][0] == hashlib.sha256(b"in use").hexdigest()

checklists = library(path.read_text(encoding="utf-8") for path in Path(sys.argv[2]).glob("*.json"))
assert [len(one["findings"]) for one in vectors["findings"]] == [0, 2, 1]
for one in vectors["findings"]:
    assert findings(checklists[one["sheet"]["checklist"]["hash"]], one["sheet"], one["day"]) == one["findings"]

upload = vectors["upload"]
content = upload["content"].encode()
sha256 = hashlib.sha256(content).hexdigest()
assert upload["metadata"] == "sha256 " + base64.b64encode(sha256.encode()).decode()
for name in ("sha1", "sha256"):
    checksum = name + " " + base64.b64encode(hashlib.new(name, content).digest()).decode()
    assert upload["checksums"][name] == checksum

print("all vectors fit")
