import { asRecord, lastCall, type Conversation, type KnownFile } from '../conversation.ts';
import { callTool, whatBecame, type Skill } from './skill.ts';

/** Says which files there are. */
export const listFiles: Skill = {
  can: 'list the files of the task',
  next(conversation) {
    const asked = /\b(?:list|show|which|what)\b[^.?!]{0,40}\b(?:files?|artifacts?)\b/iu.test(
      conversation.words,
    );
    if (!asked) return undefined;
    const done = lastCall(conversation, 'list_artifacts');
    if (!done) return callTool(conversation, 'list_artifacts', {}, 'I look which files there are.');
    if (done.observation.status !== 'done')
      return { say: `Listing the files ${whatBecame(done.observation)}.` };
    const files = filesIn(done.observation.output);
    if (files.length === 0) return { say: 'There are no files.' };
    const lines = files.map(({ name, mediaType }) => `- ${name}${mediaType && ` (${mediaType})`}`);
    return {
      say: `There ${files.length === 1 ? 'is 1 file' : `are ${files.length} files`}:\n${lines.join('\n')}`,
    };
  },
};

/** The files that `list_artifacts` gave back. */
function filesIn(output: unknown): KnownFile[] {
  const list: unknown = Array.isArray(output)
    ? output
    : Object.values(asRecord(output)).find(Array.isArray);
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((item) => {
    const { name, media_type: mediaType } =
      typeof item === 'string' ? { name: item } : asRecord(item);
    if (typeof name !== 'string') return [];
    return [{ name, mediaType: typeof mediaType === 'string' ? mediaType : '' }];
  });
}

/** The files of the task: as the instructions list them, else as `list_artifacts` gave them back. */
export function knownFiles(conversation: Conversation): readonly KnownFile[] | undefined {
  if (conversation.files.length > 0) return conversation.files;
  const listed = lastCall(conversation, 'list_artifacts');
  return listed && filesIn(listed.observation.output);
}
