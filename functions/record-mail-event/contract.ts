import * as z from 'zod/mini';

export const Env = z.object({ TABLE_NAME: z.string(), DATA_ROLE_ARN: z.string() });
