// How PowerShell shows the objects of the module, and which properties they have: the build writes this as ps1xml. Where a
// type has a table and a list, the first is what it gets unasked. A column has a label and what it shows, a property or a
// script; in a table its width, which the last one lacks, and 'Right' for numbers.

const table = (...columns) => ({ shape: 'Table', columns });
const list = (...columns) => ({ shape: 'List', columns });
/** Columns that show properties under their own names, some with a width: 'exitCode:5' as 'Exit code'. */
const own = (properties) =>
  properties.split(' ').map((property) => {
    const [name, width] = property.split(':');
    const label = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return [label[0].toUpperCase() + label.slice(1), name, ...(width === undefined ? [] : [Number(width)])];
  });
/** A table, and a list of the same columns in full. */
const both = (...columns) => [table(...columns), list(...columns)];

/** What is shortened in a table. */
const short = (inTable, inList) => ({ inTable, inList });
const each = (property, script, between) =>
  `@($_.${property} | ForEach-Object -Process { ${script} }) -join ${between}`;
const lines = (property, script) => each(property, script, '"`n"');
const words = (property) => `@($_.${property}) -join ', '`;
const count = (property) => `@($_.${property}).Count`;
/** UTC, with the clock of the console beside it where that is another: `2026-01-31 08:15:00Z (09:15 +01:00)`. */
const moment = (value) =>
  `$(if (${value} -is [datetime]) { $here = (${value}).ToLocalTime(); '{0:u}{1}' -f ${value}, $(if ($here.ToString('zzz') -ne '+00:00') { $here.ToString(' (HH:mm zzz)', [cultureinfo]::InvariantCulture) }) })`;
const time = (property) => moment(`$_.${property}`);
/** What a moment takes in a table. */
const wide = 36;
const day = (property) => `'{0:yyyy-MM-dd}' -f $_.${property}`;
const end = short(day('notAfter'), time('notAfter'));
const digits = short('if ($_.thumbprint) { $_.thumbprint.Substring(0, 8) }', 'thumbprint');
const digitsIn = (part) =>
  short(
    `if ($_.${part} -and $_.${part}.value.thumbprint) { $_.${part}.value.thumbprint.Substring(0, 8) }`,
    `if ($_.${part}) { $_.${part}.value.thumbprint }`,
  );
const holds = (thumbprint) =>
  `if ($_.now.state -ne 'holds') { $_.now.state } elseif ($_.now.thumbprint) { ${thumbprint} }`;
const run = "if ($_.kept) { $_.run } else { '(not kept)' }";
const counts =
  "@($_.counts.PSObject.Properties | Where-Object -FilterScript { $_.Value -gt 0 } | ForEach-Object -Process { '{0} {1}' -f $_.Value, ($_.Name -replace 'stillOld', 'not yet served' -replace 'notVerified', 'not verified') }) -join ', '";
const sites =
  "@($_.consumers | ForEach-Object -Process { if ($_.PSObject.Properties['site'] -and $_.site) { $_.site } else { $_.kind } } | Select-Object -Unique) -join ', '";
const users = lines(
  'consumers',
  "$what = @(foreach ($name in 'site', 'information', 'detail', 'owner', 'appId') { if ($_.PSObject.Properties[$name] -and $_.$name) { $_.$name } }) -join ' '; $moved = if ($_.handled) { 'moved' } else { 'not moved' }; '{0} {1} ({2})' -f $_.kind, $what, $moved",
);
const endpoint = "'{0}:{1}' -f $_.endpoint.address, $_.endpoint.port";
const renewal = "'{0} -> {1} ({2})' -f $_.old, $_.new, $_.source";
const blocked = lines('blocked', "'{0} {1}: {2}' -f $_.key, $_.reason, $_.detail");
const notes = lines('notes', '$_.text');

