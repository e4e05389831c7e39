/** `1,234,567` */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Four significant digits: `0.08123`, `12.34`, `1.234e-7`. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0.000';
  const text = value.toPrecision(4);
  return text.includes('e') ? value.toExponential(3) : text;
}

/** `97.61%` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

/** `0:07`, `12:34`, `1:02:03` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
