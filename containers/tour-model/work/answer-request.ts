import { chunksOf } from './chunks.ts';
import { complete, MODEL } from './complete.ts';
import { parseJson } from './conversation.ts';
import { CompletionRequest, WireError } from './wire.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json';

/** Answers one HTTP request to the model, errors in OpenAI's shape. */
export function answerRequest(
  method: string,
  path: string,
  body: string,
  nowSeconds: number,
): Answer {
  try {
    if (method === 'GET' && path === '/v1/models')
      return asJson(200, { object: 'list', data: [modelCard()] });
    if (method === 'GET' && path === `/v1/models/${MODEL}`) return asJson(200, modelCard());
    if (method === 'POST' && path === '/v1/chat/completions')
      return answerCompletion(body, nowSeconds);
    throw new WireError(404, `There is no ${method} ${path}.`, null, 'not_found');
  } catch (error) {
    if (error instanceof WireError) return asJson(error.status, error.body);
    throw error;
  }
}

function answerCompletion(body: string, nowSeconds: number): Answer {
  const json = parseJson(body);
  if (json === undefined) throw new WireError(400, 'The body is not valid JSON.', null);
  const request = CompletionRequest.safeParse(json);
  if (!request.success) {
    const [issue] = request.error.issues;
    throw new WireError(400, issue?.message ?? 'Invalid request.', issue?.path.join('.') || null);
  }
  if (request.data.model !== MODEL)
    throw new WireError(
      404,
      `The model ${request.data.model} does not exist here; there is ${MODEL}.`,
      'model',
      'model_not_found',
    );
  const completion = complete(request.data, nowSeconds);
  if (request.data.stream !== true) return asJson(200, completion);
  const chunks = chunksOf(completion, request.data.stream_options?.include_usage === true);
  const events = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'];
  return {
    status: 200,
    contentType: 'text/event-stream',
    body: events.map((event) => `data: ${event}\n\n`).join(''),
  };
}

const asJson = (status: number, value: unknown): Answer => ({
  status,
  contentType: JSON_TYPE,
  body: JSON.stringify(value),
});

const modelCard = () => ({ id: MODEL, object: 'model', created: 0, owned_by: 'mirai' });
