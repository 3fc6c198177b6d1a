'use strict';

/** The address under which a Sendtrail answers, without the page that people copy along with it. */
const root = (bundle) => {
  const given = bundle.authData.base_url.trim();
  try {
    return new URL(/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`).origin;
  } catch {
    return given; // the request says that it is no address
  }
};

/** What is asked of the API: a path below /api/v1. */
const url = (bundle, path) => `${root(bundle)}/api/v1${path}`;

/** Middleware: every request carries the key, and says for which client an agency's speaks. */
const authorize = (request, z, bundle) => {
  request.headers = { Accept: 'application/json', ...request.headers };
  if (bundle.authData.api_key) {
    request.headers.Authorization = `Bearer ${bundle.authData.api_key.trim()}`;
  }
  if (bundle.authData.client) {
    request.headers['Sendtrail-Organization'] = bundle.authData.client.trim();
  }
  return request;
};

/** Middleware: a refusal reaches people in the server's one line. What is gone already need not be ended again. */
const explain = (response, z) => {
  if (response.status < 400 || (response.status === 404 && response.request.method === 'DELETE')) {
    return response;
  }
  const said = refusal(response);
  if (response.status === 429 || response.status === 503) {
    throw new z.errors.ThrottledError(said, Number(response.getHeader('retry-after')) || 60);
  }
  const kind = { 401: 'AuthenticationError', 404: 'NotFound' }[response.status] || 'RequestError';
  throw new z.errors.Error(said, kind, response.status);
};

const refusal = (response) => {
  const { error } = parsed(response.content) || {};
  if (error && error.message) {
    return error.message;
  }
  return `Sendtrail answered with status ${response.status}. Is the address of your Sendtrail right?`;
};

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** An object without what was left blank. */
const filled = (fields) =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length)
    )
  );

/** True and false, which a mapped field may have as a text. */
const truth = (value) => (typeof value === 'string' ? /^(true|yes|y|1|on)$/i.test(value.trim()) : value);

module.exports = { authorize, explain, filled, truth, url };
