import assert from 'node:assert/strict';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import type { WriteEvent } from '../../../src/lab/kernel/requests.ts';
import { parseLifecycleEvent } from '../../../src/model/windows/lifecycle-event.ts';
import { labState } from '../../builders/lab.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { now } from '../../builders/snapshot.ts';
import { createKernel, kernelServer } from '../../support/kernel-server.ts';
import { apply, resultOf } from './requests.ts';

const lab = labState()
  .certificate('new', { names: ['shop.example.com', 'www.example.com'], notAfter: '2027-03-13T20:07:39Z' })
  .certificate('old');
const replaced: WriteEvent = {
  ...replacementEvent(lab.thumbprint('old'), lab.thumbprint('new')),
  accountName: "O'Brien & <Söhne>\\WEB01$",
};
const lastEvent = (state: LabState) => state.lifecycle.events.at(-1)?.xml ?? '';

describe('lifecycle log of the lab', () => {
  for (const shape of ['plain', 'own-namespace', 'reordered'] as const) {
    it(`writes what is read back, ${shape}`, () => {
      const { state } = apply(lab.switched('event-shape', shape).build(), replaced);
      const event = parseLifecycleEvent(lastEvent(state));
      assert.deepEqual(
        { ...event, action: event.action?.toLowerCase() },
        {
          recordId: 1,
          eventId: 1001,
          timeCreated: now,
          userId: 'S-1-5-18',
          processName: 'taskhostw.exe',
          accountName: "O'Brien & <Söhne>\\WEB01$",
          context: 'Machine',
          action: 'renew',
          old: {
            thumbprint: lab.thumbprint('old'),
            template: null,
            names: ['CN=shop.example.com', 'shop.example.com'],
            ekus: ['1.3.6.1.5.5.7.3.1'],
            notAfter: '2027-01-01T00:00:00Z',
          },
          new: {
            thumbprint: lab.thumbprint('new'),
            template: null,
            names: ['CN=shop.example.com', 'shop.example.com', 'www.example.com'],
            ekus: ['1.3.6.1.5.5.7.3.1'],
            notAfter: '2027-03-13T20:07:39Z',
          },
          certificate: null,
        },
      );
    });
  }

  it('differs from shape to shape in more than white space', () => {
    const texts = (['plain', 'own-namespace', 'reordered'] as const).map((shape) =>
      lastEvent(apply(lab.switched('event-shape', shape).build(), replaced).state),
    );
    assert.equal(new Set(texts).size, 3);
  });

  it('writes the thumbprint alone of a certificate that is not on the server', () => {
    const { state } = apply(lab.build(), { ...replaced, new: 'AB'.repeat(20) });
    assert.match(lastEvent(state), /<NewCertificateDetails Thumbprint='(?:ab){20}'\/>/);
  });

  for (const [position, services] of [
    ['allowed', 'event'],
    ['denied', 'failed'],
  ] as const) {
    it(`services-write-events ${position}: services ${services}, SYSTEM and people always`, () => {
      const state = lab.switched('services-write-events', position).build();
      const outcome = (writtenBy: string) => resultOf(state, { ...replaced, writtenBy }).kind;
      for (const sid of ['S-1-5-19', 'S-1-5-20', 'S-1-5-82-1-2-3-4-5', 'S-1-5-80-1-2-3-4-5']) {
        assert.equal(outcome(sid), services, sid);
      }
      for (const sid of ['S-1-5-18', 'S-1-5-21-1-2-3-500']) assert.equal(outcome(sid), 'event', sid);
    });
  }

  it('keeps what a writer put into UserData, and what the log itself wrote beside it', () => {
    const forged = {
      ...replaced,
      writtenBy: 'S-1-5-82-1',
      userData: "<X UserID='S-1-5-18'><EventRecordID>99</EventRecordID></X>",
    };
    const event = parseLifecycleEvent(lastEvent(apply(lab.build(), forged).state));
    assert.deepEqual([event.recordId, event.userId, event.old], [1, 'S-1-5-82-1', null]);
    for (const userData of ['<broken', '</UserData><System/><UserData>', '<a/>&evil;']) {
      assert.equal(resultOf(lab.build(), { ...replaced, userData }).kind, 'failed', userData);
    }
  });

  it('holds a blank for what XML cannot carry', () => {
    const { state } = apply(lab.build(), { ...replaced, processName: 'a\u0000b\uD800c\n' });
    assert.equal(parseLifecycleEvent(lastEvent(state)).processName, 'a b c ');
  });

  for (const [position, next] of [
    ['go-on', 4],
    ['start-again', 1],
  ] as const)
    it(`loses its oldest entries when it is full, and its numbers ${position} when it is cleared`, async () => {
      const full = lab.with({ lifecycle: { enabled: true, nextRecordId: 1, limit: 2, events: [] } });
      const kernel = createKernel(full.build());
      kernel.apply({ kind: 'set-switch', name: 'record-numbers', position });
      const ids = async () => {
        const { oldestRecordId, lastRecordId, events } = await kernelServer(kernel, { account: 'system' }).events();
        return [oldestRecordId, lastRecordId, events.length];
      };
      for (let count = 0; count < 3; count += 1) kernel.apply(replaced);
      assert.deepEqual(await ids(), [2, 3, 2]);
      kernel.apply({ kind: 'clear-log' });
      kernel.apply(replaced);
      assert.deepEqual(await ids(), [next, next, 1]);
    });

  it('writes nothing while it is off', () => {
    const { state, reply } = apply(lab.build(), { kind: 'enable-log', enabled: false }, replaced);
    assert.deepEqual([reply.result, state.lifecycle.events], [{ kind: 'event', recordId: null }, []]);
  });
});