export const views = {
  Plan: [
    list(
      ['Server', '$_.server.name'],
      ['As of', time('asOf')],
      ['Renewals', lines('renewals', renewal)],
      [
        'Steps',
        lines(
          'steps',
          "$from = if ($_.before) { $_.before.value.thumbprint } else { 'nothing' }; $to = if ($_.wanted) { $_.wanted.value.thumbprint } else { 'nothing' }; '{0} {1} -> {2}' -f $_.key, $from, $to",
        ),
      ],
      ['Blocked', blocked],
      ['Skipped', lines('skipped', "'{0} {1}' -f $_.key, $_.reason")],
      ['Notes', notes],
      ['Digest', 'digest'],
    ),
    table(
      ['Server', '$_.server.name', 16],
      ['As of', time('asOf'), wide],
      ['Steps', count('steps'), 6, 'Right'],
      ['Blocked', count('blocked'), 8, 'Right'],
      ['Skipped', count('skipped'), 8, 'Right'],
      ['Renewals', each('renewals', "'{0} -> {1}' -f $_.old.Substring(0, 8), $_.new.Substring(0, 8)", "', '")],
    ),
  ],
  Step: both(
    ['Id', 'id', 4, 'Right'],
    ['Holder', 'key', 32],
    ['From', digitsIn('before'), 9],
    ['To', digitsIn('wanted'), 9],
    ['Used by', sites],
  ),
  Blocked: [
    table(['Holder', 'key', 32], ['Reason', 'reason', 20], ['Ends', day('endsAt'), 11], ['Detail', 'detail']),
    list(
      ['Holder', 'key'],
      ...own('reason detail'),
      ['Hosts', words('hosts')],
      ['Ends', time('endsAt')],
      ['Renewal', "'{0} -> {1} ({2})' -f $_.renewal.old, $_.renewal.new, $_.renewal.source"],
      ['Used by', sites],
    ),
  ],
  Skipped: both(['Holder', 'key', 32], ['Reason', 'reason', 12], ['Detail', 'detail']),
  Outcome: [
    list(
      ['Run', run],
      ['Result', "if ($_.dryRun) { '{0} (dry run)' -f $_.result } else { $_.result }"],
      ['Started', time('startedAt')],
      ['Took', "'{0:n1} s' -f ($_.durationMs / 1000)"],
      ['Counts', counts],
      ['Steps', lines('steps', "'{0} {1}' -f $_.key, $_.state")],
      ['Blocked', blocked],
      ['Notes', notes],
      ['Exit code', 'exitCode'],
    ),
    table(
      ['Run', run, 24],
      ['Result', 'result', 15],
      ['Changed', '$_.counts.changed', 7, 'Right'],
      ['Already', '$_.counts.already', 7, 'Right'],
      ['Blocked', '$_.counts.blocked', 7, 'Right'],
      ['Undone', '$_.counts.undone', 6, 'Right'],
      ['Failed', '$_.counts.failed', 6, 'Right'],
    ),
  ],
  StepOutcome: both(
    ['Id', 'id', 4, 'Right'],
    ['Holder', 'key', 32],
    ['State', 'state', 14],
    ['Holds', short(holds('$_.now.thumbprint.Substring(0, 8)'), holds('$_.now.thumbprint')), 10],
    ['Error', 'if ($_.error) { $_.error.message }'],
  ),
  Run: [
    table(
      ['Run', 'run', 24],
      ['At', time('at'), wide],
      ['Result', 'result', 15],
      ['Changed', '$_.counts.changed', 7, 'Right'],
      ['Blocked', '$_.counts.blocked', 7, 'Right'],
    ),
    list(['Run', 'run'], ['At', time('at')], ['Result', 'result'], ['Counts', counts]),
  ],
  Status: [
    list(
      ['Enabled', "if ($null -eq $_.enabled) { 'unknown' } else { $_.enabled }"],
      [
        'Tasks',
        lines(
          'tasks',
          "$on = if ($_.enabled) { 'enabled' } else { 'disabled' }; '{0} ({1}, {2})' -f $_.name, $_.is, $on",
        ),
      ],
      [
        'IIS Manager',
        "if ($null -eq $_.native.present) { 'unknown' } elseif (-not $_.native.present) { 'no task' } elseif ($_.native.enabled) { 'task active' } else { 'task disabled' }",
      ],
      ['Pending', `if ($null -eq $_.pending) { 'unknown' } else { ${lines('pending', renewal)} }`],
      ['Waiting', lines('waiting', `'{0} -> {1} from {2}' -f $_.renewal.old, $_.renewal.new, ${time('notBefore')}`)],
      ['Held', lines('held', "'{0} -> {1}' -f $_.renewal.old, $_.renewal.new")],
      ['Last run', `if ($_.lastRun) { '{0} {1} {2}' -f $_.lastRun.run, ${time('lastRun.at')}, $_.lastRun.result }`],
      ['Last error', 'if ($_.lastError) { $_.lastError.error.message }'],
      ['Findings', lines('findings', "'{0}: {1} {2}' -f $_.severity, $_.message, $_.hint")],
    ),
    {
      ...table(
        ['Server', '$_.server.name', 15],
        ['State', "('ERROR', 'WARNING', 'OK')[$_.rank]", 7],
        ['Enabled', "if ($null -eq $_.enabled) { 'unknown' } elseif ($_.enabled) { 'yes' } else { 'no' }", 7],
        ['Next end', `if ($_.inUse.nextEnd) { ${day('inUse.nextEnd.notAfter')} }`, 10],
        ['Last run', `if ($_.lastRun) { ${day('lastRun.at')} }`, 10],
        ['Do', count('actions'), 3, 'Right'],
        ['First', '@($_.actions | ForEach-Object -Process { $_.title })[0]'],
      ),
      // What Invoke-Command brings from many servers is a table.
      alsoOf: 'Deserialized.CertRebind.Status',
    },
  ],
  Binding: [
    table(...own('site:20 binding:30 record:28'), ['Serves', digits, 9], ['Until', end, 11], ['Subject', 'subject']),
    list(...own('site state binding record store thumbprint subject'), ['Ends', end]),
  ],
  EndpointResult: both(
    ['Holder', 'key', 28],
    ['Name', '$_.endpoint.serverName', 24],
    ...own('result:13 matches:7 chain:7'),
    ['Serves', digits, 9],
    ['Until', end, 11],
    ['Reason', 'reason'],
  ),
  Handshake: both(
    ['Endpoint', endpoint, 24],
    ['Name', '$_.endpoint.serverName', 28],
    ['Result', 'result', 14],
    ['Serves', digits, 9],
    ['Until', end, 11],
    ['Reason', 'reason'],
  ),
  Renewal: both(['Old', 'old', 42], ['New', 'new', 42], ['Source', 'source', 18], ['Corroborated', 'corroborated']),
  TlsRecord: both(['Record', 'key', 32], ...own('thumbprint:42 store:12'), ['Application', 'appId']),
  Finding: [
    table(['Code', 'code', 20], ['Severity', 'severity', 9], ['Message', 'message']),
    list(...own('code severity site'), ['Holder', 'key'], ['Since', time('since')], ...own('message hint command')),
  ],
  Task: both(...own('name:24 is:12 enabled:8'), ['Last run', time('lastRunAt'), wide], ['Last result', 'lastResult']),
  Code: [
    table(['Code', 'code', 24], ['Kind', 'kind', 10], ['Meaning', 'text']),
    list(['Code', 'code'], ['Kind', 'kind'], ['Meaning', 'text'], ['What to do', 'hint'], ['Exit code', 'exit']),
  ],
  Consumer: both(
    ['Kind', 'kind', 14],
    ['Site', "if ($_.PSObject.Properties['site']) { $_.site }", 28],
    [
      'Detail',
      "foreach ($name in 'information', 'detail', 'owner', 'appId') { if ($_.PSObject.Properties[$name] -and $_.$name) { $_.$name; break } }",
    ],
  ),
  CertificateUsage: [
    table(
      ...own('thumbprint:42 store:11'),
      ['Until', end, 11],
      ['Uses', count('consumers'), 5, 'Right'],
      ['Subject', 'subject'],
    ),
    list(
      ...own('thumbprint subject'),
      ['Names', words('names')],
      ['Until', end],
      ['Store', 'store'],
      ['Has key', "if ($null -eq $_.hasKey) { 'unknown' } else { $_.hasKey }"],
      ['Used by', users],
    ),
  ],
  RenewedCertificate: [
    table(
      ['Certificate', 'name', 32],
      ['Ends', end, 11],
      ['New', 'new', 5, 'Right'],
      ['Old', 'old', 5, 'Right'],
      ['Not looked at', count('notLookedAt'), 14, 'Right'],
      ['To do', "@($_.places | ForEach-Object -Process { $_.commands } | Select-Object -Unique) -join '; '"],
    ),
    list(
      ['Certificate', 'name'],
      ['Thumbprint', 'thumbprint'],
      ['Replaces', words('replaces')],
      ['Ends', end],
      ...own('new old'),
      [
        'Places',
        lines(
          'places',
          "$by = switch ($_.by) { 'itself' { ' by itself' } 'command' { ' if you ask' } 'person' { ' by you' } }; '{0}: {1}{2}' -f $_.name, $_.is, $by",
        ),
      ],
      ['Not looked at', lines('notLookedAt', '$_')],
    ),
  ],
  RenewedPlace: [
    table(['Place', 'name', 32], ['Is', 'is', 8], ['By', 'by', 8], ['Type', each('commands', '$_', "'; '")]),
    list(
      ['Place', 'name'],
      ...own('address is by'),
      ['When', time('at')],
      ['Why', 'why'],
      ['Type', lines('commands', '$_')],
      ['Broken', 'trouble'],
    ),
  ],
  Forecast: [
    table(
      ['Server', 'server', 20],
      ['Until', "'{0:yyyy-MM}' -f ([datetime]$_.until).ToUniversalTime().AddDays(-1)", 11],
      ['Renewals', '$_.total.renewals', 9, 'Right'],
      ['By itself', '$_.total.costs.nothing', 10, 'Right'],
      ['Restart', '$_.total.costs.restart', 8, 'Right'],
      ['Person', '$_.total.costs.person', 7, 'Right'],
      ['Do first', '$first = @($_.actions)[0]; if ($first.command) { $first.command } else { $first.title }'],
    ),
  ],
  MissingCertificate: [
    table(['Thumbprint', 'thumbprint', 64], ['Store', 'store', 11], ['Uses', count('consumers')]),
    list(['Thumbprint', 'thumbprint'], ['In no store', '$true'], ['Store', 'store'], ['Used by', users]),
  ],
  RetiredCase: [table(['Certificate', '$_.thumbprint.Substring(0, 8)', 11], ...own('store:10 becomes:8 message'))],
  Watch: [
    table(
      ['Path', 'path', 40],
      ['LookedAt', time('lookedAt'), wide],
      [
        'Found',
        `if ($_.unreachable) { $_.unreachable.why } else { @(@($_.incomplete).path) + @($_.newest | ForEach-Object { "$($_.names): $($_.state)" }) -ne '' -join '; ' }`,
      ],
    ),
  ],
  Trigger: [
    table(
      ...own('id:24 on:16 task:9'),
      ['Runs', count('runs'), 5, 'Right'],
      ['Does', "if ($_.action.kind -eq 'program') { $_.action.program } else { $_.action.run }"],
    ),
    list(
      ...own('id on'),
      ['Names', words('names')],
      ['Issuer', 'issuer'],
      ['Usages', words('ekus')],
      [
        'Does',
        "if ($_.action.kind -eq 'program') { @($_.action.program) + @($_.action.args) -join ' ' } else { $_.action.run }",
      ],
      ['Task', 'task'],
      [
        'Last run',
        `$last = @($_.runs)[-1]; if ($last) { '{0} {1} {2}' -f ${moment('$last.at')}, $last.result, $last.exitCode }`,
      ],
    ),
  ],
  TriggerRun: both(
    ['At', time('at'), wide],
    ['Event', 'eventId', 6, 'Right'],
    ['Record', 'recordId', 7, 'Right'],
    ['Result', 'result', 12],
    ['Exit', 'exitCode', 5, 'Right'],
    ['Why', 'why'],
  ),
  Note: both(['Code', 'code', 24], ['Text', 'text']),
  Configuration: [
    list(
      ['Guards', lines('guards.PSObject.Properties', "'{0} = {1}' -f $_.Name, $_.Value")],
      ['Holders', lines('holders.PSObject.Properties', "'{0} = {1}' -f $_.Name, $_.Value.policy")],
      ['Key access', 'keyAccess'],
      [
        'Excluded',
        lines(
          'exclude.PSObject.Properties | Where-Object -FilterScript { @($_.Value).Count -gt 0 }',
          "'{0}: {1}' -f $_.Name, (@($_.Value) -join ', ')",
        ),
      ],
      ['Application ids', words('applicationIds')],
      ['Successors', 'successors'],
      ['Issuers', words('issuers')],
      ['Deadline', "'{0}, {1} days before the end' -f $_.deadline.action, $_.deadline.days"],
      ['Undo', 'undo'],
      ['Handshake', "'{0} attempts of {1} ms' -f $_.handshake.attempts, $_.handshake.timeoutMs"],
      ['Runs kept', 'keepRuns'],
    ),
  ],
  Captured: [list(['File', 'file'], ['Taken at', time('takenAt')], ...own('sites records certificates unreadable'))],
  Snapshot: [
    list(
      ['Server', '$_.server.name'],
      ['Taken at', time('takenAt')],
      ['Account', 'account'],
      ['IIS', '$_.server.iis'],
      ['Sites', count('sites')],
      ['Records', count('records')],
      ['Certificates', count('certificates')],
      ['Not looked at', each('notLookedAt', '$_.part', "', '")],
    ),
    table(
      ['Server', '$_.server.name', 16],
      ['Taken at', time('takenAt'), wide],
      ['Sites', count('sites'), 6],
      ['Records', count('records'), 8],
      ['Certificates', count('certificates')],
    ),
  ],
  Rehearsal: [
    list(
      ['Server', '$_.server.name'],
      ['Clean', 'clean'],
      ['Stages', lines('stages', "'{0}: {1}' -f $_.stage, $_.result")],
    ),
  ],
  ReportWritten: [list(['File', 'file'])],
  SupportWritten: [list(['File', 'file'])],
  Imported: [list(['Subject', 'subject'], ['Thumbprint', 'thumbprint'], ['Store', 'store'], ['Ends', end])],
  FleetResult: [
    table(
      ['Server', 'Server', 20],
      ['Wave', 'Wave', 4, 'Right'],
      ['State', 'State', 13],
      ['Result', 'Result', 15],
      ['Took', "if ($_.Took) { '{0:0.0} s' -f $_.Took.TotalSeconds }", 9, 'Right'],
      ['Problems', each('Problems', '$_.message', "' '")],
    ),
  ],
  RehearsedStage: [table(['Stage', 'stage', 9], ['Result', 'result', 9], ['Detail', 'detail'])],
  InventoryEntry: [
    table(
      ...own('server:16 kind:12'),
      ['Name', "foreach ($name in 'name', 'code', 'version') { if ($_.$name) { $_.$name; break } }", 28],
      ['Ends', day('notAfter'), 11],
      ['Says', "foreach ($name in 'message', 'usedBy', 'thumbprint') { if ($_.$name) { $_.$name; break } }"],
    ),
  ],
};

