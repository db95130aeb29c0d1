import { randomBytes } from 'node:crypto';
import { makeId } from '#shared/domain/id/id.ts';
import type { Clock, IdSource } from '#shared/ports/clock.ts';

export const systemClock: Clock = () => Date.now();

export const randomIds: IdSource = (prefix) => makeId(prefix, Date.now(), randomBytes(10));
