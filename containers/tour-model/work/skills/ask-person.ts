import { lastCall, stringIn } from '../conversation.ts';
import { callTool, whatBecame, type Skill } from './skill.ts';

/** Asks a person the question that the words name. */
export const askPerson: Skill = {
  can: 'ask a person a question (`Ask …: …`)',
  next(conversation) {
    const order = /^\s*(?:please\s+)?ask\s+(.+)$/isu.exec(conversation.words)?.[1];
    if (!order) return undefined;
    const question = readQuestion(order);
    const done = lastCall(conversation, 'ask_person');
    if (!done) return callTool(conversation, 'ask_person', { question }, 'I ask a person.');
    if (done.observation.status !== 'done')
      return { say: `The question ${whatBecame(done.observation)}.` };
    const answer = stringIn(done.observation.output, 'answer', 'text', 'comment') ?? '';
    return { say: answer ? `The answer is: ${answer}` : 'The answer was empty.' };
  },
};

function readQuestion(order: string): string {
  const question =
    /:\s*(.+)$/su.exec(order)?.[1] ?? order.replace(/^(?:me|us|(?:a|the|some)\s*\w+)\s+/iu, '');
  const trimmed = question.trim().replace(/^["“'](.+)["”']$/su, '$1');
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}
