import assert from 'node:assert/strict';
import { ftpKey } from '../../../src/kinds/ftp/ftp.ts';
import { certificates, played, withFtp } from './kind-worlds.ts';
import { reconcile, reconcileNow, stepAt, worldOf } from './world.ts';

const { lab, allowing, rebinding, standing, all } = played('ftp');

describe('FTP sites', () => {
  it('are moved after the certificate bindings, and verified in FTP, or by TLS at once at the port for that', async () => {
    const outcome = await rebinding(worldOf(lab));
    assert.deepEqual([outcome.counts.changed, outcome.counts.notVerified], [4, 0]);
    assert.deepEqual(
      outcome.steps.flatMap(({ key, after }) => after.map(({ endpoint: at }) => [key, at.port, at.startTls ?? null])),
      [
        ['shop.example.com:443', 443, null],
        ['ftp/*', 2122, 'ftp'],
        ['ftp/Files', 21, 'ftp'],
        ['ftp/Files', 990, null],
        ['ftp/Named', 2121, 'ftp'],
      ],
    );
  });

  it('that hold the old certificate again make a settled renewal due again', async () => {
    const one = worldOf(lab);
    await rebinding(one);
    one.kernel.apply({ kind: 'set-ftp', site: 'Files', hash: certificates.thumbprint('old'), store: 'My' });
    assert.equal((await reconcile(one, {}, allowing)).result, 'waiting');
    const outcome = await reconcileNow(one, {}, allowing);
    assert.deepEqual([outcome.result, outcome.steps.map(({ key }) => key)], ['rebound', [ftpKey('Files')]]);
    assert.deepEqual(await standing(one), all('new'));
  });

  for (const position of ['site', 'defaults'] as const) {
    it(`with a host name are verified whosever certificate IIS serves before it knows the name: ${position}`, async () => {
      const other = withFtp(lab, null, 'other').switched('ftp-certificate-before-host', position);
      const outcome = await rebinding(worldOf(other));
      const { state } = stepAt(outcome, ftpKey('Named'));
      assert.deepEqual([state, outcome.exitCode], [position === 'site' ? 'verified' : 'not-verified', 0]);
    });
  }

  it('with a host name are not verified where the defaults keep the old certificate and answer before it is known', async () => {
    const one = worldOf(lab.switched('ftp-certificate-before-host', 'defaults'));
    const outcome = await rebinding(one, {
      ...allowing,
      exclude: { ...allowing.exclude, holders: [ftpKey(null)] },
    });
    const { state } = stepAt(outcome, ftpKey('Named'));
    assert.deepEqual([state, outcome.exitCode], ['not-verified', 0]);
  });
});
