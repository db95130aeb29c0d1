const LOOK_EVERY_MS = 1000;
const LOOK_MS = 5000;

/**
 * Looks each second whether the object that cancels a job exists.
 *
 * @returns stops looking
 */
export function watchCancel(url: string | undefined, onCancel: () => void): () => void {
  if (url === undefined) return () => undefined;
  const stop = new AbortController();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void exists(url, stop.signal).then((isThere) => {
      isLooking = false;
      if (isThere && !stop.signal.aborted) onCancel();
    });
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    stop.abort();
  };
}

async function exists(url: string, outer: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(LOOK_MS)]);
    const response = await fetch(url, { signal, redirect: 'error' });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
