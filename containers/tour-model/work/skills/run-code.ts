import { asRecord, lastCall, stringIn, type Observation } from '../conversation.ts';
import { callTool, whatBecame, type Skill } from './skill.ts';

const LANGUAGES: Readonly<Record<string, 'python' | 'javascript' | 'bash'>> = {
  python: 'python',
  python3: 'python',
  py: 'python',
  javascript: 'javascript',
  js: 'javascript',
  node: 'javascript',
  bash: 'bash',
  sh: 'bash',
  shell: 'bash',
};
const NAMES = Object.keys(LANGUAGES).join('|');

/** Modules of Python's library that people write without importing them. */
const MODULES = ['os', 'sys', 'json', 'math', 're', 'shutil', 'subprocess', 'datetime', 'random'];

interface Program {
  readonly language: 'python' | 'javascript' | 'bash';
  readonly code: string;
}

/** Runs code that the words hand over, as it stands. */
export const runCode: Skill = {
  can: 'run code that you hand me (`Execute: …`), in Python, JavaScript or bash',
  next(conversation) {
    const program = readProgram(conversation.words);
    if (!program) return undefined;
    const done = lastCall(conversation, 'run_code');
    if (done) return { say: tell(done.observation) };
    return callTool(
      conversation,
      'run_code',
      { ...program },
      `I run the ${program.language} code.`,
    );
  },
};

/** The code in the words and its language, or undefined when they hand over none. */
export function readProgram(words: string): Program | undefined {
  const order = /^\s*(?:please\s+)?(?:execute|run)\b/iu.exec(words);
  if (!order) return undefined;
  const fence = /```([a-z0-9]*)[ \t]*\r?\n([\s\S]*?)```/iu.exec(words);
  if (fence) return asProgram(fence[2] ?? '', LANGUAGES[(fence[1] ?? '').toLowerCase()]);
  const rest = words.slice(order[0].length);
  const lead = new RegExp(
    `^(?:\\s+(?:this|the|following|some|code|program|script|command|in|${NAMES}))*\\s*:\\s*`,
    'iu',
  ).exec(rest);
  const ticked = /`([^`]+)`/u.exec(rest);
  const named = new RegExp(`\\b(${NAMES})\\b`, 'iu').exec(lead?.[0] ?? '')?.[1];
  const language = named ? LANGUAGES[named.toLowerCase()] : undefined;
  if (lead) return asProgram(unticked(rest.slice(lead[0].length)), language);
  return ticked ? asProgram(ticked[1] ?? '', language) : undefined;
}

const unticked = (code: string): string => /^`([^`]+)`$/u.exec(code.trim())?.[1] ?? code;

function asProgram(code: string, language = guessLanguage(code)): Program | undefined {
  if (code.trim() === '') return undefined;
  return { language, code: language === 'python' ? withImports(code) : code };
}

function guessLanguage(code: string): Program['language'] {
  if (/\bconsole\.|\b(?:const|let|var)\s+\w+\s*=|=>|\brequire\(|\bprocess\./u.test(code))
    return 'javascript';
  const called = new RegExp(`(?:^|[^\\w./-])(?:${MODULES.join('|')})\\.\\w+`, 'u');
  if (called.test(code)) return 'python';
  return /^\s*(?:import|from|def|for|while|if|with|print)\b.*(?::\s*$|\(|\bimport\b|^\s*import\b)/mu.test(
    code,
  )
    ? 'python'
    : 'bash';
}

/** Puts the imports before the code that it uses and does not make; the code itself stays as it is. */
function withImports(code: string): string {
  const missing = MODULES.filter(
    (name) =>
      new RegExp(`(?:^|[^\\w.])${name}\\.\\w`, 'mu').test(code) &&
      !new RegExp(`^\\s*(?:import|from)\\b.*\\b${name}\\b`, 'mu').test(code),
  );
  return [...missing.map((name) => `import ${name}\n`), code].join('');
}

function tell(observation: Observation): string {
  const { status, output } = observation;
  if (status === 'denied' || status === 'refused') return 'Action blocked by policy';
  if (status !== 'done') return `The code ${whatBecame(observation)}.`;
  const { exit_code: exitCode, artifacts } = asRecord(output);
  const code = typeof exitCode === 'number' ? `exit code ${exitCode}` : 'no exit code';
  const parts = [`The code ended with ${code}.`];
  for (const [label, name] of [
    ['It printed:', 'stdout'],
    ['It complained:', 'stderr'],
  ] as const) {
    const text = stringIn(output, name)?.trimEnd();
    if (text) parts.push(`${label}\n${text}`);
  }
  if (Array.isArray(artifacts) && artifacts.length > 0)
    parts.push(`It left: ${artifacts.join(', ')}`);
  return parts.join('\n');
}
