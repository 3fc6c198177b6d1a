'use strict';

const { url } = require('./lib/api');

const test = async (z, bundle) => {
  const response = await z.request(url(bundle, '/me'));
  if (!response.data || !response.data.organization) {
    throw new z.errors.Error('No Sendtrail answers at this address.', 'AuthenticationError', response.status);
  }
  return response.data;
};

module.exports = {
  type: 'custom',
  test,
  connectionLabel: '{{label}}',
  fields: [
    {
      key: 'base_url',
      label: 'Address of your Sendtrail',
      type: 'string',
      required: true,
      placeholder: 'https://mail.example.com',
      helpText: 'As it stands in your browser. Zapier must be able to reach it over the internet.',
    },
    {
      key: 'api_key',
      label: 'API key',
      type: 'password',
      required: true,
      helpText:
        'From *Settings*, *API keys*. Its organization and mode are what this connection hears of: live mail, or test ' +
        'mode only.',
    },
    {
      key: 'client',
      label: 'Client',
      type: 'string',
      required: false,
      placeholder: 'organization_…',
      helpText:
        'For an agency’s key: the ID of the client for whom this connection is. Without it, it is the agency’s own, ' +
        'and a trigger can hear of all clients.',
    },
  ],
};
