'use strict';

const KINDS = {
  letter: 'Letter',
  postcard: 'Postcard',
  cheque: 'Cheque',
  self_mailer: 'Self-mailer',
  gift: 'Gift',
  egift: 'eGift',
};

/** A send as the API answers it; its trail is left to whoever asks for it. */
const shown = ({ trail, ...send }) => send;

/** What all answers with a send have, for the editor's dropdowns. */
const OUTPUT_FIELDS = [
  { key: 'id', label: 'Send ID', type: 'string' },
  { key: 'kind', label: 'Kind', type: 'string' },
  { key: 'live', label: 'Live', type: 'boolean' },
  { key: 'status__code', label: 'Status', type: 'string' },
  { key: 'status__label', label: 'Status in words', type: 'string' },
  { key: 'status__since', label: 'Since', type: 'datetime' },
  { key: 'status__evidence', label: 'How we know', type: 'string' },
  { key: 'expected_delivery', label: 'Expected delivery', type: 'string' },
  { key: 'to__name', label: 'Recipient', type: 'string' },
  { key: 'to__company', label: 'Company', type: 'string' },
  { key: 'to__email', label: 'E-mail', type: 'string' },
  { key: 'to__phone', label: 'Phone', type: 'string' },
  { key: 'campaign__id', label: 'Campaign ID', type: 'string' },
  { key: 'campaign__name', label: 'Campaign', type: 'string' },
  { key: 'external_id', label: 'Your ID', type: 'string' },
  { key: 'tracking_number', label: 'Tracking number', type: 'string' },
  { key: 'tracking_url', label: 'Tracking address', type: 'string' },
  { key: 'link__url', label: 'Address of its link', type: 'string' },
];

const SAMPLE = {
  id: 'letter_8x2m5vq1',
  kind: 'letter',
  live: true,
  to: { name: 'Ada Abbott', company: 'Abbott & Sons', email: 'ada@example.com', phone: '+1 312 555 0100' },
  campaign: { id: 'campaign_3f9k2m', name: 'Spring' },
  external_id: 'customer-1042',
  tracking_number: '',
  tracking_url: '',
  link: null,
  status: { code: 'in_transit', label: 'In transit', since: '2026-11-20T15:04:05Z', evidence: 'scanned' },
  expected_delivery: '2026-11-24',
};

module.exports = { KINDS, OUTPUT_FIELDS, SAMPLE, shown };
