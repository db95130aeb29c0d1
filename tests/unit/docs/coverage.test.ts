import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Row {
  readonly id: number;
  readonly status: 'proved' | 'built' | 'replaced' | 'open';
  readonly tests?: readonly string[];
  readonly why?: string;
  readonly adr?: string;
}

const rows = JSON.parse(readFileSync('docs/coverage.json', 'utf8')) as Row[];
const SEED_ROWS = '../shared/design/seed-rows.json';

describe('docs/coverage.json', () => {
  it('has every promise of the seeds once', () => {
    const wanted = existsSync(SEED_ROWS)
      ? (JSON.parse(readFileSync(SEED_ROWS, 'utf8')) as { id: number }[]).map(({ id }) => id)
      : Array.from({ length: 184 }, (_, i) => i + 1);
    expect(rows.map(({ id }) => id)).toEqual(wanted);
  });

  it('names a test that exists for whatever is proved', () => {
    const missing = rows
      .filter(({ status }) => status === 'proved')
      .flatMap(({ id, tests = [] }) => {
        if (tests.length === 0) return [`${id}: no test is named`];
        return tests.filter((name) => !exists(name)).map((name) => `${id}: ${name}`);
      });
    expect(missing).toEqual([]);
  });

  it('gives a reason for whatever is built and not proved, and the decision for whatever is replaced', () => {
    for (const { id, status, why, adr } of rows) {
      if (status === 'built') expect([id, Boolean(why)]).toEqual([id, true]);
      if (status === 'replaced')
        expect([id, adr !== undefined && existsSync(adr)]).toEqual([id, true]);
    }
  });
});

/** A test is named by its file and its sentence. */
function exists(name: string): boolean {
  const [file = '', sentence = ''] = name.split(/: (.*)/s);
  return existsSync(file) && readFileSync(file, 'utf8').includes(`'${sentence}'`);
}
