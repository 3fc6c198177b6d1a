'use strict';

const { url } = require('../lib/api');

/** Campaigns, newest first; those that are archived may have mail under way. A thousand: others go in by their id. */
const listCampaigns = async (z, bundle) => {
  const { data } = await z.request({ url: url(bundle, '/campaigns'), params: { state: 'all', limit: 1000 } });
  return data.data.map(({ id, name }) => ({ id, name }));
};

const READERS = {
  sendtrail: 'Sendtrail',
  postalytics: 'Postalytics',
  postgrid: 'PostGrid',
  stannp: 'Stannp',
  sendoso: 'Sendoso',
  lob: 'Lob',
};

/** Types of events: of each reader all of them at once, then one by one. */
const listEventTypes = async (z, bundle) => {
  const { data } = await z.request(url(bundle, '/hooks/events'));
  return data.data.map(({ type, label, vocabulary, pattern }) => ({
    id: type,
    name: pattern ? label : `${READERS[vocabulary] || vocabulary}: ${label}`,
  }));
};

const choices = (key, noun, label, perform, sample) => ({
  key,
  noun,
  display: { label, description: `Fills the dropdown of ${label.toLowerCase()}.`, hidden: true },
  operation: { type: 'polling', perform, sample },
});

module.exports = {
  campaign: choices('campaign', 'Campaign', 'Campaigns', listCampaigns, { id: 'campaign_3f9k2m', name: 'Spring' }),
  eventType: choices('event_type', 'Event type', 'Types of events', listEventTypes, {
    id: 'postalytics.InTransit',
    name: 'Postalytics: InTransit',
  }),
};
