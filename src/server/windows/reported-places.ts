import { runStateOf } from '../../kinds/iis/binding.ts';
import { type ReportedUse, type RoleSeen, readPlace } from '../../kinds/reported/reported.ts';
import { type HashPlace, isReportedKind, reportedKinds, reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';

/** The places that the adapter is asked to read, one row per place. */
export const rowsOfPlaces: readonly Row[] = reportedKinds.flatMap((kind) => {
  const { there, service, places } = reportedRules[kind];
  const gate = [there.key, there.value, there.is, service];
  const from = String(there.from ?? 0);
  return places.map((place) => ['place', kind, ...gate.map((text) => text ?? ''), place.how, ...wordsOf(place), from]);
});

/** The uses and roles that were found; a kind that could not be read is a role with the reason. */
export function reportedFrom(parts: Parts): {
  readonly uses: readonly ReportedUse[];
  readonly roles: readonly RoleSeen[];
} {
  const found = parts
    .rows('reported')
    .map(([kind = '', detail = '', written = '', place = '', service = '', state]) =>
      readPlace({ kind, detail, written, place, service, state: runStateOf(state) }),
    );
  return {
    uses: found.flatMap((one) => (one !== null && 'value' in one ? [one] : [])),
    roles: [
      ...found.flatMap((one) => (one === null || 'value' in one ? [] : [one])),
      ...parts.rows('role').flatMap(([kind = '']) => {
        if (!isReportedKind(kind)) return [];
        const connectors = parts
          .rows('connector')
          .flatMap(([of, name = '', names = '']) => (of === kind ? { name, names } : []));
        return [{ kind, why: null, ...(connectors.length === 0 ? {} : { connectors }) }];
      }),
      ...reportedKinds.flatMap((kind) => {
        if (reportedRules[kind].places.length === 0) return [];
        const failure = parts.failure(`reported ${kind}`);
        return failure === null ? [] : [{ kind, why: failure.message }];
      }),
    ],
  };
}

/** Always four. */
function wordsOf(place: HashPlace): readonly string[] {
  switch (place.how) {
    case 'wmi':
      return [place.namespace, place.className, place.name, place.detail];
    case 'not-read':
      return [place.unless ?? '', '', '', ''];
    case 'policies':
    case 'connectors':
      return ['', '', '', ''];
  }
}
