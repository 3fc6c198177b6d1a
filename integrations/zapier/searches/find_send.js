'use strict';

const { filled, url } = require('../lib/api');
const { KINDS, OUTPUT_FIELDS, SAMPLE, shown } = require('../lib/sends');

/** The sends that match, the latest first; none is no error. */
const perform = async (z, bundle) => {
  const { q, campaign, status, kind } = bundle.inputData;
  const { data } = await z.request({
    url: url(bundle, '/sends'),
    params: filled({ q, campaign, status, kind, sort: '-created', limit: 10 }),
  });
  return data.data.map(shown);
};

module.exports = {
  key: 'find_send',
  noun: 'Send',
  display: {
    label: 'Find Send',
    description: 'Finds a send by its recipient, ID, your own ID, tracking number or barcode.',
  },
  operation: {
    inputFields: [
      {
        key: 'q',
        label: 'Search for',
        required: true,
        helpText:
          'A name, company or e-mail address, or a whole ID, your own ID, tracking number or Intelligent Mail ' +
          'barcode. Of several the latest is taken.',
      },
      { key: 'campaign', label: 'Campaign', dynamic: 'campaign.id.name' },
      { key: 'kind', label: 'Kind', choices: KINDS },
      { key: 'status', label: 'Status', helpText: 'A code such as `delivered`, or several with commas between.' },
    ],
    perform,
    sample: SAMPLE,
    outputFields: OUTPUT_FIELDS,
  },
};
