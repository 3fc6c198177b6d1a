'use strict';

const { filled, truth, url } = require('../lib/api');
const { KINDS } = require('../lib/sends');
const { outputFields, sample } = require('./told');

const wanted = ({ inputData }) =>
  filled({
    events: inputData.events && inputData.events.length ? inputData.events : ['postalytics.*'],
    campaigns: inputData.campaigns,
    kinds: inputData.kinds,
    tags: inputData.tags,
    wait_days: inputData.wait_days,
    bots: truth(inputData.bots),
    clients: truth(inputData.clients),
  });

const subscribe = async (z, bundle) => {
  const { data } = await z.request({
    method: 'POST',
    url: url(bundle, '/hooks'),
    body: { ...wanted(bundle), url: bundle.targetUrl, format: 'flat', name: 'Zapier' },
  });
  return { id: data.id };
};

const unsubscribe = async (z, bundle) => {
  await z.request({ method: 'DELETE', url: url(bundle, `/hooks/${bundle.subscribeData.id}`) });
  return {};
};

/** What was pushed: one event, flat, with a stable id by which Zapier tells a repetition. */
const perform = (z, bundle) => [bundle.cleanedRequest];

/** The latest real events, or one that is made up and says so; shaped like what is pushed. */
const performList = async (z, bundle) => {
  const { events, campaigns = [], kinds = [], tags = [] } = wanted(bundle);
  const asked = new URLSearchParams([
    ['format', 'flat'],
    ['events', events.join(',')],
    ...campaigns.map((each) => ['campaign', each]),
    ...kinds.map((each) => ['kind', each]),
    ...tags.map((each) => ['tag', each]),
  ]);
  const { data } = await z.request(url(bundle, `/hooks/sample?${asked}`));
  return data.data;
};

module.exports = {
  key: 'campaign_event',
  noun: 'Campaign Event',
  display: {
    label: 'New Campaign Event',
    description: 'Triggers the moment something happens to your mail: a scan, a delivery, a return, a visit, a goal.',
  },
  operation: {
    type: 'hook',
    inputFields: [
      {
        key: 'campaigns',
        label: 'Campaigns',
        dynamic: 'campaign.id.name',
        list: true,
        helpText: 'Leave it empty to hear of every campaign, and of sends without one, by this one Zap.',
      },
      {
        key: 'events',
        label: 'Events',
        dynamic: 'event_type.id.name',
        list: true,
        helpText:
          'Postalytics status codes, PostGrid events, or Sendtrail’s own. Empty: all status codes of Postalytics, ' +
          'each once per piece, and every visit and goal.',
      },
      { key: 'kinds', label: 'Kinds', choices: KINDS, list: true, helpText: 'Empty: everything that you send.' },
      { key: 'tags', label: 'Tags', list: true, helpText: 'Only what has one of these tags.' },
      {
        key: 'wait_days',
        label: 'Wait, in business days',
        type: 'integer',
        helpText:
          'Tell it so many business days later, at nine in the morning, and not at all if the piece came back or ' +
          'was re-routed meanwhile: 2 after ProcessedForDelivery makes a message on the day of delivery.',
      },
      { key: 'bots', label: 'Visits by machines too', type: 'boolean', default: 'false' },
      {
        key: 'clients',
        label: 'Clients too',
        type: 'boolean',
        default: 'false',
        helpText: 'For agencies: what happens to the mail of all your clients as well.',
      },
    ],
    perform,
    performList,
    performSubscribe: subscribe,
    performUnsubscribe: unsubscribe,
    sample,
    outputFields,
  },
};
