// The OpenAPI document: generators and validators accept it, and the server answers as it says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import { serve, stateDirectory } from './dcs_sim_process.mjs';

let server;
let document;
before(async () => {
  server = await serve('--token', 'a-token', '--state-dir', stateDirectory(), '--clock', 'virtual');
  document = await (await fetch(`${server.endpoint}/_sim/openapi.json`)).json();
});
after(() => server?.stop());

test('the document is OpenAPI', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors, null, 1));
});

test('every schema is a JSON Schema without unknown words', () => {
  // Strict mode refuses words that a schema does not have; "example" is OpenAPI's own.
  const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
  ajv.addVocabulary(['example', 'components']);
  for (const name of Object.keys(document.components.schemas)) {
    ajv.compile({ $ref: `#/components/schemas/${name}`, components: document.components });
  }
});

// The document's example of a request.
function example(path, operation, values) {
  const query = new URLSearchParams();
  let target = path;
  for (const written of operation.parameters ?? []) {
    const parameter = written.$ref
      ? document.components.parameters[written.$ref.split('/').pop()] : written;
    const value = values[parameter.name] ?? parameter.example;
    if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, value);
    else if (value !== undefined) query.set(parameter.name, value);
  }
  const body = operation.requestBody?.content['application/json'].example;
  return { target: `${target}${query.size ? `?${query}` : ''}`, body };
}

test('the server answers each example as the document says', async () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema(document, 'openapi');
  const values = { project_id: server.projectId, instance_id: server.instanceId };
  // Operations that create run first, those that delete run last; reset would end everything.
  const order = ['post', 'get', 'put', 'delete'];
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
  const rank = ({ method, operation }) =>
    operation.operationId === 'SimReset' ? -1 : order.indexOf(method);
  operations.sort((a, b) => rank(a) - rank(b));
  assert.ok(operations.length > 5);
  for (const { path, method, operation } of operations) {
    const { target, body } = example(path, operation, values);
    const answer = await fetch(`${server.endpoint}${target}`, {
      method: method.toUpperCase(),
      headers: operation.security.length ? { 'X-Auth-Token': 'a-token' } : {},
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    const promise = operation.responses[answer.status];
    const what = `${operation.operationId} ${answer.status} ${text.slice(0, 400)}`;
    assert.ok(promise, what);
    assert.match(answer.headers.get('x-request-id'), /^[0-9a-f]{32}$/, what);
    // A flush or restart may be under way when instances are changed again.
    if (method === 'get' || method === 'post') assert.ok(answer.ok, what);
    if (!promise.content) {
      assert.equal(text, '', what);
      continue;
    }
    const pointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}` +
      `/responses/${answer.status}/content/application~1json/schema`;
    const valid = ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
    const json = JSON.parse(text);
    assert.ok(valid(json), `${what}\n${JSON.stringify(valid.errors, null, 1)}`);
    if (operation.operationId === 'CreateAutoExpireScanTask') values.id = json.id;
  }
});
