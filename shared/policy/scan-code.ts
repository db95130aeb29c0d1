import type { RiskFinding } from './risk.ts';

/** What makes a piece of code dangerous wherever it runs; matched on code without quotes. */
const DANGERS: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'deletes recursively from the root or home folder',
    pattern:
      /\brm\s+(?:-{1,2}[\w-]+\s+)*-{0,2}[\w-]*(?:r|R|recursive)[\w-]*\s+(?:-{1,2}[\w-]+\s+)*(?:\/|~|\$HOME|\*|\.\.)/,
  },
  {
    what: 'deletes a whole tree',
    pattern: /\bshutil\.rmtree\s*\(\s*(?:\/|~|os\.path\.expanduser)/,
  },
  { what: 'formats a file system', pattern: /\bmkfs(?:\.\w+)?\b|\bwipefs\b/ },
  {
    what: 'writes to a raw device',
    pattern: /\bdd\b[^\n;|]*\bof=\/dev\/|>\s*\/dev\/(?:sd|hd|nvme|vd|mem)/,
  },
  { what: 'is a fork bomb', pattern: /:\s*\(\s*\)\s*\{[^}]*:\s*\|\s*:[^}]*\}/ },
  {
    what: 'stops or restarts the machine',
    pattern: /\b(?:shutdown|reboot|halt|poweroff|init\s+[06])\b/,
  },
  {
    what: 'runs what it downloads',
    pattern:
      /\b(?:curl|wget)\b[^\n;]*\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|\beval\b[^\n;]*\b(?:curl|wget)\b/,
  },
  {
    what: 'opens the permissions of the root folder',
    pattern: /\bchmod\s+(?:-\w+\s+)*0?777\s+\/|\bchown\s+-R\s+\S+\s+\//,
  },
  { what: 'deletes a database', pattern: /\bdrop\s+(?:database|schema)\b|\btruncate\s+table\b/i },
  {
    what: 'destroys cloud resources',
    pattern: /\bterraform\s+destroy\b|\baws\s+s3\s+r[bm]\b[^\n;]*--(?:force|recursive)/,
  },
  { what: 'reads credentials', pattern: /\/etc\/shadow\b|\.aws\/credentials\b|\.ssh\/id_\w+/ },
];

/**
 * Looks for destructive commands in code of any language: quotes and call syntax are taken off
 * first, so that `os.system('rm -rf /')` and `["rm", "-rf", "/"]` read as the command they run.
 */
export function scanCode(code: string): RiskFinding {
  const bare = code
    .replaceAll(/\\\r?\n/g, ' ')
    .replaceAll(/["'`]\s*,\s*["'`]/g, ' ')
    .replaceAll(/["'`]/g, '');
  const found = DANGERS.filter(({ pattern }) => pattern.test(bare) || pattern.test(code));
  if (found.length === 0) return { risk: 'medium', reasons: [] };
  return {
    risk: 'high',
    reasons: found.map(({ what }) => `DANGEROUS COMMAND DETECTED: the code ${what}`),
  };
}
