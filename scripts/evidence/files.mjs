// Programs that read certificates from files, changed by an import on a lab that runs them as services: what clients that
// are not ours get before it, after it and after an undo, and what keytool says of the keystores.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../lib/program.mjs';

const { openWorld } = await import('../../test/stories/lab-world.ts');
const files = await import('../../test/stories/certificate-files.ts');

export const shows =
  'That Apache and Tomcat serve what CertRebind put into their files, and that keytool reads its keystores';
export const needs = ["Debian's apache2-bin, tomcat10 and a Java with keytool, installed", 'a lab'];

const PASSWORD = 'geheim12';

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
      const found = await files.filesOf(world, 'program');
      const port = await files.freePort();
      const { settings, line, keystore } = await start({ ...found, port });
      const service = { name, do: 'restart' };
      const dial = { host: found.host, port };
      if (settings.password !== undefined)
        await runProgram(
          process.execPath,
          ['dist/certrebind-lab.cjs', 'secret', 'set', 'files', '--lab', world.folder],
          { input: PASSWORD },
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
      const listed = keystore === undefined ? '–' : listedIn(keystore, known);
      await world.json(['undo', document.run]);
      seen.push(known[seenBy(port, found.host)]);
      const story = seen.join(' → ');
      const isRight =
        story === 'old → new → old' && step?.state === 'verified' && /^–$|: new, chain of 2$/.test(listed);
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

function apache({ folder, certificate, key, host, port }) {
  const file = join(folder, 'httpd.conf');
  const modules = ['mpm_event', 'authz_core', 'socache_shmcb', 'ssl'];
  const loaded = modules.map((one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`).join('\n');
  writeFileSync(
    file,
    `${loaded}\nServerName ${host}\nServerRoot ${folder}\nPidFile logs/httpd.pid\nErrorLog logs/error.log\nListen 127.0.0.1:${port}
SSLEngine on\nSSLCertificateFile ${certificate}\nSSLCertificateKeyFile ${key}\n`,
  );
  return { settings: { format: 'pem', certificate, key }, line: `/usr/sbin/apache2 -f ${file} -DFOREGROUND` };
}

function tomcat({ folder, certificate, key, port }, type) {
  for (const name of ['conf', 'temp', 'webapps', 'work', 'logs']) mkdirSync(join(folder, name), { recursive: true });
  const keystore = join(folder, 'site.jks');
  if (type !== 'pem') storeOf({ certificate, key, keystore, type, folder });
  const source =
    type === 'pem'
      ? `certificateFile="${certificate}" certificateKeyFile="${key}"`
      : `certificateKeystoreFile="${keystore}" certificateKeystorePassword="${PASSWORD}" certificateKeystoreType="${type}" certificateKeyAlias="tomcat"`;
  writeFileSync(
    join(folder, 'conf', 'server.xml'),
    `<Server port="-1"><Service name="Catalina"><Connector port="${port}" address="127.0.0.1" SSLEnabled="true" scheme="https" secure="true">
<SSLHostConfig><Certificate ${source} type="RSA"/></SSLHostConfig></Connector>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>`,
  );
  writeFileSync(
    join(folder, 'conf', 'web.xml'),
    '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0"/>',
  );
  const line = `/usr/bin/env CATALINA_HOME=/usr/share/tomcat10 CATALINA_BASE=${folder} sh /usr/share/tomcat10/bin/catalina.sh run`;
  return type === 'pem'
    ? { settings: { format: 'pem', certificate, key }, line }
    : { settings: { format: 'jks', certificate: keystore, password: 'secret:files' }, line, keystore };
}

/** The first keystore is keytool's own work. */
function storeOf({ certificate, key, keystore, type, folder }) {
  const pfx = join(folder, 'first.p12');
  const made = [
    [
      'openssl',
      'pkcs12',
      '-export',
      '-in',
      certificate,
      '-inkey',
      key,
      '-name',
      'tomcat',
      '-passout',
      `pass:${PASSWORD}`,
      '-out',
      pfx,
    ],
    [
      'keytool',
      '-importkeystore',
      '-noprompt',
      '-srckeystore',
      pfx,
      '-srcstoretype',
      'pkcs12',
      '-srcstorepass',
      PASSWORD,
      '-destkeystore',
      keystore,
      '-deststoretype',
      type,
      '-deststorepass',
      PASSWORD,
    ],
  ].map(([program, ...words]) => spawnSync(program, words, { encoding: 'utf8' }));
  const failed = made.find(({ status }) => status !== 0);
  if (failed !== undefined) throw new Error(`${failed.stdout}${failed.stderr}`);
}

/** What keytool finds under the alias. */
function listedIn(keystore, known) {
  const words = ['-list', '-v', '-alias', 'tomcat', '-keystore', keystore, '-storepass', PASSWORD];
  const { stdout } = spawnSync('keytool', ['-J-Duser.language=en', ...words], { encoding: 'utf8' });
  const [, print = ''] = /SHA1: ([0-9A-F:]+)/.exec(stdout) ?? [];
  const [, length = '0'] = /Certificate chain length: (\d+)/.exec(stdout) ?? [];
  return `tomcat: ${known[print.replaceAll(':', '')]}, chain of ${length}`;
}

function seenBy(port, host) {
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', host];
  const { stdout } = spawnSync('openssl', words, { input: '', encoding: 'utf8' });
  const pem = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/s.exec(stdout)?.[0] ?? '';
  const shown = spawnSync('openssl', ['x509', '-noout', '-fingerprint', '-sha1'], { input: pem, encoding: 'utf8' });
  return shown.stdout.trim().split('=')[1]?.replaceAll(':', '');
}
