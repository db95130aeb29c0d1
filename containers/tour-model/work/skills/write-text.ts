import { lastCall } from '../conversation.ts';
import { callTool, whatBecame, type Skill } from './skill.ts';

/** Writes a short text file whose words are handed over. */
export const writeText: Skill = {
  can: 'write a short text file (`Write a file NAME saying …`)',
  next(conversation) {
    const order =
      /^\s*(?:please\s+)?(?:write|create|make|save)\s+(?:a|an|the)?\s*(?:short\s+|small\s+)?(?:text\s+)?(?:file|note)\s+(?:called\s+|named\s+)?["“'`]?([^\s"”'`/\\:]{1,120})["”'`]?\s*(?:,?\s*(?:saying|that says|with(?: the)?(?: (?:text|words|content))?|containing|which says)\s*:?|:)\s*(.+)$/isu.exec(
        conversation.words,
      );
    if (!order) return undefined;
    const [, name = '', words = ''] = order;
    const content = `${words.trim().replace(/^["“'`](.+)["”'`]$/su, '$1')}\n`;
    const done = lastCall(conversation, 'write_artifact');
    if (!done)
      return callTool(conversation, 'write_artifact', { name, content }, `I write ${name}.`);
    if (done.observation.status !== 'done')
      return { say: `Writing ${name} ${whatBecame(done.observation)}.` };
    return { say: `I wrote ${name}.` };
  },
};
