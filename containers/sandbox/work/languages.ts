import type { Language } from '../contract.ts';

/** How one language's code is started, by paths as the box sees them. */
export interface LanguageStart {
  /** Where the code is put, relative to `/workspace`. */
  readonly file: string;
  /** The interpreter and its options; the code's path and the job's arguments follow. */
  readonly command: readonly string[];
}

/**
 * The start of each language. `node` is a path inside the box, as only the caller knows where it is.
 *
 * Python ignores PYTHON* variables and the user's packages, writes through so that a job ended by
 * its clock has shown what it had to say, and finds modules beside the code. Bash reads no start-up file.
 */
export function languageStart(language: Language, node: string): LanguageStart {
  switch (language) {
    case 'python':
      return { file: 'main.py', command: ['/usr/bin/python3', '-E', '-s', '-B', '-u'] };
    case 'javascript':
      return { file: 'main.mjs', command: [node, '--no-warnings'] };
    case 'bash':
      return { file: 'main.sh', command: ['/bin/bash', '--noprofile', '--norc'] };
  }
}
