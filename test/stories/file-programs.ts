import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSettings } from '../../src/documents/configuration.ts';

/** Where the first certificate of a program lies, and where it listens. */
interface Parts {
  readonly folder: string;
  readonly certificate: string;
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

interface FileProgram {
  /** Of the certificate file in the configuration of CertRebind. */
  readonly settings: Pick<FileSettings, 'format' | 'certificate' | 'key' | 'password'>;
  /** Its own configuration. */
  readonly conf: string;
  /** What a service starts. */
  readonly line: string;
}

/** Of the keystores, and of the secret `files`. */
export const keystorePassword = 'geheim12';

export function apache({ folder, certificate, key, host, port }: Parts): FileProgram {
  const conf = join(folder, 'httpd.conf');
  const modules = ['mpm_event', 'authz_core', 'socache_shmcb', 'ssl'];
  const loaded = modules.map((one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`).join('\n');
  writeFileSync(
    conf,
    `${loaded}\nServerName ${host}\nServerRoot ${folder}\nPidFile logs/httpd.pid\nErrorLog logs/error.log\nListen 127.0.0.1:${port}
SSLEngine on\nSSLCertificateFile ${certificate}\nSSLCertificateKeyFile ${key}\n`,
  );
  const program = spawnSync('sh', ['-c', 'command -v apache2']).stdout.toString().trim();
  return { settings: { format: 'pem', certificate, key }, conf, line: `${program} -f ${conf} -DFOREGROUND` };
}

/** Keystores are made by keytool, with the alias `tomcat`. */
export function tomcat({ folder, certificate, key, port }: Parts, type: 'pem' | 'jks' | 'pkcs12'): FileProgram {
  for (const name of ['conf', 'temp', 'webapps', 'work', 'logs']) mkdirSync(join(folder, name), { recursive: true });
  const keystore = join(folder, 'site.jks');
  if (type !== 'pem') makeKeystore({ folder, certificate, key }, keystore, type);
  const source =
    type === 'pem'
      ? `certificateFile="${certificate}" certificateKeyFile="${key}"`
      : `certificateKeystoreFile="${keystore}" certificateKeystorePassword="${keystorePassword}" certificateKeystoreType="${type}" certificateKeyAlias="tomcat"`;
  const conf = join(folder, 'conf', 'server.xml');
  writeFileSync(
    conf,
    `<Server port="-1"><Service name="Catalina"><Connector port="${port}" address="127.0.0.1" SSLEnabled="true" scheme="https" secure="true">
<SSLHostConfig><Certificate ${source} type="RSA"/></SSLHostConfig></Connector>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>`,
  );
  writeFileSync(
    join(folder, 'conf', 'web.xml'),
    '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0"/>',
  );
  const line = `/usr/bin/env CATALINA_HOME=/usr/share/tomcat10 CATALINA_BASE=${folder} sh /usr/share/tomcat10/bin/catalina.sh run`;
  const settings: FileProgram['settings'] =
    type === 'pem'
      ? { format: 'pem', certificate, key }
      : { format: 'jks', certificate: keystore, password: 'secret:files' };
  return { settings, conf, line };
}

function makeKeystore(
  { folder, certificate, key }: Pick<Parts, 'folder' | 'certificate' | 'key'>,
  keystore: string,
  type: 'jks' | 'pkcs12',
): void {
  const pfx = join(folder, 'first.p12');
  const first = ['-in', certificate, '-inkey', key, '-name', 'tomcat', '-passout', `pass:${keystorePassword}`];
  const source = ['-srckeystore', pfx, '-srcstoretype', 'pkcs12', '-srcstorepass', keystorePassword];
  const made = ['-destkeystore', keystore, '-deststoretype', type, '-deststorepass', keystorePassword];
  for (const [program = '', ...words] of [
    ['openssl', 'pkcs12', '-export', ...first, '-out', pfx],
    ['keytool', '-importkeystore', '-noprompt', ...source, ...made],
  ]) {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
  }
}

/** What keytool finds in a keystore under its alias: the thumbprint, and how many certificates its chain has. */
export function listedByKeytool(keystore: string): { readonly thumbprint: string; readonly chain: number } {
  const words = ['-list', '-v', '-alias', 'tomcat', '-keystore', keystore, '-storepass', keystorePassword];
  const { stdout } = spawnSync('keytool', ['-J-Duser.language=en', ...words], { encoding: 'utf8' });
  const [, print = ''] = /SHA1: ([0-9A-F:]+)/.exec(stdout) ?? [];
  const [, chain = '0'] = /Certificate chain length: (\d+)/.exec(stdout) ?? [];
  return { thumbprint: print.replaceAll(':', ''), chain: Number(chain) };
}
