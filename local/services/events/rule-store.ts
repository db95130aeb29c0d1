import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { compileEventPattern, type EventPattern } from './pattern/event-pattern.ts';
import type { Target } from './target.ts';
import { DEFAULT_BUS } from './bus-store.ts';

/** A rule as it is declared. */
export interface RuleSettings {
  readonly name: string;
  readonly bus: string;
  readonly description?: string;
  /** JSON text. */
  readonly pattern?: string;
  readonly schedule?: string;
  readonly enabled: boolean;
  readonly targets: readonly Target[];
}

export interface Rule extends RuleSettings {
  readonly arn: string;
  /** Undefined for a rule that only has a schedule. */
  readonly matches: EventPattern | undefined;
}

/** The rules, by ARN. */
export class RuleStore {
  readonly #cloud: Cloud;
  #rules: ReadonlyMap<string, Rule> | undefined;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS events_rules (
      arn TEXT PRIMARY KEY, settings TEXT NOT NULL)`);
  }

  declare(settings: RuleSettings): string {
    const arn = this.arn(settings.bus, settings.name);
    this.#cloud.database.run(
      'INSERT INTO events_rules VALUES (?, ?) ON CONFLICT (arn) DO UPDATE SET settings = excluded.settings',
      arn,
      JSON.stringify(settings),
    );
    this.#rules = undefined;
    return arn;
  }

  remove(arn: string): void {
    this.#cloud.database.run('DELETE FROM events_rules WHERE arn = ?', arn);
    this.#rules = undefined;
  }

  find(arn: string): Rule | undefined {
    return this.#all().get(arn);
  }

  /** @throws AwsError ResourceNotFoundException */
  named(bus: string, name: string): Rule {
    const rule = this.find(this.arn(bus, name));
    if (rule) return rule;
    throw new AwsError(
      'ResourceNotFoundException',
      `Rule ${name} does not exist on EventBus ${bus}.`,
    );
  }

  /** The rules of a bus, by name. */
  onBus(bus: string): Rule[] {
    return [...this.#all().values()].filter((rule) => rule.bus === bus);
  }

  arn(bus: string, name: string): string {
    return this.#cloud.arn('events', bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);
  }

  #all(): ReadonlyMap<string, Rule> {
    this.#rules ??= new Map(
      this.#cloud.database
        .all<{ arn: string; settings: string }>('SELECT * FROM events_rules ORDER BY arn')
        .map(({ arn, settings }) => [arn, ruleOf(arn, JSON.parse(settings) as RuleSettings)]),
    );
    return this.#rules;
  }
}

const ruleOf = (arn: string, settings: RuleSettings): Rule => ({
  ...settings,
  arn,
  matches: settings.pattern === undefined ? undefined : compileEventPattern(settings.pattern),
});
