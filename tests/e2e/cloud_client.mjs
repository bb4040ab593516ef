// The cloud's own SDK client, used in the same way as its generated service clients.
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
  showAutoscan: ['GET', '/v2/{project_id}/instances/{instance_id}/scan-expire-keys/autoscan-config'],
  setAutoscan: ['PUT', '/v2/{project_id}/instances/{instance_id}/scan-expire-keys/autoscan-config'],
  createInstance: ['POST', '/v2/{project_id}/instances'],
  listInstances: ['GET', '/v2/{project_id}/instances'],
  showInstance: ['GET', '/v2/{project_id}/instances/{instance_id}'],
  deleteInstance: ['DELETE', '/v2/{project_id}/instances/{instance_id}'],
  changeInstances: ['PUT', '/v2/{project_id}/instances/status'],
  listGroups: ['GET', '/v2/{project_id}/instance/{instance_id}/groups'],
  listConfigurations: ['GET', '/v2/{project_id}/instances/{instance_id}/configs'],
  updateConfigurations: ['PUT', '/v2/{project_id}/instances/{instance_id}/configs'],
};

export function credentials(server, { ak = accessKey, sk = secretKey } = {}) {
  return new BasicCredentials().withAk(ak).withSk(sk).withProjectId(server.projectId);
}

export function cloudClient(server, { ak, sk, projectId = server.projectId } = {}) {
  const client = new ClientBuilder((http) => http)
    .withCredential(credentials(server, { ak, sk }))
    .withEndpoint(server.endpoint)
    .build();
  return {
    // The answer's fields; errors carry httpStatusCode, errorCode, errorMsg and requestId.
    call([method, url], { instanceId = server.instanceId, query = {}, body = {} } = {}) {
      return client.sendRequest({
        method,
        url,
        contentType: 'application/json',
        queryParams: query,
        pathParams: { project_id: projectId, instance_id: instanceId },
        headers: {},
        data: body,
      });
    },
  };
}
