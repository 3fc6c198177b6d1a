'use strict';

/** What hooks are told verifies in Node: by the library of Standard Webhooks, and by node:crypto alone. */

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { after, before, test } = require('node:test');

const { Webhook } = require('standardwebhooks');

const { ask, receiver } = require('../testing/sendtrail');

const PLAIN = 'a secret of our own, as PostGrid takes it';
const received = {};
const secrets = {};

before(async () => {
  const hooks = [];
  for (const format of ['standard', 'flat', 'postgrid_json', 'postgrid_jwt']) {
    const own = await receiver();
    after(own.close);
    const postgrid = format.startsWith('postgrid');
    const made = await ask('POST', '/hooks', {
      url: own.url,
      format,
      events: [postgrid ? 'letter.created' : 'send.created'],
      ...(postgrid ? { secret: PLAIN } : {}),
    });
    secrets[format] = made.secret;
    hooks.push([format, made.id, own]);
  }
  await ask('POST', '/sends', { kind: 'letter', to: { name: 'Zoë Ōta', address_line1: '1 Elm Terrace' } });
  for (const [format, id, own] of hooks) {
    received[format] = await own.next();
    await ask('DELETE', `/hooks/${id}`);
  }
});

for (const format of ['standard', 'flat']) {
  test(`${format}: the library of Standard Webhooks takes it, and nothing that was touched`, () => {
    const { headers, body } = received[format];
    const webhook = new Webhook(secrets[format]);
    assert.equal(webhook.verify(body, headers).id, headers['webhook-id']);
    assert.throws(() => webhook.verify(body.replace('Zoë', 'Zoe'), headers));
    assert.throws(() => new Webhook(`whsec_${crypto.randomBytes(32).toString('base64')}`).verify(body, headers));
  });

  test(`${format}: node:crypto alone comes to the same`, () => {
    const { headers, body } = received[format];
    const key = Buffer.from(secrets[format].replace('whsec_', ''), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = crypto.createHmac('sha256', key).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
  });
}

test('postgrid_json: the header is as PostGrid documents it', () => {
  const { headers, body } = received.postgrid_json;
  const { t, v1 } = Object.fromEntries(headers['postgrid-signature'].split(',').map((part) => part.split('=')));
  assert.equal(v1, crypto.createHmac('sha256', PLAIN).update(`${t}.${body}`).digest('hex'));
  assert.ok(Math.abs(Date.now() - Number(t)) < 60_000);
  const event = JSON.parse(body);
  assert.deepEqual([event.object, event.type, event.data.object], ['event', 'letter.created', 'letter']);
});

test('postgrid_jwt: the body is one token that is signed and recent', () => {
  const [header, claims, signature] = received.postgrid_jwt.body.split('.');
  const expected = crypto.createHmac('sha256', PLAIN).update(`${header}.${claims}`).digest('base64url');
  assert.equal(signature, expected);
  const read = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
  assert.equal(read(header).alg, 'HS256');
  assert.equal(read(claims).type, 'letter.created');
  assert.ok(read(claims).exp > Date.now() / 1000);
});
