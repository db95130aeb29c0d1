import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { answerRequest } from '#containers/tour-model/work/answer-request.ts';
import { countTokens } from '#containers/tour-model/work/tokens.ts';

const tools = [
  {
    type: 'function' as const,
    function: { name: 'run_code', parameters: { type: 'object', properties: {} } },
  },
];
const request = {
  model: 'mirai-tour',
  messages: [{ role: 'user' as const, content: 'Run: print("één")' }],
  tools,
};

describe('the model on the wire', () => {
  let model: ChildProcess;
  let client: OpenAI;

  beforeAll(async () => {
    const program = new URL('../../../containers/tour-model/main.ts', import.meta.url).pathname;
    model = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(model.stdout!), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
  });

  afterAll(async () => {
    const exit = once(model, 'exit');
    model.stdin!.end();
    expect(await exit).toEqual([0, null]);
  });

  it('is listed', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['mirai-tour']);
  });

  it('answers the openai client with a tool call, usage and a reason', async () => {
    const completion = await client.chat.completions.create(request);
    const [choice] = completion.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    const [call] = choice?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: 'function', function: { name: 'run_code' } });
    expect(completion.usage?.total_tokens).toBe(
      (completion.usage?.prompt_tokens ?? 0) + (completion.usage?.completion_tokens ?? 0),
    );
    expect((await client.chat.completions.create(request)).choices).toEqual(completion.choices);
  });

  it('streams the same answer', async () => {
    const whole = await client.chat.completions.create(request);
    const stream = client.chat.completions.stream({
      ...request,
      stream_options: { include_usage: true },
    });
    const streamed = await stream.finalChatCompletion();
    expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      id: whole.choices[0]?.message.tool_calls?.[0]?.id,
      function: { arguments: '{"language":"python","code":"print(\\"één\\")"}' },
    });
    expect(streamed.usage).toEqual(whole.usage);
  });

  it('refuses another model as OpenAI does', async () => {
    const refused = client.chat.completions.create({ ...request, model: 'gpt-none' });
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('an answer', () => {
  const ask = (body: unknown) => {
    const answer = answerRequest('POST', '/v1/chat/completions', JSON.stringify(body), 7);
    return { status: answer.status, body: JSON.parse(answer.body) };
  };

  it('ends at the limit of tokens', () => {
    const { body } = ask({
      ...request,
      messages: [{ role: 'user', content: 'Sing' }],
      max_tokens: 12,
    });
    expect(body.choices[0].finish_reason).toBe('length');
    expect(countTokens(body.choices[0].message.content)).toBeLessThanOrEqual(12);
  });

  it('says that a tool is not offered', () => {
    const { body } = ask({ ...request, tools: [] });
    expect(body.choices[0].message.content).toContain('the tool run_code, and it is not offered');
  });

  it.each([
    [{ ...request, messages: [] }, 'messages'],
    [{ ...request, n: 2 }, 'n'],
    [{ ...request, tool_choice: 'required' }, 'tool_choice'],
    [{ ...request, response_format: { type: 'json_object' } }, 'response_format'],
  ])('refuses what it does not serve, naming %#', (body, param) => {
    expect(ask(body)).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', param } },
    });
  });

  it('refuses what is not JSON, and paths that are not there', () => {
    expect(answerRequest('POST', '/v1/chat/completions', '{', 0).status).toBe(400);
    expect(answerRequest('GET', '/v1/nothing', '', 0).status).toBe(404);
  });
});
