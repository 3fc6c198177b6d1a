"""Code by which a receiver knows that a notification comes from us: to copy, for each way of signing."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from sendtrail.domain.flat import flat
from sendtrail.domain.notice_bodies import NATIVE, Body, Told
from sendtrail.domain.notice_samples import made_up
from sendtrail.services.hook_plans import Format


class Sample(NamedTuple):
    """`needs`: what to install first, empty where nothing is."""

    language: str
    needs: str
    code: str


def _trial(type_: str) -> Body:
    """A whole notification that never happened, for a receiver that looks at more than the signature."""
    at, made_at = (datetime.fromisoformat(NATIVE[name]) for name in ("timestamp", "created_at"))
    return made_up(Told("event_trial", type_, at, made_at, 1, live=False), NATIVE["organization"])


def _quoted(body: Body) -> str:
    """JSON as one word of a shell."""
    return "'" + msgspec.json.encode(body).decode().replace("'", "\\u0027") + "'"


_HELPER = """\
import os

from sendtrail.webhooks import Event, verify


def receive(body: bytes, headers: dict[str, str]) -> Event:
    \"\"\"The event; sendtrail.webhooks.BadSignature for what we did not send.\"\"\"
    return verify(body, headers, os.environ["WEBHOOK_SECRET"])
"""
_PYTHON = """\
import os

from standardwebhooks import Webhook

webhook = Webhook(os.environ["WEBHOOK_SECRET"])


def receive(body: bytes, headers: dict[str, str]) -> dict:
    \"\"\"The event; WebhookVerificationError for what we did not send. `headers` by their names in small letters.\"\"\"
    return webhook.verify(body, headers)
"""
_NODE = """\
const { createHmac, timingSafeEqual } = require('node:crypto');

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64');

// `body`: the bytes as they came, before any parsing; `headers` by their names in small letters.
function receive(body, headers) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(at)) < 300)) throw new Error('too old');
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64')}`);
  const signed = signatures.split(' ').map((each) => Buffer.from(each));
  if (!signed.some((each) => each.length === expected.length && timingSafeEqual(each, expected))) {
    throw new Error('not signed with our secret');
  }
  return JSON.parse(body);
}

module.exports = { receive };
"""
_CURL = """\
# Sends what is signed like ours to your receiver: it should take it, and refuse it once a letter is another.
URL=${URL:-http://localhost:3000/hook}
BODY=@BODY@
AT=$(date +%s)
KEY=$(printf %s "${WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf %s "event_trial.$AT.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)
curl -i "$URL" -H 'Content-Type: application/json' -H 'webhook-id: event_trial' \\
  -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIGNATURE" -d "$BODY"
"""
_PYTHON_JSON = """\
import hashlib
import hmac
import json
import os
import time

secret = os.environ["WEBHOOK_SECRET"].encode()


def receive(body: bytes, headers: dict[str, str]) -> dict:
    \"\"\"The event; ValueError for what we did not send. `headers` by their names in small letters.\"\"\"
    signed = dict(part.split("=", 1) for part in headers.get("postgrid-signature", "t=0,v1=").split(","))
    expected = hmac.new(secret, signed["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    if abs(time.time() * 1000 - int(signed["t"])) > 300_000 or not hmac.compare_digest(expected, signed["v1"]):
        raise ValueError("not signed with our secret, or too old")
    return json.loads(body)
"""
_NODE_JSON = """\
const { createHmac, timingSafeEqual } = require('node:crypto');

// `body`: the bytes as they came, before any parsing; `headers` by their names in small letters.
function receive(body, headers) {
  const { t, v1 = '' } = Object.fromEntries(headers['postgrid-signature'].split(',').map((part) => part.split('=')));
  if (!(Math.abs(Date.now() - Number(t)) < 300000)) throw new Error('too old');
  const hash = createHmac('sha256', process.env.WEBHOOK_SECRET).update(`${t}.`).update(body).digest('hex');
  const [expected, signed] = [Buffer.from(hash), Buffer.from(v1)];
  if (signed.length !== expected.length || !timingSafeEqual(signed, expected)) throw new Error('not our secret');
  return JSON.parse(body);
}

module.exports = { receive };
"""
_CURL_JSON = """\
# Sends what is signed like ours to your receiver: it should take it, and refuse it once a letter is another.
URL=${URL:-http://localhost:3000/hook}
BODY=@BODY@
AT=$(date +%s)000
SIGNATURE=$(printf %s "$AT.$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1)
curl -i "$URL" -H 'Content-Type: application/json' -H "PostGrid-Signature: t=$AT,v1=$SIGNATURE" -d "$BODY"
"""
_PYTHON_JWT = """\
import os

import jwt


def receive(body: bytes, headers: dict[str, str]) -> dict:
    \"\"\"The event; jwt.InvalidTokenError for what we did not send, or what is too old.\"\"\"
    return jwt.decode(body, os.environ["WEBHOOK_SECRET"], algorithms=["HS256"])
"""
_NODE_JWT = """\
const jwt = require('jsonwebtoken');

// `body`: the bytes as they came.
function receive(body) {
  return jwt.verify(body.toString(), process.env.WEBHOOK_SECRET, { algorithms: ['HS256'] });
}

module.exports = { receive };
"""
_CURL_JWT = """\
# Sends a token like ours to your receiver: it should take it, and refuse it once a letter is another.
URL=${URL:-http://localhost:3000/hook}
AT=$(date +%s)
encode() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
HEAD=$(printf %s '{"alg":"HS256","typ":"JWT"}' | encode)
EVENT=@BODY@
BODY=$(printf '%s,"iat":%s,"exp":%s}' "${EVENT%?}" "$AT" $((AT + 300)) | encode)
SIGNATURE=$(printf %s "$HEAD.$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -binary | encode)
curl -i "$URL" -H 'Content-Type: application/jwt' -d "$HEAD.$BODY.$SIGNATURE"
"""


def _samples(python: Sample, node: Sample, curl: str, trial: Body) -> list[Sample]:
    """Those of a format, the shortest way first. `trial`: what curl sends."""
    helper = Sample("Python with Sendtrail", "", _HELPER)
    return [helper, python, node, Sample("curl", "", curl.replace("@BODY@", _quoted(trial)))]


_PYTHON_ALONE = "Python without Sendtrail"
_STANDARD = Sample(_PYTHON_ALONE, "pip install standardwebhooks", _PYTHON), Sample("Node", "", _NODE)
_NATIVE, _POSTGRID = _trial("send.delivered"), _trial("letter.updated")
SAMPLES: dict[Format, list[Sample]] = {
    "standard": _samples(*_STANDARD, _CURL, _NATIVE),
    "flat": _samples(*_STANDARD, _CURL, flat(_NATIVE)),
    "postgrid_json": _samples(
        Sample(_PYTHON_ALONE, "", _PYTHON_JSON), Sample("Node", "", _NODE_JSON), _CURL_JSON, _POSTGRID
    ),
    "postgrid_jwt": _samples(
        Sample(_PYTHON_ALONE, "pip install pyjwt", _PYTHON_JWT),
        Sample("Node", "npm install jsonwebtoken", _NODE_JWT),
        _CURL_JWT,
        _POSTGRID,
    ),
}
