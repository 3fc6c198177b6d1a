'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');

const zapier = require('zapier-platform-core');
const { validateApp } = require('zapier-platform-core/src/tools/schema');

const App = require('../index');
const { url } = require('../lib/api');
const { ask, authData, receiver } = require('../testing/sendtrail');

const run = zapier.createAppTester(App);
const { campaign_event: trigger, campaign, event_type: eventType } = App.triggers;
const { operation } = trigger;

let spring;
let letter;

before(async () => {
  spring = await ask('POST', '/campaigns', { name: 'Spring', type: 'triggered' });
});

test('Zapier finds nothing wrong with the app', () => {
  assert.deepEqual(validateApp(App), []);
});

test('a connection is named after its organization and mode', async () => {
  const me = await run(App.authentication.test, { authData });
  assert.match(me.label, /Acme/);
  assert.equal(me.mode, 'test');
});

test('an address is taken as people copy it', async () => {
  for (const rest of ['/', '/sends?status=delivered', '/settings/keys#new', '/api/v1']) {
    const base_url = ` ${authData.base_url}${rest} `;
    const me = await run(App.authentication.test, { authData: { ...authData, base_url } });
    assert.equal(me.mode, 'test', rest);
  }
});

test('an address without a scheme is one by https', () => {
  for (const base_url of ['mail.example.com', ' mail.example.com/sends ', 'https://mail.example.com/hooks']) {
    assert.equal(url({ authData: { base_url } }, '/me'), 'https://mail.example.com/api/v1/me');
  }
  assert.equal(url({ authData: { base_url: 'mail.example.com:8443' } }, '/me'), 'https://mail.example.com:8443/api/v1/me');
});

test('an agency connects one of its clients by a key of its own', async () => {
  const client = await ask('POST', '/clients', { name: 'Bakery' });
  const me = await run(App.authentication.test, { authData: { ...authData, client: client.id } });
  assert.match(me.label, /Bakery/);
  const nobody = run(App.authentication.test, { authData: { ...authData, client: 'organization_nobody' } });
  await assert.rejects(nobody, /no (client )?organization 'organization_nobody'/);
});

test('a wrong key is refused in the words of the server', async () => {
  const wrong = run(App.authentication.test, { authData: { ...authData, api_key: 'st_test_wrong' } });
  await assert.rejects(wrong, /this API key is unknown or revoked/);
});

test('an address where no Sendtrail answers is said to be wrong', async () => {
  const somebodyElse = await receiver();
  after(somebodyElse.close);
  const wrong = run(App.authentication.test, { authData: { ...authData, base_url: somebodyElse.url } });
  await assert.rejects(wrong, /No Sendtrail answers at this address/);
});

test('the dropdowns list campaigns, and events in each reader’s words', async () => {
  const campaigns = await run(campaign.operation.perform, { authData });
  assert.deepEqual(campaigns, [{ id: spring.id, name: 'Spring' }]);
  const types = (await run(eventType.operation.perform, { authData })).map(({ id }) => id);
  for (const expected of ['postalytics.*', 'postalytics.InTransit', 'send.delivered', 'letter.updated']) {
    assert.ok(types.includes(expected), expected);
  }
});

test('before anything happened a sample is made up, says so, and has the shape of what is pushed', async () => {
  const [sample] = await run(operation.performList, { authData, inputData: { campaigns: [spring.id] } });
  assert.equal(sample.sample, true);
  assert.deepEqual(unknown(sample), []);
});

test('a send is created with what the fields hold, and once only for the same reason', async () => {
  const inputData = {
    kind: 'letter',
    to_name: 'Ada Abbott',
    to_email: 'ada@example.com',
    to_address_line1: '1 Elm Terrace',
    to_city: 'Chicago',
    to_state: 'IL',
    to_postal_code: '60614',
    campaign: spring.id,
    tags: ['renewal'],
    external_id: 'customer-1042',
    metadata: { region: 'north' },
    once_for: 'deal-7',
  };
  letter = await run(App.creates.create_send.operation.perform, { authData, inputData });
  assert.equal(letter.to.email, 'ada@example.com');
  assert.equal(letter.campaign.name, 'Spring');
  assert.deepEqual([letter.tags, letter.metadata], [['renewal'], { region: 'north' }]);
  const again = await run(App.creates.create_send.operation.perform, { authData, inputData });
  assert.equal(again.id, letter.id);
});

