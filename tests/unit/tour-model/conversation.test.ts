import { describe, expect, it } from '@jest/globals';
import { readConversation } from '#containers/tour-model/work/conversation.ts';
import { conversation, modelTools } from '#functions/choose-actions/conversation.ts';

describe('what the platform tells a model', () => {
  const file = {
    v: 1 as const,
    artifact_id: 'art_1',
    tenant: 'acme',
    task_id: 'task_1',
    name: 'open items (May).csv',
    media_type: 'text/csv',
    size: 12,
    sha256: '0'.repeat(64),
    key: 'k',
    created_at: '2026-01-02T03:04:05.000Z',
    made_by: 'input',
  };
  const messages = conversation(
    { words: 'Do it', files: [file], contacts: { finance: 'f@acme.example' }, today: '2026-01-02' },
    [
      {
        turn: 0,
        actions: [{ id: 'c1', tool: 'send_email', input: { to: ['a@b.example'] } }],
        answer: null,
        model: 'm',
        tokens: { input: 1, output: 1 },
        cost_micros: 0,
      },
    ],
    () => JSON.stringify({ status: 'refused', reason: 'not today' }),
  );

  it('is understood: words, contacts, files, tools and what came of earlier calls', () => {
    const wire = messages.map((message) => {
      if (message.role === 'tool')
        return { role: 'tool' as const, tool_call_id: message.callId, content: message.content };
      if (message.role !== 'assistant') return message;
      const calls = message.calls.map(({ id, tool, input }) => ({
        id,
        type: 'function' as const,
        function: { name: tool, arguments: JSON.stringify(input) },
      }));
      return { role: 'assistant' as const, content: message.content, tool_calls: calls };
    });
    const tools = modelTools().map((tool) => ({
      type: 'function' as const,
      function: { name: tool.name },
    }));
    const read = readConversation({ model: 'mirai-tour', messages: wire, tools });
    expect(read.words).toBe('Do it');
    expect([...read.contacts]).toEqual([['finance', 'f@acme.example']]);
    expect(read.files).toEqual([{ name: 'open items (May).csv', mediaType: 'text/csv' }]);
    expect(read.tools.has('run_code')).toBe(true);
    expect(read.past).toEqual([
      {
        tool: 'send_email',
        input: { to: ['a@b.example'] },
        observation: { status: 'refused', output: null, reason: 'not today' },
      },
    ]);
  });
});