/** What an object within another is as text, where a script puts it into a string, a list of all properties or a CSV. */
export const texts = {
  Action: '{severity}: {title}',
  Binding: '{site} {binding}',
  Blocked: '{key} {reason}: {detail}',
  CertificateUsage: '{name} {thumbprint}',
  Consumer:
    "@(foreach ($name in 'kind', 'site', 'information', 'detail', 'owner') { if ($this.PSObject.Properties[$name]) { $this.$name } }) -ne $null -join ' '",
  Counts:
    "@($this.PSObject.Properties | Where-Object -Property Value -GT -Value 0 | ForEach-Object -Process { '{0} {1}' -f $_.Value, $_.Name }) -join ', '",
  Endpoint: '{address}:{port} {serverName}',
  EndpointResult: '{key} {result}',
  Finding: '{severity}: {message}',
  FleetProblem: '{code}: {message}',
  Handshake: '{endpoint} {result}',
  Holder: '{key}',
  Note: '{text}',
  Place: '{name}: {state}',
  Renewal: '{old} -> {new} ({source})',
  RenewedCertificate: '{name}: new {new}, old {old}',
  RenewedPlace: '{name}: {is}',
  Run: '{run} {result}',
  Server: '{name}',
  Skipped: '{key} {reason}: {detail}',
  Step: '{key}',
  StepOutcome: '{key} {state}',
  Task: '{name}: {is}',
  TlsRecord: '{key} {thumbprint}',
  // Every other one.
  Part: "@(foreach ($one in $this.PSObject.Properties) { '{0}: {1}' -f $one.Name, (@($one.Value | ForEach-Object -Process { if ($_ -is [datetime]) { '{0:u}' -f $_ } else { [string]$_ } }) -join ', ') }) -join '; '",
};

