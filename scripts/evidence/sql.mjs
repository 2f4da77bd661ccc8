// Clients of SQL Server that are not ours, against the instance of a lab: which certificate each meets in TDS 7 and TDS 8,
// before and after its service is restarted with the renewed one, and after an undo.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demand, runProgram } from '../lib/program.mjs';

const { openLab } = await import('../../src/lab/host/channel.ts');
const { openWorld } = await import('../../test/stories/lab-world.ts');

const TEDIOUS = 'tedious@18.6.1';
const SQL_CLIENT = '6.1.1';
const host = 'shop.example.com';

export const shows =
  'That clients of SQL Server of other people meet the old and the new certificate at a lab in TDS 7 and TDS 8, and get as far as the login';
export const needs = [`npm: ${TEDIOUS}`, `the SDK of .NET 10 and NuGet: Microsoft.Data.SqlClient ${SQL_CLIENT}`];

/** Prints the thumbprint that it meets; nobody can log in to a lab, which it says with error 18456. */
const tediousProgram = `const { readFileSync } = require('node:fs');
const { Connection } = require('tedious');
const [port, encrypt, serverName, ...authorities] = process.argv.slice(2);
const connection = new Connection({
  server: '127.0.0.1',
  authentication: { type: 'default', options: { userName: 'lab', password: 'none' } },
  options: {
    port: Number(port),
    encrypt: encrypt === 'Strict' ? 'strict' : true,
    trustServerCertificate: false,
    serverName,
    cryptoCredentialsDetails: { ca: authorities.map((file) => readFileSync(file)) },
    connectTimeout: 15000,
  },
});
let met;
const look = (socket) => { met ??= socket?.getPeerCertificate?.().fingerprint?.replaceAll(':', ''); };
connection.on('secure', look);
connection.on('debug', () => look(connection.socket));
connection.connect((error) => {
  console.log(JSON.stringify({ met, login: error?.number === 18456 || /Login failed/.test(error?.message ?? '') }));
  connection.close();
});
`;

/** It takes nothing but the certificate of this file. */
const sqlClientProgram = `using Microsoft.Data.SqlClient;
try
{
    using var connection = new SqlConnection($"Server=tcp:127.0.0.1,{args[0]};User ID=lab;Password=none;Encrypt={args[1]};ServerCertificate={args[2]};Connect Timeout=15;ConnectRetryCount=0;Pooling=false");
    connection.Open();
    Console.Write("opened");
}
catch (SqlException thrown)
{
    Console.Write(thrown.Number == 18456 ? "login" : thrown.ToString());
}
`;

const sqlClientProject = `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
<ItemGroup><PackageReference Include="Microsoft.Data.SqlClient" Version="${SQL_CLIENT}" /></ItemGroup></Project>
`;

export async function run({ folder, say }) {
  const clients = [await installTedious(folder), await buildSqlClient(folder)];
  const world = await openWorld((lab) => ['--lab', lab], ['--holders']);
  try {
    const lab = await openLab(world.folder);
    const port = lab.listeners().find((one) => one.listening && one.service === 'tds')?.localPort;
    await lab.close();
    const old = world.certificates[0].thumbprint;
    const ways = clients.flatMap((client) =>
      ['Mandatory', 'Strict'].map((encrypt) => ({ ...client, encrypt, seen: [] })),
    );
    const look = async (known) => {
      for (const way of ways) way.seen.push(await way.meets({ port, encrypt: way.encrypt, known, lab: world.folder }));
    };
    const { new: successor } = await world.lab(['renew', old]);
    const known = { old, new: successor };
    await look(known);
    await world.certrebind(['config', 'set', 'holders.sql.policy', 'replace']);
    await world.certrebind(['config', 'set', 'holders.sql.restart', 'window']);
    await world.certrebind(['config', 'set', 'window', '{"from":"22:00","to":"04:00"}']);
    const { document } = await world.json(['reconcile', '--now']);
    await look(known);
    await world.json(['undo', document.run, '--now']);
    await look(known);
    const rows = ways.map(({ name, encrypt, seen }) => ({ name, encrypt, story: seen.join(' → ') }));
    for (const { name, encrypt, story } of rows) say(`${name}, ${encrypt}: ${story}`);
    return {
      passed: rows.every(({ story }) => story === 'old → new → old'),
      lines: [
        '| client | encryption | meets |',
        '|---|---|---|',
        ...rows.map(
          ({ name, encrypt, story }) => `| ${name} | ${encrypt === 'Strict' ? 'strict (TDS 8)' : 'TDS 7'} | ${story} |`,
        ),
        '',
        'Before, after `certrebind reconcile --now`, and after `certrebind undo --now`. Each got as far as error 18456: nobody can log in to a lab.',
      ],
    };
  } finally {
    await world.close();
  }
}

async function installTedious(folder) {
  await demand('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, TEDIOUS]);
  const program = join(folder, 'meet.cjs');
  writeFileSync(program, tediousProgram);
  return {
    name: TEDIOUS.replace('@', ' '),
    meets: async ({ port, encrypt, known, lab }) => {
      const authorities = readdirSync(join(lab, 'ca')).filter((file) => file.endsWith('.crt'));
      const words = [`${port}`, encrypt, host, ...authorities.map((file) => join(lab, 'ca', file))];
      const { output } = await runProgram(process.execPath, [program, ...words]);
      const { met, login } = JSON.parse(output.trim().split('\n').at(-1));
      const name = Object.keys(known).find((one) => known[one] === met) ?? `${met}`;
      return login ? name : `${name}, no login`;
    },
  };
}

async function buildSqlClient(folder) {
  const project = join(folder, 'client');
  mkdirSync(project);
  writeFileSync(join(project, 'client.csproj'), sqlClientProject);
  writeFileSync(join(project, 'Program.cs'), sqlClientProgram);
  await demand('dotnet', ['build', project, '--output', join(folder, 'built'), '-v', 'quiet']);
  return {
    name: `Microsoft.Data.SqlClient ${SQL_CLIENT}`,
    meets: async ({ port, encrypt, known, lab }) => {
      const found = [];
      for (const [name, thumbprint] of Object.entries(known)) {
        const file = join(lab, 'stores/My', `${thumbprint}.crt`);
        const words = [join(folder, 'built/client.dll'), `${port}`, encrypt, file];
        const { output } = await runProgram('dotnet', words);
        if (output === 'login') found.push(name);
        else if (!output.includes('does not match the certificate provided')) found.push(output);
      }
      return found.join(' and ') || 'neither';
    },
  };
}
