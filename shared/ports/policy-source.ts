import type { CompiledPolicy } from '../policy/judge.ts';

/** A tenant's policy as it holds now, compiled. */
export interface CurrentPolicy {
  readonly version: number;
  readonly policy: CompiledPolicy;
}

export interface PolicySource {
  /**
   * @param version the version expected to hold; another one is read only when it is not at hand
   */
  version(version: number): Promise<CurrentPolicy>;
  /** Asks the store which version holds. */
  current(): Promise<CurrentPolicy>;
}
