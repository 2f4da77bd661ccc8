import assert from 'node:assert/strict';
import { lifecycleAccess, mayWriteEvents } from '../../src/lab/kernel/event-log.ts';
import { defaultSwitches } from '../../src/lab/kernel/switches.ts';
import { labState } from '../builders/lab.ts';
import { servicesMayWrite } from './suites/core/on-texts.ts';

/** Access descriptors of event logs, and whether services may write there. */
const descriptors: readonly (readonly [why: string, sddl: string, answer: boolean | null])[] = [
  ['SERVICE may write', 'O:BAG:SYD:(A;;0xf0007;;;SY)(A;;0x3;;;SU)', true],
  ['SERVICE may only read', 'O:BAG:SYD:(A;;0xf0007;;;SY)(A;;0x1;;;SU)', false],
  ['nobody but SYSTEM and administrators', 'O:BAG:SYD:P(A;;0x7;;;SY)(A;;0x7;;;BA)', false],
  ['an empty list', 'O:BAG:SYD:', false],
  ['everyone', 'D:(A;;0x2;;;WD)', true],
  ['authenticated users by their number', 'D:(A;;0x2;;;S-1-5-11)', true],
  ['LocalService alone', 'D:(A;;0x2;;;LS)', true],
  ['NetworkService alone', 'D:(A;;0x2;;;S-1-5-20)', true],
  ['one service', 'D:(A;;0x2;;;S-1-5-80-1-2-3-4-5)', true],
  ['pools of IIS', 'D:(A;;0x2;;;IS)', true],
  ['interactive users are none', 'D:(A;;0x3;;;IU)(A;;0x2;;;S-1-5-33)', false],
  ['a refusal before', 'D:(D;;0x2;;;SU)(A;;0x2;;;WD)', false],
  ['a refusal behind', 'D:(A;;0x2;;;SU)(D;;0x2;;;SU)', true],
  ['a refusal for one of them only', 'D:(D;;0x2;;;LS)(A;;0x2;;;SU)', true],
  ['a refusal of reading', 'D:(D;;0x1;;;SU)(A;;0x2;;;SU)', true],
  ['rights in words', 'D:(A;;CCDC;;;SU)', true],
  ['rights in words that do not write', 'D:(A;;CCLCRC;;;SU)', false],
  ['everything', 'D:(A;;GA;;;SU)', true],
  ['everything in numbers', 'D:(A;;0x10000000;;;SU)', true],
  ['only for what is made below', 'D:(A;OIIO;0x2;;;SU)', false],
  ['words not known here', 'D:(A;;ZZ;;;SU)', null],
  ['an entry with a condition', 'D:(XA;;0x2;;;SU;(Member_of {SID(BA)}))', null],
  ['an entry of a kind not known here', 'D:(ZA;;0x2;;;SU)', null],
  ['an entry of such a kind that is not about services', 'D:(ZA;;0x2;;;BA)(A;;0x2;;;SU)', true],
  ['a list of what is noted behind it', 'D:(A;;0x1;;;SU)S:(AU;SAFA;0x2;;;WD)', false],
  ['no list at all', 'O:BAG:SY', true],
  ['no descriptor', '', null],
  ['something else', 'access denied', null],
];

describe('who may write to an event log', () => {
  for (const [why, sddl, answer] of descriptors) {
    it(`services: ${answer} (${why})`, () => assert.equal(servicesMayWrite(sddl), answer));
  }

  for (const position of ['allowed', 'denied'] as const) {
    it(`is told by a lab as it acts: ${position}`, () => {
      const state = labState().switched('services-write-events', position).build();
      const switches = { ...defaultSwitches, 'services-write-events': position };
      for (const service of ['S-1-5-19', 'S-1-5-20', 'S-1-5-80-1-2-3-4-5', 'S-1-5-82-1-2-3-4-5']) {
        assert.equal(servicesMayWrite(lifecycleAccess(switches)), mayWriteEvents(state, service), service);
      }
    });
  }
});
