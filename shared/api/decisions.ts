import * as z from 'zod/mini';
import { DecisionRecord } from '../domain/decision/decision.ts';

export const DecisionList = z.object({
  items: z.array(DecisionRecord),
  next: z.nullable(z.string()),
});
