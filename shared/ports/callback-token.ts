/** An open callback token of a run: who waits, for what. */
export interface OpenWait {
  readonly turn: number;
  readonly index: number;
  readonly kind: 'approval' | 'sandbox';
  readonly approvalId: string | null;
  /** Encrypted; bound to tenant and run. */
  readonly sealedToken: string;
}

/** Wakes states that wait for a callback. */
export interface Callbacks {
  /** @returns false when nobody waits for the token any more */
  succeed(sealedToken: string, tenant: string, runId: string, output: unknown): Promise<boolean>;
  fail(
    sealedToken: string,
    tenant: string,
    runId: string,
    code: string,
    cause: string,
  ): Promise<boolean>;
}

/** Encrypts callback tokens before they are stored. */
export interface TokenSeal {
  seal(token: string, tenant: string, runId: string): Promise<string>;
}