test('a send takes an extra service, and of a date with a time its day', async () => {
  const inputData = {
    kind: 'letter',
    to_name: 'Cy Clay',
    to_address_line1: '3 Ash Road',
    to_city: 'Chicago',
    to_state: 'IL',
    to_postal_code: '60614',
    send_date: '2027-11-30T00:00:00Z',
    extra_service: 'certified',
    tags: ['vip'],
  };
  const made = await run(App.creates.create_send.operation.perform, { authData, inputData });
  assert.deepEqual([made.send_date, made.extra_service], ['2027-11-30', 'certified']);
});

test('what cannot be sent is refused with the field that is wrong', async () => {
  const inputData = { kind: 'egift', to_name: 'Ada Abbott' };
  await assert.rejects(
    run(App.creates.create_send.operation.perform, { authData, inputData }),
    /an egift goes to an e-mail address: to.email is missing/
  );
});

test('a send is found by name, e-mail address, own id and id; nobody is no error', async () => {
  const find = (q) => run(App.searches.find_send.operation.perform, { authData, inputData: { q } });
  for (const q of ['Ada Abbott', 'ada@example.com', 'customer-1042', letter.id]) {
    assert.deepEqual((await find(q)).map(({ id }) => id), [letter.id], q);
  }
  assert.deepEqual(await find('Nobody Atall'), []);
});

test('subscribed, a Zap hears of an event the moment it happens, and no more once it is turned off', async () => {
  const zap = await receiver();
  after(zap.close);
  const inputData = { campaigns: [spring.id] };
  const subscribed = await run(operation.performSubscribe, { authData, inputData, targetUrl: zap.url });
  assert.ok(subscribed.id);

  await ask('POST', `/sends/${letter.id}/events`, { code: 'printed', source: 'printer' });
  const [event] = await run(operation.perform, { authData, cleanedRequest: JSON.parse((await zap.next()).body) });
  assert.deepEqual([event.event, event.code, event.send_id], ['Printed', 10, letter.id]);
  assert.deepEqual([event.to_email, event.external_id, event.campaign], ['ada@example.com', 'customer-1042', 'Spring']);
  assert.equal(event.metadata_region, 'north');
  assert.deepEqual(unknown(event), []);

  const [latest] = await run(operation.performList, { authData, inputData });
  assert.deepEqual(latest, event);

  await run(operation.performUnsubscribe, { authData, subscribeData: subscribed });
  await run(operation.performUnsubscribe, { authData, subscribeData: subscribed }); // it is off already, and that is fine
  const hooks = await ask('GET', '/hooks');
  assert.deepEqual(hooks.data, []);
});

test('a trigger is tried with what passes all of its filters', async () => {
  const autumn = await ask('POST', '/campaigns', { name: 'Autumn', type: 'triggered' });
  const zap = await receiver();
  after(zap.close);
  const inputData = { events: ['send.created'], bots: 'false', clients: 'False' };
  const subscribed = await run(operation.performSubscribe, { authData, inputData, targetUrl: zap.url });
  for (const [kind, campaign, tags] of [['postcard', spring, ['north']], ['letter', autumn, ['south']]]) {
    await ask('POST', '/sends', { kind, campaign: campaign.id, tags, to: { name: 'Di Dahl', address_line1: '4 Oak Way' } });
    await zap.next();
  }
  const tried = async (filters) => {
    const samples = await run(operation.performList, { authData, inputData: { ...inputData, ...filters } });
    return samples.map(({ sample, campaign, kind }) => (sample ? 'made up' : `${campaign}: ${kind}`));
  };
  assert.deepEqual(await tried({ campaigns: [spring.id, autumn.id] }), ['Autumn: letter', 'Spring: postcard']);
  assert.deepEqual(await tried({ kinds: ['postcard'] }), ['Spring: postcard']);
  assert.deepEqual(await tried({ tags: ['south', 'other'] }), ['Autumn: letter']);
  assert.deepEqual(await tried({ campaigns: [spring.id], tags: ['south'] }), ['made up']);
  await run(operation.performUnsubscribe, { authData, subscribeData: subscribed });
});

test('a send is cancelled while that is possible, and then it is too late', async () => {
  const inputData = { kind: 'gift', to_name: 'Bo Berg', to_email: 'bo@example.com' };
  const gift = await run(App.creates.create_send.operation.perform, { authData, inputData });
  const cancel = () =>
    run(App.creates.cancel_send.operation.perform, { authData, inputData: { send_id: gift.id, reason: 'a mistake' } });
  assert.equal((await cancel()).status.code, 'cancelled');
  await assert.rejects(cancel(), /it is cancelled already/);
});

/** Fields of an event that the editor is not told of. */
const unknown = (event) => {
  const known = new Set(operation.outputFields.map(({ key }) => key));
  return Object.keys(event).filter((key) => !known.has(key) && !key.startsWith('metadata_') && key !== 'sample');
};
