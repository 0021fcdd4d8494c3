/** How long ago, for example `12 s ago`, `5 min ago`, `3 h ago`, `9 days ago`. */
export function ago(then: Date, now: Date): string {
  return `${span(now.getTime() - then.getTime())} ago`;
}

/** Days until then, for example `230 days`. */
export function days(then: Date, now: Date): string {
  return span(then.getTime() - now.getTime());
}

/** A size in bytes in readable form, for example `20.4 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

const units = [
  { name: "days", from: 172_800, of: 86_400 },
  { name: "h", from: 7200, of: 3600 },
  { name: "min", from: 120, of: 60 },
  { name: "s", from: 0, of: 1 },
];

function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const unit = units.find(({ from }) => seconds >= from)!;
  return `${Math.floor(seconds / unit.of)} ${unit.name}`;
}
