// The cloud's own SDK client, used as its generated service clients use it.
import { createRequire } from 'node:module';
import { accessKey, secretKey } from './dcs_sim_process.mjs';

const require = createRequire(import.meta.url);
const core = '@huaweicloud/huaweicloud-sdk-core';
const { ClientBuilder } = require(`${core}/ClientBuilder`);
const { BasicCredentials } = require(`${core}/auth/BasicCredentials`);

export const routes = {
  createScan: ['POST', '/v2/{project_id}/instances/{instance_id}/scan-expire-keys-task'],
  scanNow: ['POST', '/v2/{project_id}/instances/{instance_id}/auto-expire/scan'],
  histories: ['GET', '/v2/{project_id}/instances/{instance_id}/auto-expire/histories'],
};

export function credentials(server, { sk = secretKey } = {}) {
  return new BasicCredentials().withAk(accessKey).withSk(sk).withProjectId(server.projectId);
}

export function cloudClient(server, { sk, projectId = server.projectId } = {}) {
  const client = new ClientBuilder((http) => http)
    .withCredential(credentials(server, { sk }))
    .withEndpoint(server.endpoint)
    .build();
  return {
    // The answer's fields; errors carry httpStatusCode, errorCode, errorMsg and requestId.
    call([method, url], { instanceId = server.instanceId, query = {} } = {}) {
      return client.sendRequest({
        method,
        url,
        contentType: 'application/json',
        queryParams: query,
        pathParams: { project_id: projectId, instance_id: instanceId },
        headers: {},
        data: {},
      });
    },
  };
}
