'use strict';

const { url } = require('../lib/api');
const { OUTPUT_FIELDS, SAMPLE, shown } = require('../lib/sends');

const perform = async (z, bundle) => {
  const { send_id: sendId, reason = '' } = bundle.inputData;
  const { data } = await z.request({
    method: 'POST',
    url: url(bundle, `/sends/${encodeURIComponent(sendId)}/cancel`),
    body: { reason },
  });
  return shown(data);
};

module.exports = {
  key: 'cancel_send',
  noun: 'Send',
  display: {
    label: 'Cancel Send',
    description: 'Calls a send off while that is possible; later it says which status it has.',
  },
  operation: {
    inputFields: [
      { key: 'send_id', label: 'Send ID', required: true, helpText: 'From Find Send, Create Send or the trigger.' },
      { key: 'reason', label: 'Reason' },
    ],
    perform,
    sample: SAMPLE,
    outputFields: OUTPUT_FIELDS,
  },
};
