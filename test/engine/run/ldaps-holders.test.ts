import assert from 'node:assert/strict';
import { ldapsKey, ldapsSetting, ntdsKept, ntdsStore } from '../../../src/kinds/ldaps/ldaps.ts';
import { registryKeyNow } from '../../../src/lab/kernel/roles.ts';
import { labState } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { certificates, certificatesWith, kindWorlds, played, withRoles } from './kind-worlds.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

const { lab, allowing, rebinding, standing, all } = played('ldaps');
const [old, successor, other] = ['old', 'new', 'other'].map((label) => certificates.thumbprint(label));
const inStore = ({ kernel: { state } }: World) => registryKeyNow(state, ntdsStore)?.subKeys ?? [];

describe('LDAPS of a domain controller', () => {
  it('that only acknowledges gets its old certificate again, after half a minute', async () => {
    const one = worldOf(lab.switched('ldaps-ack-only', 'no-effect'));
    const begun = one.context.clock.now().getTime();
    const outcome = await rebinding(one);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'replace-without-effect']);
    assert.match(step?.error?.message ?? '', new RegExp(`port 636 serves ${old}, although ${successor} is set`));
    assert.equal((one.context.clock.now().getTime() - begun) / 1000, 30);
    assert.deepEqual(await standing(one), all('old'));
  });

  it('that chooses a third certificate gets its old one again', async () => {
    const effect = { do: 'serve', thumbprint: other ?? '' } as const;
    const one = worldOf(lab.fault({ on: { kind: 'connect', key: ldapsKey }, nth: 4, times: null, effect }));
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.steps[0]?.state, inStore(one)], ['rolled-back', [old]]);
  });

  it('that takes a while is waited for', async () => {
    const effect = { do: 'serve', thumbprint: old ?? '' } as const;
    const one = worldOf(lab.fault({ on: { kind: 'connect', key: ldapsKey }, nth: 4, times: 20, effect }));
    assert.equal((await rebinding(one)).steps[0]?.state, 'verified');
    assert.deepEqual(inStore(one), [successor]);
  });

  it('keeps what is only in the store of the service, for an undo', async () => {
    const builder = labState()
      .certificate('new', { names: ['web01.example.com'], notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old', { names: ['web01.example.com'], store: 'NTDS' });
    const one = worldOf(kindWorlds.ldaps.on(builder));
    const outcome = await rebind(one, [given(builder, 'old', 'new')], {}, allowing);
    assert.equal(outcome.steps[0]?.state, 'verified');
    assert.deepEqual(registryKeyNow(one.kernel.state, ntdsKept)?.subKeys, [builder.thumbprint('old')]);
    assert.equal((await undo(one, outcome.run, { configuration: allowing })).result, 'undone');
    assert.deepEqual(inStore(one), [builder.thumbprint('old')]);
  });

  it('is not changed where several certificates are in the store, and each of them counts as used', async () => {
    const one = worldOf(withRoles(lab, { registry: { [`${ntdsStore}\\${other}`]: {} } }));
    const setting = ldapsSetting(inStore(one));
    const first = setting?.thumbprint === old ? 'old' : 'other';
    const { blocked, steps } = await rebind(one, [given(certificates, first, 'new')], {}, allowing);
    assert.deepEqual([steps, blocked.map(met).map(({ reason }) => reason)], [[], ['service-unfit']]);
    assert.match(met(blocked[0]).detail, /has 2 certificates/);
    assert.deepEqual([setting?.others.length, inStore(one).length], [1, 2]);
  });

  it('does not get a certificate that does not name the server', async () => {
    const builder = certificatesWith({ names: ['shop.example.com'] });
    const one = worldOf(kindWorlds.ldaps.on(builder));
    const { blocked } = await rebind(one, [given(builder, 'old', 'new')], {}, allowing);
    assert.match(met(blocked[0]).detail, /does not cover the name WEB01/);
  });

  it('has no holder where the store is empty, and is a role instead', async () => {
    const { [`${ntdsStore}\\${old}`]: _, ...registry } = lab.build().roles?.registry ?? {};
    const empty = worldOf(lab.with({ roles: { registry, classes: {} } }));
    const { holders, roles } = await empty.context.server.snapshot();
    assert.deepEqual([holders.map(({ key }) => key), roles?.map(({ kind }) => kind)], [[], ['ldaps-my']]);
    assert.deepEqual((await worldOf(lab).context.server.snapshot()).roles, []);
  });
});
