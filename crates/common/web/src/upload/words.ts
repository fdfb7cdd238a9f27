/** Sizes, times and counts as people say them. */

const MB = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(bytes > 0 ? 1 : 0, Math.round(bytes / 1000))} kB`;
  if (bytes < 1_000_000_000) return `${MB.format(bytes / 1_000_000)} MB`;
  return `${MB.format(bytes / 1_000_000_000)} GB`;
}

export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds <= 0) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 90) return `${Math.round(seconds / 5) * 5} s left`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min left`;
  return `${MB.format(seconds / 3600)} h left`;
}

export const files = (count: number): string => (count === 1 ? "1 file" : `${count} files`);
