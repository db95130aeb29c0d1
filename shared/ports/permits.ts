import type { Permit } from '../domain/permit/permit.ts';
import type { SignedPermit } from '../domain/run/run.ts';

/** Signs permits; only the judge has one. */
export interface PermitSigner {
  sign(permit: Permit): Promise<SignedPermit>;
}

/** Verifies permits without asking anybody but for the public key, once. */
export interface PermitVerifier {
  /** @returns the permit @throws AppError `permit.invalid` when the signature is not the judge's */
  verify(signed: SignedPermit): Promise<Permit>;
}
