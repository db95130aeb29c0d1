import type { PolicyDocument, PolicyRule } from './policy-document.ts';
import { higherRisk, type Risk, type RiskFinding } from './risk.ts';

/** What a rule may look at. */
export interface PolicyFacts {
  readonly tool: string;
  readonly policyNames: readonly string[];
  readonly effect: 'none' | 'reads' | 'writes' | 'external';
  readonly runsIn: 'function' | 'sandbox' | 'person';
  readonly input: unknown;
  readonly destination: string | null;
  readonly finding: RiskFinding;
}

export interface PolicyVerdict {
  readonly verdict: 'allow' | 'ask' | 'deny';
  readonly risk: Risk;
  readonly reasons: readonly string[];
  /** Names of the rules that spoke. */
  readonly rules: readonly string[];
  /** The tightest `timeout` of the rules that spoke, in seconds. */
  readonly timeoutSeconds: number | null;
}

interface CompiledRule {
  readonly rule: PolicyRule;
  readonly blacklist: readonly { readonly glob: string; readonly pattern: RegExp }[];
}

/** A policy made ready for judging: rules by exact action name, and those with a glob. */
export interface CompiledPolicy {
  readonly byName: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly byGlob: readonly { readonly pattern: RegExp; readonly rule: CompiledRule }[];
}

export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  const byName = new Map<string, CompiledRule[]>();
  const byGlob: { pattern: RegExp; rule: CompiledRule }[] = [];
  for (const rule of document.rules) {
    const blacklist = (rule.blacklist ?? []).map((glob) => ({ glob, pattern: globPattern(glob) }));
    const compiled = { rule, blacklist };
    if (rule.action.includes('*'))
      byGlob.push({ pattern: globPattern(rule.action), rule: compiled });
    else byName.set(rule.action, [...(byName.get(rule.action) ?? []), compiled]);
  }
  return { byName, byGlob };
}

/**
 * Judges one call: deny before ask before allow over all rules that speak of it. Where no rule
 * speaks, a call with an external effect asks and any other may. High risk always asks.
 */
export function judge(policy: CompiledPolicy, facts: PolicyFacts): PolicyVerdict {
  const rules = matching(policy, facts);
  const denials = rules.flatMap((rule) => denialsOf(rule, facts));
  const asks = rules
    .filter(({ rule }) => rule.requires_approval === true)
    .map(({ rule }) => `rule ${rule.name} requires approval`);
  let risk = rules.reduce<Risk>(
    (highest, { rule }) => higherRisk(highest, rule.risk_level ?? 'low'),
    facts.finding.risk,
  );
  if (facts.effect === 'external' && rules.length === 0) {
    risk = higherRisk(risk, 'medium');
    asks.push('no rule speaks of this action, and it reaches the world outside');
  }
  if (facts.finding.risk === 'high') asks.push(...facts.finding.reasons);
  const timeouts = rules.flatMap(({ rule }) => rule.timeout ?? []);
  return {
    verdict: denials.length > 0 ? 'deny' : asks.length > 0 ? 'ask' : 'allow',
    risk,
    reasons: denials.length > 0 ? denials : asks.length > 0 ? asks : allowReasons(rules),
    rules: rules.map(({ rule }) => rule.name),
    timeoutSeconds: timeouts.length > 0 ? Math.min(...timeouts) : null,
  };
}

function matching(policy: CompiledPolicy, facts: PolicyFacts): CompiledRule[] {
  const names = [facts.tool, ...facts.policyNames];
  return [
    ...names.flatMap((name) => policy.byName.get(name) ?? []),
    ...policy.byGlob
      .filter(({ pattern }) => names.some((name) => pattern.test(name)))
      .map(({ rule }) => rule),
  ];
}

function denialsOf({ rule, blacklist }: CompiledRule, facts: PolicyFacts): string[] {
  const denials: string[] = [];
  if (rule.deny === true) denials.push(`rule ${rule.name} forbids it`);
  if (rule.sandbox === true && facts.runsIn !== 'sandbox') {
    denials.push(`rule ${rule.name} allows it in the sandbox only`);
  }
  if (blacklist.length > 0) {
    const subjects = [
      ...subjectsOf(facts.input),
      ...(facts.destination ? [facts.destination] : []),
    ];
    for (const { glob, pattern } of blacklist) {
      if (subjects.some((subject) => pattern.test(subject))) {
        denials.push(`rule ${rule.name} has ${glob} on its blacklist`);
      }
    }
  }
  return denials;
}

const allowReasons = (rules: readonly CompiledRule[]): string[] =>
  rules.length > 0
    ? rules.map(({ rule }) => `rule ${rule.name} allows it`)
    : ['no rule speaks of it, and it stays inside the run'];

/** Every string of the input, and the host of each URL and mail address among them, in lower case. */
function subjectsOf(input: unknown): string[] {
  if (typeof input === 'string') return [input.toLowerCase(), ...hostsOf(input)];
  if (input === null || typeof input !== 'object') return [];
  return Object.values(input).flatMap(subjectsOf);
}

function hostsOf(text: string): string[] {
  const hosts = [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi)].flatMap((match) => {
    try {
      return [new URL(match[0]).hostname.toLowerCase().replace(/\.$/, '')];
    } catch {
      return [];
    }
  });
  const domain = /^[^\s@]+@([^\s@]+)$/.exec(text)?.[1];
  return domain ? [...hosts, domain.toLowerCase()] : hosts;
}

/** A glob where `*` stands for anything; without backtracking beyond one pass a star. */
function globPattern(glob: string): RegExp {
  const parts = glob
    .toLowerCase()
    .split(/\*+/)
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*?')}$`);
}
