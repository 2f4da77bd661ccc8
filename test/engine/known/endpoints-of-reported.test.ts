import assert from 'node:assert/strict';
import {
  endpointsOfReported,
  endpointsOfServer,
  endpointsToVerify,
} from '../../../src/engine/known/endpoints-of-server.ts';
import type { ReportedKind } from '../../../src/kinds/reported/reported-kinds.ts';
import {
  https,
  type OtherParts,
  record,
  type SnapshotParts,
  site,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const unknownApplication = '{5f0a1c6e-8b52-4d3b-9a57-2f6f5f1f3a10}';
const sstp = '{BA195980-CD49-458B-9E23-C84EE0ADCD75}';
const winrm = '{AFEBB9AD-9B97-4A91-9AB5-DAF4D59122F6}';

function uses(kind: ReportedKind, detail: string, label: string): OtherParts {
  return { thumbprint: thumbprintOf(label), consumer: { kind, detail } };
}

/** An endpoint in a line: where, how TLS begins, by which name, who is met, and with which certificate. */
function linesOf(server: SnapshotParts): readonly string[] {
  return endpointsOfReported(snapshot(server)).map(({ key, endpoint, sites, expected }) => {
    const { address, port, serverName, startTls } = endpoint;
    const label = ['shop', 'other'].find((one) => thumbprintOf(one) === expected) ?? 'not known';
    return `${key} at ${address} ${port} ${startTls ?? 'tls'} as ${serverName} | ${sites.join('+')} | ${label}`;
  });
}

const rows: readonly (readonly [string, SnapshotParts, readonly string[]])[] = [
  ['nothing on a server without roles', {}, []],
  [
    'a domain controller at its ports, where nobody knows which certificate of My it uses',
    { roles: [{ kind: 'ldaps-my', why: null }] },
    [
      'ldaps-my/Active Directory (LDAPS) at 0.0.0.0 636 tls as null | Active Directory (LDAPS) | not known',
      'ldaps-my/Active Directory (LDAPS) at 0.0.0.0 389 ldap as null | Active Directory (LDAPS) | not known',
      'ldaps-my/Active Directory (LDAPS) at 0.0.0.0 3269 tls as null | Active Directory (LDAPS) | not known',
    ],
  ],
  [
    'a role of which only is known that it is there',
    { roles: [{ kind: 'exchange', why: null }] },
    [
      'exchange/Exchange at 0.0.0.0 25 smtp as null | Exchange | not known',
      'exchange/Exchange at 0.0.0.0 587 smtp as null | Exchange | not known',
    ],
  ],
  [
    'a role once that is seen and whose certificate is known, beside another role',
    {
      others: [uses('exchange', 'A', 'shop'), uses('nps', 'Wi-Fi', 'other')],
      roles: [{ kind: 'exchange', why: null }],
    },
    [
      'exchange/A at 0.0.0.0 25 smtp as null | Exchange | shop',
      'exchange/A at 0.0.0.0 587 smtp as null | Exchange | shop',
    ],
  ],
  [
    'a role once where it has two certificates, and nobody knows which one is served',
    { others: [uses('exchange', 'A', 'shop'), uses('exchange', 'B', 'other')] },
    [
      'exchange/A at 0.0.0.0 25 smtp as null | Exchange | not known',
      'exchange/A at 0.0.0.0 587 smtp as null | Exchange | not known',
    ],
  ],
  [
    'certificate bindings of other products by their owner, or by their application id',
    {
      records: [
        record('0.0.0.0:443', 'shop', { appId: sstp }),
        record('vpn.example.com:8443', 'other', { appId: unknownApplication }),
        record('192.0.2.1:9443', null, { appId: unknownApplication }),
      ],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 tls as null | SSTP | shop',
      `vpn.example.com:8443 at 0.0.0.0 8443 tls as vpn.example.com | application ${unknownApplication} | other`,
      `192.0.2.1:9443 at 192.0.2.1 9443 tls as null | application ${unknownApplication} | not known`,
    ],
  ],
  [
    'no record of IIS, of WinRM or under a binding, which are met as what they are',
    {
      sites: [site('Shop', [https('*:443:')])],
      records: [
        record('0.0.0.0:443', 'shop', { appId: unknownApplication }),
        record('0.0.0.0:8443', 'shop'),
        record('0.0.0.0:5986', 'shop', { appId: winrm }),
      ],
    },
    [],
  ],
  [
    'a record of any address where HTTP.SYS listens and no other record answers',
    {
      listenOnly: ['192.0.2.5', '192.0.2.6'],
      records: [
        record('0.0.0.0:8443', 'shop', { appId: unknownApplication }),
        record('192.0.2.5:8443', 'other', { appId: unknownApplication }),
      ],
    },
    [
      `0.0.0.0:8443 at 192.0.2.6 8443 tls as null | application ${unknownApplication} | shop`,
      `192.0.2.5:8443 at 192.0.2.5 8443 tls as null | application ${unknownApplication} | other`,
    ],
  ],
];

describe('where clients meet what is only reported', () => {
  for (const [what, server, lines] of rows) it(what, () => assert.deepEqual(linesOf(server), lines));

  it('may be silent: nobody has to listen there, and nothing else is passed over', () => {
    const met = endpointsOfReported(
      snapshot({
        others: [uses('exchange', 'A', 'shop')],
        records: [record('0.0.0.0:443', 'shop', { appId: sstp })],
      }),
    );
    assert.deepEqual(
      met.map(({ mayBeSilent, skipped }) => [mayBeSilent, skipped]),
      [
        [true, null],
        [true, null],
        [true, null],
      ],
    );
  });

  it('are dialled after all others, and one of a certificate binding that is met already only once', () => {
    const server = snapshot({
      sites: [site('Shop', [https('*:443:')])],
      records: [
        record('0.0.0.0:443', 'shop'),
        record('0.0.0.0:8443', 'other', { appId: unknownApplication }),
        record('0.0.0.0:5986', 'shop', { appId: winrm }),
      ],
      others: [uses('exchange', 'A', 'shop')],
    });
    const ports = endpointsToVerify(server).map(({ endpoint }) => endpoint.port);
    const [own, reported] = [endpointsOfServer(server), endpointsOfReported(server)];
    assert.deepEqual(
      ports,
      [...own, ...reported].map(({ endpoint }) => endpoint.port),
    );
    assert.deepEqual([own.length > 0, reported.length > 0, new Set(ports).size], [true, true, ports.length]);
  });
});
