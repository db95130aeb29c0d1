/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `note`: good to know, nothing to repair. */
  readonly standing: 'good' | 'bad' | 'note';
  /** What was found, in a sentence. */
  readonly detail: string;
  /** The one command that repairs it. */
  readonly repair?: string;
}

export const good = (name: string, detail: string): Finding => ({ name, standing: 'good', detail });
export const note = (name: string, detail: string): Finding => ({ name, standing: 'note', detail });
export const bad = (name: string, detail: string, repair: string): Finding => ({
  name,
  standing: 'bad',
  detail,
  repair,
});
