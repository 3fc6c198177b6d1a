'use strict';

const core = require('zapier-platform-core');

const authentication = require('./authentication');
const { authorize, explain } = require('./lib/api');
const cancelSend = require('./creates/cancel_send');
const createSend = require('./creates/create_send');
const findSend = require('./searches/find_send');
const campaignEvent = require('./triggers/campaign_event');
const { campaign, eventType } = require('./triggers/choices');
const { version } = require('./package.json');

const byKey = (...parts) => Object.fromEntries(parts.map((part) => [part.key, part]));

module.exports = {
  version,
  platformVersion: core.version,
  flags: { skipThrowForStatus: true }, // lib/api.js says it in the server's own words
  authentication,
  beforeRequest: [authorize],
  afterResponse: [explain],
  triggers: byKey(campaignEvent, campaign, eventType),
  searches: byKey(findSend),
  creates: byKey(createSend, cancelSend),
};
