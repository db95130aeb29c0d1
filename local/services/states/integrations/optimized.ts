import { isObject, type Json, type JsonObject } from '#local/workflow/json.ts';
import { asText, TaskFailure, type Integration } from './integration.ts';
import { largeMembers, smallMembers } from './member-case.ts';

const LAMBDA_EXCEPTIONS = new Set([
  'TooManyRequestsException',
  'ServiceException',
  'ResourceNotFoundException',
  'ResourceConflictException',
  'ResourceNotReadyException',
  'InvalidParameterValueException',
  'InvalidRequestContentException',
  'RequestTooLargeException',
  'UnsupportedMediaTypeException',
]);

const sameInput = (parameters: JsonObject): JsonObject => parameters;
const sameOutput = (answer: JsonObject): Json => answer;

const dynamodb = (action: string): Integration => ({
  service: 'dynamodb',
  errorPrefix: 'DynamoDB',
  errors: { sdk: 1, service: 'AmazonDynamoDBv2', general: 'AmazonDynamoDBException' },
  action,
  input: sameInput,
  output: sameOutput,
});

/** The service integrations that AWS gives a form of their own and that are served, by `service:action`. */
export const OPTIMIZED: Readonly<Record<string, Integration>> = {
  'lambda:invoke': {
    service: 'lambda',
    errorPrefix: 'Lambda',
    errors: {
      sdk: 1,
      service: 'AWSLambda',
      general: 'AWSLambdaException',
      modeled: LAMBDA_EXCEPTIONS,
    },
    action: 'Invoke',
    input: (parameters) => ({
      ...parameters,
      ...(parameters['Payload'] === undefined
        ? {}
        : { Payload: JSON.stringify(parameters['Payload']) }),
    }),
    output: (answer) => ({
      ...functionResult(answer),
    }),
  },
  'sqs:sendMessage': {
    service: 'sqs',
    errorPrefix: 'SQS',
    errors: { sdk: 1, service: 'AmazonSQS', general: 'AmazonSQSException' },
    action: 'SendMessage',
    input: (parameters) => ({
      ...parameters,
      ...(parameters['MessageBody'] === undefined
        ? {}
        : { MessageBody: asText(parameters['MessageBody']) }),
    }),
    output: sameOutput,
  },
  'events:putEvents': {
    service: 'events',
    errorPrefix: 'EventBridge',
    errors: { sdk: 1, service: 'AmazonEventBridge', general: 'AmazonEventBridgeException' },
    action: 'PutEvents',
    input: (parameters, { facts }) => ({
      ...parameters,
      Entries: entriesOf(parameters['Entries'], [facts.executionArn, facts.stateMachineArn]),
    }),
    output(answer) {
      if (answer['FailedEntryCount'] === 0) return answer;
      throw new TaskFailure('EventBridge.FailedEntry', JSON.stringify(answer));
    },
  },
  'dynamodb:getItem': dynamodb('GetItem'),
  'dynamodb:putItem': dynamodb('PutItem'),
  'dynamodb:updateItem': dynamodb('UpdateItem'),
  'dynamodb:deleteItem': dynamodb('DeleteItem'),
  'states:startExecution': {
    service: 'states',
    errorPrefix: 'StepFunctions',
    errors: { sdk: 1, service: 'AWSStepFunctions', general: 'AWSStepFunctionsException' },
    action: 'StartExecution',
    input(parameters) {
      const { Input, ...rest } = parameters;
      return {
        ...(smallMembers(rest) as JsonObject),
        ...(Input === undefined ? {} : { input: asText(Input) }),
      };
    },
    output: (answer) => inMilliseconds(largeMembers(answer) as JsonObject),
  },
  'ecs:runTask': {
    service: 'ecs',
    errorPrefix: 'ECS',
    errors: { sdk: 1, service: 'AmazonECS', general: 'AmazonECSException' },
    action: 'RunTask',
    input: (parameters) => smallMembers(parameters) as JsonObject,
    output(answer) {
      const result = largeMembers(answer) as JsonObject;
      const failures = result['Failures'];
      if (!Array.isArray(failures) || failures.length === 0) return result;
      throw new TaskFailure('AmazonECS.Unknown', JSON.stringify(result));
    },
  },
};

/** The variants of an integration that AWS has, such as `.sync`. */
export const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['waitForTaskToken'],
  'sqs:sendMessage': ['waitForTaskToken'],
  'events:putEvents': ['waitForTaskToken'],
  'states:startExecution': ['waitForTaskToken', 'sync', 'sync:2'],
  'ecs:runTask': ['waitForTaskToken', 'sync'],
};

/** A function's answer with its payload parsed. @throws TaskFailure when the function failed */
export function functionResult(answer: JsonObject): JsonObject {
  const text = answer['Payload'];
  const payload = typeof text === 'string' && text !== '' ? parsed(text) : {};
  if (answer['FunctionError'] !== undefined) {
    const type = isObject(payload) ? payload['errorType'] : undefined;
    throw new TaskFailure(
      typeof type === 'string' && type !== '' ? type : 'Lambda.Unknown',
      asText(text ?? null),
    );
  }
  return { ...answer, Payload: payload };
}

/** Dates as the Java SDK's answers carry them here: milliseconds since the epoch. */
function inMilliseconds(answer: JsonObject): JsonObject {
  const copy = { ...answer };
  for (const name of ['StartDate', 'StopDate']) {
    const seconds = copy[name];
    if (typeof seconds === 'number') copy[name] = Math.round(seconds * 1000);
  }
  return copy;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function entriesOf(entries: Json | undefined, resources: readonly string[]): Json {
  if (!Array.isArray(entries)) return entries ?? null;
  return entries.map((entry) => {
    if (!isObject(entry)) return entry;
    const own = Array.isArray(entry['Resources']) ? entry['Resources'] : [];
    return {
      ...entry,
      ...(entry['Detail'] === undefined ? {} : { Detail: asText(entry['Detail']) }),
      Resources: [...own, ...resources],
    };
  });
}
