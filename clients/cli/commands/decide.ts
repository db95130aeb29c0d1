import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, onlyId, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { plain } from '../screen/ink.ts';

/** Makes the commands that answer an approval. What was read is what is answered: its hash goes along. */
const decide = (name: string, answer: 'granted' | 'refused', summary: string): Command => ({
  name,
  takes: 'ID',
  summary,
  details: ['For a question, the comment is the answer.'],
  flags: {
    ...CALLER_FLAGS,
    comment: { type: 'string', value: 'TEXT', help: 'a remark for the record' },
  },
  async run(typed, terminal) {
    const client = openClient(terminal, typed, 'approver');
    const asked = await client.getApproval(onlyId(typed, 'approval id'));
    const comment = typed.text('comment');
    const decided = await client.decideApproval(asked.approval_id, {
      answer,
      call_hash: asked.call_hash,
      ...(comment !== undefined && { comment }),
    });
    if (terminal.json) terminal.print(decided);
    terminal.say(`${decided.approval_id}  ${decided.status}: ${plain(decided.preview.headline)}`);
    return EXIT.ok;
  },
});

export const approve = decide('approve', 'granted', 'grant an approval');
export const deny = decide('deny', 'refused', 'refuse an approval');