/**
 * `has`: properties that are completed before anything runs, and are null where an object lacks them. `shows`: those that stand
 * for the whole where no view does. `sortedBy`: what Sort-Object takes.
 */
export const types = {
  Binding: {
    has: 'site state binding record store thumbprint subject notAfter',
    shows: 'site binding record subject notAfter',
  },
  Blocked: { has: 'key reason detail hosts endsAt renewal consumers', shows: 'key reason detail' },
  Captured: {
    has: 'schema file takenAt sites records certificates unreadable notLookedAt',
    shows: 'file takenAt sites records certificates',
  },
  CertificateUsage: {
    has: 'thumbprint short name issuer subject names notBefore notAfter store hasKey consumers',
    shows: 'thumbprint name notAfter store',
  },
  Code: { has: 'code kind text hint fact exit', shows: 'code kind text' },
  Configuration: {
    has: 'schema guards holders exclude keyAccess applicationIds successors issuersOnly issuers deadline undo handshake keepRuns notify files watch',
    shows: 'undo successors keepRuns deadline',
  },
  EndpointResult: {
    has: 'endpoint result thumbprint notAfter reason attempts durationMs key expected matches chain',
    shows: 'key result matches thumbprint notAfter',
  },
  Finding: {
    has: 'code severity since title key keys site certificate endsAt renewal missingNames cause run next at message hint repair command',
    shows: 'code severity message',
  },
  Outcome: {
    has: 'schema run kept dryRun command result exitCode counts startedAt durationMs steps blocked skipped renewals certificates notes cost',
    shows: 'run result counts',
  },
  Plan: {
    has: 'schema purpose server asOf policy renewals certificates steps blocked skipped notes digest',
    shows: 'server renewals steps blocked',
  },
  Renewal: { has: 'old new source corroborated eventRecordId', shows: 'old new source' },
  RenewedCertificate: {
    has: 'thumbprint short name issuer notAfter replaces counts places new old notLookedAt',
    shows: 'name notAfter new old',
  },
  RenewedPlace: {
    has: 'key name address is certificate by at why commands trouble',
    shows: 'name is by commands',
  },
  Run: { has: 'run at result counts certificates durationMs origin blocked', shows: 'run at result' },
  Skipped: { has: 'key consumers reason detail', shows: 'key reason detail' },
  Imported: { has: 'schema thumbprint store subject notAfter dryRun' },
  Snapshot: {
    has: 'schema takenAt timeZone server account trust sources webService scheduleService webAdministration listenOnly http3 sites holders unreadable certificates roles legacySslMetadata notLookedAt tasks lifecycle netsh',
    made: { records: "@(foreach ($holder in $this.holders) { if ($holder.kind -ceq 'tls') { $holder.value } })" },
    shows: 'server takenAt sites records certificates',
  },
  Status: {
    has: 'schema at rank actions places dialledAt server inUse certificates enabled tasks native log channels pending waiting held ledger lastRun lastError engine proof findings',
    shows: 'enabled tasks lastRun findings',
    sortedBy: 'rank',
  },
  // What Invoke-Command brings: Sort-Object puts the worst server first.
  'Deserialized.CertRebind.Status': { sortedBy: 'rank' },
  Step: { has: 'id key before wanted renewal consumers verify notes', shows: 'id key before wanted' },
  StepOutcome: { has: 'id key state now repairedOptions before after error', shows: 'id key state' },
  Task: { has: 'path name is enabled lastResult lastRunAt nextStartAt', shows: 'name is enabled' },
  RetiredCase: { has: 'thumbprint store successor becomes why message', shows: 'thumbprint becomes message' },
  Watch: {
    has: 'path names password store trustShare lookedAt unreachable incomplete newest',
    shows: 'path lookedAt newest',
  },
  Trigger: { has: 'id on names issuer ekus action createdAt task runs', shows: 'id on task' },
};
