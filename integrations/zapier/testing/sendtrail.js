'use strict';

const http = require('node:http');

const PATIENCE = 20_000; // milliseconds until what does not come has failed

/** The running Sendtrail that the tests ask: its address and a key, as a Zapier connection keeps them. */
const authData = { base_url: process.env.SENDTRAIL_URL, api_key: process.env.SENDTRAIL_KEY };
if (!authData.base_url || !authData.api_key) {
  throw new Error('set SENDTRAIL_URL to a running Sendtrail, SENDTRAIL_KEY to a key of its test mode that speaks for clients');
}

/** Ask the API directly. */
const ask = async (method, path, body) => {
  const response = await fetch(`${authData.base_url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${authData.api_key}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return response.status === 204 ? null : response.json();
};

/** A receiver on this machine; `next()` waits for what comes: its headers and body, as they were sent. */
const receiver = async () => {
  const came = [];
  const waiting = [];
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    response.end();
    const received = { headers: request.headers, body: Buffer.concat(parts).toString() };
    const waiter = waiting.shift();
    waiter ? waiter(received) : came.push(received);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const next = () =>
    came.length
      ? Promise.resolve(came.shift())
      : new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('nothing came')), PATIENCE);
          waiting.push((received) => {
            clearTimeout(timer);
            resolve(received);
          });
        });
  return { url: `http://127.0.0.1:${server.address().port}/`, next, close: () => server.close() };
};

module.exports = { ask, authData, receiver };
