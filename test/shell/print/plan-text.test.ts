import assert from 'node:assert/strict';
import type { BlockedEntry, Note, Plan, Step } from '../../../src/documents/runs/plan.ts';
import { formatRecordKey, parseRecordKey } from '../../../src/kinds/record-key.ts';
import { blockedText } from '../../../src/shell/print/blocked-text.ts';
import { namingOf } from '../../../src/shell/print/phrases.ts';
import { planText } from '../../../src/shell/print/plan-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { obstacle } from '../../builders/met.ts';
import { record, renewal, thumbprintOf } from '../../builders/snapshot.ts';
import { plannedWith, removeStep } from '../../builders/steps.ts';

const keyOf = (number: number) => formatRecordKey(parseRecordKey(`site-${number}.example.com:443`, 'test'));

const blocked: BlockedEntry = {
  key: keyOf(1),
  consumers: [],
  renewal: renewal('old', 'new'),
  obstacles: [obstacle('expired')],
};

describe('a plan as text', () => {
  it('says a sentence that holds for many records once, with some of them and how many more', () => {
    const note = { code: 'old-archived' as const, text: 'The old certificate is archived.' };
    const steps = Array.from({ length: 375 }, (_, at): Step => {
      return { ...removeStep(at + 1, record(keyOf(at), 'old')), notes: [note] };
    });
    const plan = plannedWith({ purpose: 'undo', steps });
    const lines = planText(plan, plain)
      .split('\n')
      .filter((line) => line.includes(note.text));
    assert.deepEqual(lines, [
      `  ${[0, 1, 2].map(keyOf).join(', ')} and 372 more: old-archived: The old certificate is archived.`,
    ]);
  });

  it('has the command of a note below it, whole, though a sentence names certificates in short', () => {
    const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
    const note = (role: string) => {
      return { code: 'role-not-read', text: `${role} may use ${old}.`, command: `Set-It ${successor}` } as const;
    };
    const textWith = (notes: Plan['notes']) =>
      planText(plannedWith({ renewals: [renewal('old', 'new')], notes }), plain);
    const [said, typed] = [`may use ${old.slice(0, 8)}.`, `Set-It ${successor}`];
    assert.ok(textWith([note('A')]).includes(`  role-not-read: A ${said}\n    ${typed}\n`));
    const both = textWith([note('A'), note('B')]);
    assert.ok(
      both.includes(`  role-not-read:\n    A ${said}\n        ${typed}\n    B ${said}\n        ${typed}\n`),
      both,
    );
  });

  it('says from where each renewal is known', () => {
    const event = renewal('old', 'new', { source: 'event', eventRecordId: 12 });
    const renewals = [event, renewal('other', 'next', { source: 'renewal-property' })];
    const text = planText(plannedWith({ renewals }), plain);
    assert.match(text, /\(event 12\).*\(renewal property\)/s);
  });

  it('of an undo names the run, and goes from the new certificate to the old one', () => {
    const plan = plannedWith({ purpose: 'undo', undoes: 'run-7', renewals: [renewal('old', 'new')] });
    const text = planText(plan, plain);
    const [from, to] = [thumbprintOf('old').slice(0, 8), thumbprintOf('new').slice(0, 8)];
    assert.match(text, /^Plan to undo run run-7 on WEB01 /);
    assert.ok(text.includes(`${from} ← ${to}`), text);
    assert.doesNotMatch(text, /→/);
  });

  it('of an undo says of what is blocked no more than why: the rest is about renewals', () => {
    const detail = 'It has expired. To restore it anyway: certrebind undo run-7 --force';
    const said = (undoes: { undoes?: string }) =>
      blockedText(
        { ...undoes, blocked: [{ ...blocked, obstacles: [obstacle('expired', detail)] }], notes: [] },
        namingOf({}, plain),
        plain,
      )?.split('\n');
    assert.deepEqual(said({ undoes: 'run-7' }), ['Blocked', `  expired: ${detail}`, `    ${keyOf(1)}`]);
    assert.match(said({})?.at(-1) ?? '', /What to do: Renew the certificate again\./);
  });

  it('says that CertRebind changes in the window what waits for it only where it is enabled', () => {
    const said = (...notes: readonly Note[]) =>
      blockedText(
        { blocked: [{ ...blocked, obstacles: [obstacle('outside-window')] }], notes },
        namingOf({}, plain),
        plain,
      );
    assert.match(said() ?? '', /Nothing to do: CertRebind makes the change during the change window\./);
    const text = said({ code: 'not-enabled', text: 'Nothing makes it.' }) ?? '';
    assert.match(text, /What to do: Enable CertRebind, .*\n {4}Enable it:\n {6}certrebind enable\n/);
    assert.doesNotMatch(text, /Nothing to do/);
  });

  it('offers to overrule what a person may decide, and not to set a certificate that is revoked or has expired', () => {
    const said = (reason: 'trust-lost' | 'revoked' | 'expired') =>
      blockedText(
        { blocked: [{ ...blocked, obstacles: [obstacle(reason)] }], notes: [] },
        namingOf({}, plain),
        plain,
      ) ?? '';
    assert.match(said('trust-lost'), /--allow trust-lost$/);
    for (const reason of ['revoked', 'expired'] as const) assert.doesNotMatch(said(reason), /--allow/);
  });

  it('lists every name to order on a line of its own, and then what the command takes', () => {
    const text = blockedText(
      {
        blocked: [
          {
            ...blocked,
            obstacles: [
              {
                code: 'names-lost',
                text: 'The new certificate does not cover these names of the old one: shop.example.com (Shop).',
                hosts: ['shop.example.com'],
              },
            ],
          },
        ],
        notes: [],
      },
      namingOf({}, plain),
      plain,
    );
    const lines = text?.split('\n') ?? [];
    const at = lines.indexOf('    Order one certificate for all of these names:');
    assert.equal(lines[at + 1], '      shop.example.com');
    assert.equal(
      lines[at + 2],
      '    Or give up what is missing. Clients of shop.example.com then get a certificate error:',
    );
    assert.match(lines[at + 3] ?? '', /^ {6}certrebind rebind .* --allow names-lost$/);
    assert.equal(lines.length, at + 4);
    assert.doesNotMatch(text ?? '', /\\u000A/);
  });
});
