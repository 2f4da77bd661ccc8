// Programs that read certificates from files, changed by an import on a lab that runs them as services: what clients that
// are not ours get before it, after it and after an undo, and what keytool says of the keystores.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runProgram } from '../lib/program.mjs';

const { openWorld } = await import('../../test/stories/lab-world.ts');
const files = await import('../../test/stories/certificate-files.ts');
const { apache, keystorePassword, listedByKeytool, tomcat } = await import('../../test/stories/file-programs.ts');

export const shows =
  'That Apache and Tomcat serve what CertRebind put into their files, and that keytool reads its keystores';
export const needs = ["Debian's apache2-bin, tomcat10 and a Java with keytool, installed", 'a lab'];

const programs = [
  { name: 'Apache', version: () => versionOf('apache2', ['-v'], /Apache\/(\S+)/), form: 'PEM pair', start: apache },
  ...[
    ['PEM pair', 'pem'],
    ['JKS', 'jks'],
    ['PKCS12, called .jks', 'pkcs12'],
  ].map(([form, type]) => ({
    name: 'Tomcat',
    version: () => versionOf('sh', ['/usr/share/tomcat10/bin/version.sh'], /Server number:\s+(\S+)/),
    form,
    start: (parts) => tomcat(parts, type),
  })),
];

export async function run({ say }) {
  const lines = [
    '| program | version | file | a client sees | seconds down | keytool lists |',
    '|---|---|---|---|---|---|',
  ];
  let passed = true;
  for (const { name, version, form, start } of programs) {
    const world = await openWorld((folder) => ['--lab', folder]);
    try {
      const found = await files.filesOf(world, 'program', { withIssuer: true });
      const port = await files.freePort();
      const { settings, line } = start({ ...found, port });
      const service = { name, do: 'restart' };
      const dial = { host: found.host, port };
      if (settings.password !== undefined)
        await runProgram(
          process.execPath,
          ['dist/certrebind-lab.cjs', 'secret', 'set', 'files', '--lab', world.folder],
          { input: keystorePassword },
        );
      await files.configure(world, {
        files: [{ name, service, dial, ...settings }],
        holders: { file: { restart: 'window' } },
        window: files.openWindow(),
      });
      await files.addService(world, { name, line, port });
      const pfx = join(found.folder, 'renewed.pfx');
      const successor = await files.renewedElsewhere(pfx, { withIssuer: true });
      const known = { [found.old]: 'old', [successor]: 'new' };
      const seen = [known[seenBy(port, found.host)]];
      const { document } = await world.json(['import', pfx, '--replace', found.old]);
      const step = files.fileStep(document);
      seen.push(known[seenBy(port, found.host)]);
      const listed = settings.format === 'jks' ? listedIn(settings.certificate, known) : '–';
      const undone = await world.json(['undo', document.run]);
      seen.push(known[seenBy(port, found.host)]);
      const story = seen.join(' → ');
      const isRight =
        story === 'old → new → old' &&
        step?.state === 'verified' &&
        undone.exitCode === 0 &&
        /^–$|: new, chain of 2$/.test(listed);
      passed &&= isRight;
      say(
        `${isRight ? 'ok' : 'NOT OK'}: ${name}, ${form}: ${story}; ${listed}; ${JSON.stringify(step?.restarted ?? document)}`,
      );
      const seconds = step?.restarted?.[0]?.seconds;
      lines.push(`| ${name} | ${version()} | ${form} | ${story} | ${seconds?.toFixed(1)} | ${listed} |`);
    } finally {
      await world.close();
    }
  }
  return {
    passed,
    lines: [
      ...lines,
      '',
      'The client is `openssl s_client`. "Seconds down" is until a handshake shows the new certificate.',
    ],
  };
}

function versionOf(program, words, pattern) {
  return pattern.exec(spawnSync(program, words, { encoding: 'utf8' }).stdout)?.[1] ?? 'unknown';
}

function listedIn(keystore, known) {
  const { thumbprint, chain } = listedByKeytool(keystore);
  return `tomcat: ${known[thumbprint]}, chain of ${chain}`;
}

function seenBy(port, host) {
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', host];
  const { stdout } = spawnSync('openssl', words, { input: '', encoding: 'utf8' });
  const pem = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/s.exec(stdout)?.[0] ?? '';
  const shown = spawnSync('openssl', ['x509', '-noout', '-fingerprint', '-sha1'], { input: pem, encoding: 'utf8' });
  return shown.stdout.trim().split('=')[1]?.replaceAll(':', '');
}
