import { Logger } from '@aws-lambda-powertools/logger';

/** One line of JSON an event: level, message, function, trace id, tenant. Never contents or tokens. */
export const logger = new Logger({ serviceName: 'mirai' });
