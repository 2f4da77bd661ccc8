import { groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { dialledText } from '../../documents/notification.ts';
import type { Renewed, RenewedCertificate, RenewedPlace } from '../../documents/renewed.ts';
import { day, shortest } from '../../model/certificates/named-certificate.ts';
import { firstOf, heading, namingOf } from '../../shell/print/phrases.ts';
import { paint, type TerminalStyle } from '../../shell/print/terminal-style.ts';
import { moment } from '../../shell/print/times.ts';
import { wrapParagraph } from '../../shell/print/wrap.ts';
import { writtenLines } from '../../shell/print/written-text.ts';

/** Sentences are hard to read in longer lines, and look the same in a file. */
const widest = 80;

/** A block for each certificate, its answer in the first line. A command is a line of its own, and never broken. */
export function renewedText(renewed: Renewed, style: TerminalStyle): string {
  const { at, dialledAt, certificates, open, notLookedAt, neverLookedAt } = renewed;
  const look = { ...style, width: Math.min(style.width ?? widest, widest) };
  const blocks = certificates.map((one) => blockLines(one, notLookedAt.length, look).join('\n'));
  const nothing = 'Nothing that was read uses it, or one that it replaces.';
  const unseen = notLookedAt.map((one) => wrapped(`  ${one}`, look));
  return [
    ...(blocks.length === 0 ? [nothing] : blocks),
    ...(open.length === 0
      ? []
      : [
          [
            heading('Also open', look),
            ...open.flatMap(({ title, commands }) => [
              paint(wrapped(`  ${title}`, look), 'warn', look),
              ...commands.map((line) => `      ${escapeControls(line)}`),
            ]),
          ].join('\n'),
        ]),
    ...(renewed.written === undefined ? [] : [writtenLines(renewed.written, look).join('\n')]),
    ...(unseen.length === 0 ? [] : [[heading('Not looked at', look), ...unseen].join('\n')]),
    wrapped(`Of what clients get: ${dialledText(dialledAt, at)}.`, look),
    wrapped(`Looked at on no server: ${neverLookedAt.join('; ')}.`, look),
  ].join('\n\n');
}

function wrapped(text: string, look: TerminalStyle): string {
  return wrapParagraph(namingOf({}, look).sentence(text), look);
}

function blockLines(certificate: RenewedCertificate, unseen: number, look: TerminalStyle): readonly string[] {
  const { counts, places, short, issuer, replaces } = certificate;
  const nameOf = namesIn(places, look);
  const answers = groupBy(places, ({ is, by, at, why, commands }) => JSON.stringify([is, by, at, why, commands]));
  const byHead = groupBy(
    [...answers.values()].sort((a, b) => b.length - a.length),
    ([one]) => headOf(one),
  );
  const broken = places.filter(({ is, trouble }) => is !== 'old' && trouble !== null);
  const tone = counts.old + broken.length > 0 ? 'warn' : 'good';
  return [
    paint(wrapped(headline(certificate, unseen), look), tone, look),
    ...(replaces.length === 0
      ? []
      : [wrapped(`  ${short} (${issuer}) replaces ${replaces.map((one) => one.slice(0, shortest)).join(', ')}`, look)]),
    ...broken.map((one) => wrapped(`  Broken now: ${nameOf(one)}: ${one.trouble}`, look)),
    ...heads.flatMap(([head, title]) => {
      const groups = byHead.get(head) ?? [];
      return groups.length === 0 ? [] : [`  ${title}`, ...groups.flatMap((group) => groupLines(group, nameOf, look))];
    }),
  ];
}

function headline({ counts, places, name, notAfter }: RenewedCertificate, unseen: number): string {
  const called = `${name}, ${notAfter === null ? 'in no store' : `ends ${day(notAfter)}`}`;
  if (counts.next > 0) {
    const words = { itself: 'by itself', command: 'when you type its line', person: 'only if you do it' };
    const reached = (['itself', 'command', 'person'] as const).flatMap((who) => {
      const number = places.filter(({ by }) => by === who).length;
      return number === 0 ? [] : `${number} ${words[who]}`;
    });
    return `No renewal is known: ${called}. Places that the next one would change: ${reached.join(', ')}.`;
  }
  const others = [
    ...(counts.kept === 0 ? [] : [`${counts.kept} ${counts.kept === 1 ? 'keeps' : 'keep'} the old one`]),
    ...(counts.unclear === 0 ? [] : [`${counts.unclear} not clear`]),
    ...(unseen === 0 ? [] : [`${unseen} not looked at`]),
  ];
  const told = [
    `${counts.new} ${counts.new === 1 ? 'place uses' : 'places use'} the new certificate`,
    `${counts.old} still ${counts.old === 1 ? 'uses' : 'use'} the old one`,
    ...others,
  ];
  return `${told.join(', ')}: ${called}.`;
}

/** Who has to do it, in the order of the sections. */
const heads = [
  ['itself', 'CertRebind changes these by itself'],
  ['command', 'CertRebind can change these: type the lines'],
  ['person', 'You have to change these'],
  ['unclear', 'Not clear'],
  ['kept', 'These keep the old certificate'],
] as const;

/** Places that are new need no line. */
function headOf({ is, by }: RenewedPlace): (typeof heads)[number][0] | null {
  return is === 'kept' || is === 'unclear' ? is : by;
}

const shown = 12;

function groupLines(
  group: readonly RenewedPlace[],
  nameOf: (place: RenewedPlace) => string,
  look: TerminalStyle,
): readonly string[] {
  const [first] = group;
  const { at = null, why = '', commands = [] } = first ?? {};
  const names = group.length === 1 ? group.map(withAddress) : firstOf(group.map(nameOf), shown, look);
  const when = at === null ? '' : `, ${moment(at, look)}`;
  return [
    wrapped(`    ${names.join('; ')}${when}`, look),
    ...(why === '' ? [] : [wrapped(`      ${why}`, look)]),
    ...commands.map((line) => `      ${escapeControls(line)}`),
  ];
}

/** With the address where the name alone does not tell a place from another one. */
function namesIn(places: readonly RenewedPlace[], { full = false }: TerminalStyle) {
  const named = groupBy(places, ({ name }) => name);
  return (place: RenewedPlace) => (full || (named.get(place.name)?.length ?? 0) > 1 ? withAddress(place) : place.name);
}

function withAddress({ name, address }: RenewedPlace): string {
  return address === '' ? name : `${name} (${address})`;
}
