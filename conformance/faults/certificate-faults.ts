// Broken mutual TLS, and a profile that is kept too strictly.
import { decodeJwt } from 'jose';
import type { ClientCertificate } from '../harness/http.ts';
import { answering, asking, type Fault, json, mapJson, remembering } from './fault.ts';

const TOKEN = 'token_endpoint';
const INVENTED = { access_token: 'invented', token_type: 'Bearer', expires_in: 3600 };

export const certificateFaults: readonly Fault[] = [
  answering('certificate-of-anybody', 'lets in whoever has any certificate', (response, asked) =>
    asked.place === TOKEN && asked.certificate !== undefined && response.status >= 400
      ? json(200, INVENTED)
      : response,
  ),
  answering('name-is-enough', 'lets in whoever knows the name of a client', (response, asked) => {
    const isNamed = asked.parameters.has('client_id') && asked.certificate === undefined;
    return asked.place === TOKEN && isNamed && response.status >= 400 ? json(200, INVENTED) : response;
  }),
  remembering('one-certificate', 'takes every connection for the first one that had a certificate', () => {
    let first: ClientCertificate | undefined;
    return (asked, send) => {
      first ??= asked.certificate;
      return send(first === undefined ? asked : { ...asked, certificate: first });
    };
  }),
  answering('plain-aliases', 'names addresses for mutual TLS that are not of https', (response, { place }) =>
    place === 'discovery'
      ? mapJson(response, (body) => ({
          ...body,
          mtls_endpoint_aliases: { [TOKEN]: String(body[TOKEN]).replace('https:', 'http:') },
        }))
      : response,
  ),
  asking('exact-clock', 'takes no assertion that begins a moment later', (asked, send) => {
    const assertion = asked.parameters.get('client_assertion');
    const begins = assertion === null ? undefined : decodeJwt(assertion).nbf;
    return begins !== undefined && begins > Date.now() / 1000
      ? Promise.resolve(json(401, { error: 'invalid_client' }))
      : send(asked);
  }),
];
