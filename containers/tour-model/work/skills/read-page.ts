import { lastCall, stringIn } from '../conversation.ts';
import { callTool, whatBecame, type Skill } from './skill.ts';

const SENTENCES = 3;

/** Fetches a page and gives back its first sentences. */
export const readPage: Skill = {
  can: 'fetch a web address and give back its first sentences',
  next(conversation) {
    const url = /\bhttps?:\/\/[^\s<>"'`]+/iu
      .exec(conversation.words)?.[0]
      .replace(/[.,;:!?)\]]+$/u, '');
    const asked = /\b(?:fetch|read|open|get|visit|summari[sz]e|sum up|what)\b/iu.test(
      conversation.words,
    );
    if (!url || !asked) return undefined;
    const done = lastCall(conversation, 'fetch_url');
    if (!done) return callTool(conversation, 'fetch_url', { url }, `I fetch ${url}.`);
    if (done.observation.status !== 'done')
      return { say: `Fetching ${url} ${whatBecame(done.observation)}.` };
    const text = stringIn(done.observation.output, 'text', 'body', 'content') ?? '';
    const first = firstSentences(text, SENTENCES);
    return { say: first ? `${url} begins: ${first}` : `${url} holds no text that I can read.` };
  },
};

/** The first sentences of a text; marks and scripts of a web page are left out. */
function firstSentences(text: string, most: number): string {
  const plain = text
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1\s*>/giu, ' ')
    .replace(/<[^>]{0,2000}>/gu, ' ')
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/gu, (_match, name: string) => ENTITIES[name] ?? ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const sentences = plain.match(/[^.!?]+(?:[.!?]+(?=\s|$)|[.!?]+|$)/gu) ?? [];
  return joined(sentences).slice(0, most).join(' ').slice(0, 1000);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
};

/** Puts together what a dot inside a word or number cut apart. */
function joined(pieces: readonly string[]): string[] {
  const whole: string[] = [];
  for (const piece of pieces) {
    const before = whole.at(-1);
    if (before !== undefined && !/^\s/u.test(piece)) whole[whole.length - 1] = before + piece;
    else whole.push(piece);
  }
  return whole.map((sentence) => sentence.trim()).filter(Boolean);
}
