import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Principal, Service, WireRequest } from '#local/kernel/service.ts';

/** A service that remembers the last request which came through the signature check. */
export function listener(name: string) {
  const heard: { request?: WireRequest; principal?: Principal } = {};
  const service: Service = {
    name,
    wire: {
      parse: (request) => {
        heard.request = request;
        return { action: 'Hear', input: {} };
      },
      success: () => ({ status: 200, headers: {}, body: name === 's3' ? '' : '{}' }),
      failure: (error, id) =>
        name === 's3'
          ? {
              status: error.status,
              headers: { 'content-type': 'application/xml' },
              body: `<Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>`,
            }
          : jsonWire('1.0').failure(error, id),
    },
    actions: {
      Hear: {
        authorize: () => [],
        run: (_input, call) => {
          heard.principal = call.principal;
          return {};
        },
      },
    },
  };
  return { heard, service };
}
