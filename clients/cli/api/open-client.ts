import type { Typed } from '../command.ts';
import type { Terminal } from '../screen/terminal.ts';
import { ApiClient } from './api-client.ts';
import { findConnection } from './connection.ts';

/**
 * A client with the key that the flags name.
 *
 * @param role whose key is taken when `--as` is not given
 * @throws NotRunning, UsageError
 */
export const openClient = (terminal: Terminal, typed: Typed, role = 'owner'): ApiClient =>
  new ApiClient(findConnection(terminal, typed, role));
