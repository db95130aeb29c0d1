import type { PolicyBook } from '#local/iam/policy-book.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { dynamodbService } from './dynamodb/dynamodb.ts';
import { ecsService } from './ecs/ecs.ts';
import { eventsService } from './events/events.ts';
import { apiGatewayService } from './execute-api/execute-api.ts';
import { iamService } from './iam/iam.ts';
import { kmsService } from './kms/kms.ts';
import { lambdaService } from './lambda/lambda.ts';
import { logsService } from './logs/logs.ts';
import { s3Service } from './s3/s3.ts';
import { secretsManagerService } from './secretsmanager/secretsmanager.ts';
import { sesService } from './ses/ses.ts';
import { sqsService } from './sqs/sqs.ts';
import { statesService } from './states/states.ts';
import { stsService } from './sts/sts.ts';

/**
 * Every service of the local cloud, in the order in which they start: who delivers comes after who
 * receives. They stop the other way round.
 */
export const makeServices = (cloud: Cloud, book: PolicyBook): readonly Service[] => [
  iamService(book),
  stsService(cloud, book),
  logsService(cloud),
  kmsService(cloud),
  secretsManagerService(cloud),
  dynamodbService(cloud),
  s3Service(cloud),
  sqsService(cloud),
  eventsService(cloud),
  sesService(cloud),
  ecsService(cloud),
  lambdaService(cloud),
  statesService(cloud),
  apiGatewayService(cloud),
];
