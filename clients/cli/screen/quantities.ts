/** Dollars with as many decimals as the amount needs to be seen: `$0.0042`, `$1.50`. */
export function showUsd(usd: number): string {
  if (usd === 0) return '$0';
  const decimals = Math.abs(usd) >= 1 ? 2 : Math.abs(usd) >= 0.01 ? 4 : 6;
  return `$${usd.toFixed(decimals).replace(/(\.\d\d\d*?)0+$/, '$1')}`;
}

/** A duration as a person says it: `41 ms`, `3.2 s`, `2 min 5 s`, `23 h 59 min`. */
export function showDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** The time between two ISO times; undefined while either is missing. */
export function between(from: string | null, to: string | null): number | undefined {
  return from === null || to === null ? undefined : Date.parse(to) - Date.parse(from);
}

/** Bytes as a person says them: `312 B`, `2.1 KB`. */
export function showSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(1)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

/** The time of day where the person is. */
export const showClock = (iso: string): string =>
  new Date(iso).toLocaleTimeString('en-GB', { hour12: false });
