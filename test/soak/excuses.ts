/** What a fault that was armed on purpose may make of one record, or of handshakes that end at it. */
export type Oddity = 'handshake-fails' | 'other-certificate-served' | 'other-certificate-held' | 'absent' | 'options';

/**
 * What is odd and explained. An excuse holds from the moment its fault is armed until it is lifted; what began before that
 * is still excused.
 */
export interface Excuses {
  /** `null`: for every record. */
  excuse(key: string | null, oddity: Oddity): void;
  lift(...oddities: readonly Oddity[]): void;
  /** Whether it was excused at any moment since then (`performance.now()`). */
  covers(key: string, oddity: Oddity, since: number): boolean;
}

export function newExcuses(): Excuses {
  let known: readonly { readonly key: string | null; readonly oddity: Oddity; readonly until: number }[] = [];
  return {
    excuse(key, oddity) {
      known = [...known, { key, oddity, until: Number.POSITIVE_INFINITY }];
    },
    lift(...oddities) {
      const now = performance.now();
      known = known
        .filter(({ until }) => until > now - forgottenAfterMs)
        .map((one) => (oddities.includes(one.oddity) && until(one) ? { ...one, until: now } : one));
    },
    covers: (key, oddity, since) =>
      known.some((one) => one.oddity === oddity && (one.key === null || one.key === key) && one.until >= since),
  };
}

/** Longer than any handshake or reading takes. */
const forgottenAfterMs = 60_000;

function until({ until: end }: { readonly until: number }): boolean {
  return end === Number.POSITIVE_INFINITY;
}
