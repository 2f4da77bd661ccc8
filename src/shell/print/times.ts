import { escapeControls } from '../../base/safe-text.ts';
import type { Clock, TerminalStyle } from './terminal-style.ts';

/**
 * `2026-01-31 09:15` by the clock of the reader: minutes are enough for people, and the title names the zone. With the
 * zone where it was another one then, as in summer.
 */
export function when(iso: string, look: TerminalStyle): string {
  const { wall, ahead } = wallTime(iso, look);
  return ahead === (look.clock?.aheadNow ?? 0) ? wall : `${wall} (${zoneText(ahead)})`;
}

/** The same in a sentence, `2026-01-31 09:15 UTC+1`. */
export function moment(iso: string, look: TerminalStyle): string {
  const { wall, ahead } = wallTime(iso, look);
  return `${wall} ${zoneText(ahead)}`;
}

/** The zone of the times in a table. */
export function zoneOf({ clock }: TerminalStyle): string {
  return zoneText(clock?.aheadNow ?? 0);
}

function wallTime(iso: string, { clock }: Pick<TerminalStyle, 'clock'>) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return { wall: escapeControls(iso.slice(0, 16).replace('T', ' ')), ahead: 0 };
  const ahead = clock?.aheadAt(at) ?? 0;
  return { wall: new Date(at.getTime() + ahead * 60_000).toISOString().slice(0, 16).replace('T', ' '), ahead };
}

/** `UTC`, `UTC+1`, `UTC-3:30` */
function zoneText(ahead: number): string {
  const [hours, minutes] = [Math.trunc(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  if (ahead === 0) return 'UTC';
  return `UTC${ahead < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
}

/** A sentence, of which times are kept in UTC, with these by the clock of the reader. */
export function timesInWords(sentence: string, look: TerminalStyle): string {
  return sentence.replace(moments, (_, day, time) => moment(`${day}T${time}Z`, look));
}

/** The same for readers elsewhere: in UTC, and beside it by the clock of this server where that is another. */
export function timesBesideUtc(sentence: string): string {
  return sentence.replace(moments, (said, day, time) => {
    return `${said}${besideUtc(`${day}T${time}:00Z`, localClock)}`;
  });
}

/** ` (10:15 UTC+1)`: what a clock shows at a moment, to stand beside it; empty for one that shows UTC. */
export function besideUtc(iso: string, clock: Clock): string {
  const { wall, ahead } = wallTime(iso, { clock });
  return ahead === 0 ? '' : ` (${wall.slice(11)} ${zoneText(ahead)})`;
}

/** The zone of this process, read only when a time is shown. `Intl` would name it, but needs longer than most commands. */
export const localClock: Clock = {
  get aheadNow() {
    return -new Date().getTimezoneOffset();
  },
  aheadAt: (moment) => -moment.getTimezoneOffset(),
};

const moments = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC\b(?![+-])/g;
