'use strict';

const { filled, url } = require('../lib/api');
const { KINDS, OUTPUT_FIELDS, SAMPLE, shown } = require('../lib/sends');

const ADDRESS = {
  name: 'Name',
  company: 'Company',
  email: 'E-mail',
  phone: 'Phone',
  address_line1: 'Address',
  address_line2: 'Address, second line',
  city: 'City',
  state: 'State',
  postal_code: 'Postal code',
  country: 'Country',
};
const EXTRA_SERVICES = {
  certified: 'Certified Mail',
  certified_return_receipt: 'Certified Mail with return receipt',
  registered: 'Registered Mail',
};
const PLAIN = [
  'kind', 'campaign', 'tags', 'mailing_class', 'extra_service', 'imb', 'tracking_number', 'carrier', 'supplier', 'message',
  'cost_cents', 'sender', 'external_id', 'metadata',
]; // prettier-ignore

/** The day of a date or of a date with a time, as it is written there. */
const day = (text) => (/^\d{4}-\d{2}-\d{2}[T ]/.test(text) ? text.slice(0, 10) : text);

const perform = async (z, bundle) => {
  const given = bundle.inputData;
  const to = filled(Object.fromEntries(Object.keys(ADDRESS).map((part) => [part, given[`to_${part}`]])));
  const plain = filled(Object.fromEntries(PLAIN.map((field) => [field, given[field]])));
  const body = { ...plain, ...filled({ send_date: day(given.send_date) }), to };
  const { data } = await z.request({
    method: 'POST',
    url: url(bundle, '/sends'),
    headers: filled({ 'Idempotency-Key': given.once_for }),
    body,
  });
  return shown(data);
};

module.exports = {
  key: 'create_send',
  noun: 'Send',
  display: {
    label: 'Create Send',
    description: 'Begins a letter, postcard, cheque, self-mailer, gift or eGift, and tracks it from here on.',
  },
  operation: {
    inputFields: [
      { key: 'kind', label: 'Kind', required: true, choices: KINDS },
      ...Object.entries(ADDRESS).map(([part, label]) => ({
        key: `to_${part}`,
        label: `To: ${label}`,
        ...(part === 'country' ? { helpText: 'Two letters; without them `US`.' } : {}),
      })),
      { key: 'campaign', label: 'Campaign', dynamic: 'campaign.id.name' },
      { key: 'tags', label: 'Tags', list: true },
      { key: 'send_date', label: 'Send date', helpText: 'A day such as `2026-03-02`; of a date with a time its day.' },
      { key: 'mailing_class', label: 'Mailing class', helpText: 'Such as `first_class` or `marketing`.' },
      {
        key: 'extra_service',
        label: 'Extra service',
        choices: EXTRA_SERVICES,
        helpText: 'Of letters and cheques by USPS.',
      },
      { key: 'imb', label: 'Intelligent Mail barcode', helpText: '20 to 31 digits, if the piece has one already.' },
      { key: 'tracking_number', label: 'Tracking number' },
      { key: 'carrier', label: 'Carrier', helpText: 'Such as `ups`; most tracking numbers tell it by themselves.' },
      { key: 'supplier', label: 'Supplier' },
      { key: 'message', label: 'Message', type: 'text' },
      { key: 'cost_cents', label: 'Cost in cents', type: 'integer', helpText: 'Without it by your price list.' },
      { key: 'sender', label: 'Sender', helpText: 'The e-mail address of who has it sent.' },
      { key: 'external_id', label: 'Your ID', helpText: 'By which your CRM knows the recipient or the order.' },
      { key: 'metadata', label: 'More', dict: true, helpText: 'Names and values of your own; hooks bring them back.' },
      {
        key: 'once_for',
        label: 'Only once for',
        helpText:
          'The ID of what this is sent for, such as the deal: a repetition then makes no second send, but gets the ' +
          'first one.',
      },
    ],
    perform,
    sample: SAMPLE,
    outputFields: OUTPUT_FIELDS,
  },
};
