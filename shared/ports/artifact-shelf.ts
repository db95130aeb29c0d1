import type { Artifact } from '../domain/artifact/artifact.ts';

/** The artifacts of one task: immutable bodies under names. */
export interface ArtifactShelf {
  list(): Promise<readonly Artifact[]>;
  find(name: string): Promise<Artifact | undefined>;
  /** @returns the body; its digest is that of the artifact */
  read(artifact: Artifact): Promise<Uint8Array>;
  /**
   * Keeps a body under a name. The same name and body again is the same artifact; another body takes
   * the name over, and the earlier artifact stays readable by its id.
   */
  write(file: {
    readonly name: string;
    readonly mediaType: string;
    readonly body: Uint8Array;
    readonly madeBy: string;
  }): Promise<Artifact>;
}
