/** Observations that are too large for the action itself, named by their digest. */
export interface ObservationStore {
  /** @param json the observation @param digest its SHA-256 */
  put(runId: string, digest: string, json: string): Promise<void>;
  get(runId: string, digest: string): Promise<string>;
}
