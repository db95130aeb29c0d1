import { resolvePublic, requestFrom } from '#shared/adapters/http/pinned-request.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input, Output } from './contract.ts';
import { fetchUrl } from './fetch-url.ts';

const env = loadEnv(Env);
const blockedHosts = env.BLOCKED_HOSTS.split(',').map((host) => host.trim().toLowerCase());

export const handler = wrapState({ input: Input, output: Output }, (input) =>
  fetchUrl(input, { resolve: resolvePublic, request: requestFrom, blockedHosts }),
);
