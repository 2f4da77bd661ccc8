import assert from 'node:assert/strict';
import { reportedPlaces } from '../../../src/kinds/place.ts';
import { reportedRules } from '../../../src/kinds/reported/reported-kinds.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import type { LabRoles } from '../../../src/lab/kernel/lab-state.ts';
import { openWindowsLabServer } from '../../../src/lab/windows/open.ts';
import type { Server } from '../../../src/server/server.ts';
import { everyRole } from '../../builders/roles.ts';
import { findEngine } from '../../engine.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const _hash = 'A'.repeat(39);
const found = (kind: string, detail: string, thumbprint: string) => `${kind}/${detail} ${thumbprint.slice(0, 8)}`;

const ways: readonly (readonly [string, (folder: string) => Promise<Server>])[] = [
  ['of a lab', async (folder) => (await openLabServer(folder)).server],
  ['through PowerShell', async (folder) => (await openWindowsLabServer(folder)).server],
];

for (const [way, open] of ways) {
  (findEngine() === null ? describe.skip : describe)(`roles that are only reported, read ${way}`, () => {
    let lab: Awaited<ReturnType<typeof temporaryLab>>;
    before(async () => {
      lab = await temporaryLab();
    });
    after(() => lab?.remove());

    async function asked<Answer>(roles: LabRoles, question: (server: Server) => Promise<Answer>): Promise<Answer> {
      const channel = await openLab(lab.folder);
      await channel.send({ kind: 'set-roles', roles });
      await channel.close();
      const server = await open(lab.folder);
      try {
        return await question(server);
      } finally {
        await server.close();
      }
    }

    async function seen(roles: LabRoles) {
      const read = await asked(roles, ({ snapshot }) => snapshot());
      const moved = read.holders.filter(({ kind }) => kind === 'rd-gateway' || kind === 'sstp');
      return { ...read, others: reportedPlaces(read), moved };
    }

    it('are all found, each hash in its own form, with the service that uses it', async () => {
      const { thumbprint, sha256 } = await certificateOf(lab.folder);
      const { others, moved, roles, notLookedAt } = await seen(everyRole({ thumbprint, sha256 }));
      assert.deepEqual(
        [notLookedAt, roles?.filter(({ why }) => why !== null && !/is not a certificate hash/.test(why))],
        [[], []],
      );
      assert.deepEqual(others.map(({ kind, value: { detail, hash: held } }) => found(kind, detail, held)).sort(), [
        found('hyper-v', 'Vm 1', thumbprint),
        found('hyper-v', 'server', thumbprint),
        found('nps', 'VPN & "more"', thumbprint),
        found('nps', 'Wi-Fi', thumbprint),
        found('smb-quic', 'files.example.com', thumbprint),
      ]);
      assert.deepEqual(
        moved.map(({ key, value }) => [key, 'listed' in value && value.listed]),
        [
          ['sstp/SstpSvc', thumbprint],
          ['rd-gateway/TSGateway', thumbprint],
        ],
      );
      assert.deepEqual(roles?.map(({ kind }) => kind).sort(), [
        'adfs',
        'exchange',
        'nps',
        'rds-roles',
        'ssrs',
        'wac',
        'wac-1',
        'wap',
      ]);
      assert.match(roles?.find(({ kind }) => kind === 'nps')?.why ?? '', /is not a certificate hash/);
    });

    for (const [position, names] of [
      ['shown', '<I>CN=R3<S>CN=mail.example.com'],
      ['hidden', ''],
    ] as const)
      it(`tell what the connectors of Exchange name, where that is ${position}`, async () => {
        const channel = await openLab(lab.folder);
        await channel.send({ kind: 'set-switch', name: 'exchange-attribute', position });
        await channel.close();
        const connector = { cn: 'To partners', msExchSmtpTLSCertificate: '<I>CN=R3<S>CN=mail.example.com' };
        const classes = {
          'LDAP:msExchRoutingSMTPConnector': [connector],
          'LDAP:msExchSmtpReceiveConnector': [{ cn: 'Default FRONT' }],
        };
        const { roles } = await seen({ registry: { [reportedRules.exchange.there.key]: {} }, classes });
        const connectors = [
          { name: 'To partners', names },
          { name: 'Default FRONT', names: '' },
        ];
        assert.deepEqual(roles, [{ kind: 'exchange', why: null, connectors }]);
      });

    it('are not there without their keys, nor where something before the server ends TLS', async () => {
      const { thumbprint, sha256 } = await certificateOf(lab.folder);
      const { registry, ...all } = everyRole({ thumbprint, sha256 });
      const sstp = 'SYSTEM\\CurrentControlSet\\Services\\SstpSvc\\Parameters';
      const member = 'SYSTEM\\CurrentControlSet\\Control\\ProductOptions';
      const kept = { [sstp]: { ...registry[sstp], UseHttps: 0 }, [member]: { ProductType: 'ServerNT' } };
      const { others, moved, roles } = await seen({ ...all, registry: kept });
      assert.deepEqual([others, moved, roles], [[], [], []]);
    });
  });
}

async function certificateOf(folder: string) {
  const { server } = await openLabServer(folder);
  const [first] = (await server.snapshot()).certificates;
  await server.close();
  assert(first !== undefined);
  return first;
}
