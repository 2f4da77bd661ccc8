import { wrongUse } from '../../base/errors.ts';

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30d`, `12h`, `5m`, `10s`, each with a minus sign in front for the past. */
export function parseSpan(text: string, where: string): number {
  const [, number = '', unit = ''] = /^(-?\d{1,6})([smhd])$/.exec(text) ?? [];
  const scale = units[unit];
  if (scale !== undefined) return Number(number) * scale;
  throw wrongUse(
    where,
    `${JSON.stringify(text.slice(0, 40))} is not a time span. Use a number with s, m, h or d, for example 30d.`,
  );
}
