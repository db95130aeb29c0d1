import * as z from 'zod/mini';

export { Principal as Output } from '#shared/domain/principal/principal.ts';

export const Env = z.object({ TABLE_NAME: z.string(), DATA_ROLE_ARN: z.string() });
