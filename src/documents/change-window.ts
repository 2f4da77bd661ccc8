/** The days on which a window may begin, by the number that `Date` gives them. */
export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
export type Weekday = (typeof weekdays)[number];

/** When renewals may be applied. */
export interface ChangeWindow {
  /** Days on which it begins; every day where it is absent. */
  readonly days?: readonly Weekday[];
  /** `HH:MM` of the wall clock. */
  readonly from: string;
  /** `HH:MM`; on the next day where it is not later than `from`. */
  readonly to: string;
  /** `local`, as where it is absent, is the zone of the server; otherwise an IANA name, for example `Europe/Berlin`. */
  readonly timeZone?: string;
}

/** Shorter windows would leave no room to spread the servers of a fleet over. */
const shortestWindowMinutes = 120;

export const minutesOfDay = 24 * 60;

/** Minutes since midnight of `HH:MM`. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** How long a window is by the wall clock; a whole day if both times are equal. */
export function lengthOf({ from, to }: Pick<ChangeWindow, 'from' | 'to'>): number {
  const length = minutesOf(to) - minutesOf(from);
  return length > 0 ? length : length + minutesOfDay;
}

/** How long it stays closed at most, by the wall clock. */
export function longestPauseMinutes({ days = weekdays, ...times }: ChangeWindow): number {
  const begins = weekdays.flatMap((day, index) => (days.includes(day) ? index : []));
  const pauses = begins.map((day, index) => ((begins[index + 1] ?? (begins[0] ?? 0) + 7) - day) * minutesOfDay);
  return Math.max(...pauses) - lengthOf(times);
}

/** What is wrong with a window beside its shape, as the end of a sentence; `null` when nothing is. */
export function windowFlaw(window: ChangeWindow): string | null {
  if (lengthOf(window) < shortestWindowMinutes) return `window is shorter than ${shortestWindowMinutes / 60} hours`;
  const { timeZone = 'local' } = window;
  if (timeZone === 'local' || isTimeZone(timeZone)) return null;
  return `window.timeZone: ${JSON.stringify(timeZone.slice(0, 100))} is not a known time zone. Use local, or a name such as Europe/Berlin`;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** `Saturday, Sunday 22:00-04:00 Europe/Berlin` */
export function windowText({ days, from, to }: ChangeWindow, timeZone: string): string {
  const when = days === undefined || days.length === weekdays.length ? '' : `${days.join(', ')} `;
  return `${when}${from}-${to} ${timeZone}`;
}
