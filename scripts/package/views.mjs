// How PowerShell shows the objects of the module, and which properties they have: the build writes this as ps1xml. Where a
// type has a table and a list, the first is what it gets unasked. A column has a label and what it shows, a property or a
// script; in a table its width, which the last one lacks, and 'Right' for numbers.

const table = (...columns) => ({ shape: 'Table', columns: columns.flatMap(columnsOf) });
const list = (...columns) => ({ shape: 'List', columns: columns.flatMap(columnsOf) });
/** Of names with blanks between them: what `shared` has, else the property as 'Exit code' for exitCode; with a width exitCode:5. */
const columnsOf = (column) => (typeof column === 'string' ? column.split(' ').map(named) : [column]);
const named = (column) => {
  const [name, width] = column.split(':');
  const label = name.replace(/\B[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const [title, value, usual] = shared[name] ?? [label[0].toUpperCase() + label.slice(1), name];
  return [title, value, width === undefined ? usual : Number(width)];
};
/** A table, and a list of the same columns in full. */
const both = (...columns) => [table(...columns), list(...columns)];

/** What is shortened in a table. */
const short = (inTable, inList) => ({ inTable, inList });
const each = (property, script, between) =>
  `@($_.${property} | ForEach-Object -Process { ${script} }) -join ${between}`;
const lines = (property, script) => each(property, script, '"`n"');
/** One thing to do: what it is, and below it the lines to type, or the sentence where there is none. */
const todo =
  "$below = if (@($_.commands).Count -gt 0) { $_.commands } else { $_.hint }; (@('{0}: {1}' -f $_.severity, $_.title) + @($below | ForEach-Object -Process { '  {0}' -f $_ })) -join \"`n\"";
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
const codes = each('obstacles', '$_.code', "', '");
const whys = lines('obstacles', '$_.text');
const blocked = lines('blocked', `'{0} {1}: {2}' -f $_.key, (${codes}), (${each('obstacles', '$_.text', "' '")})`);
const notes = lines('notes', '$_.text');

/** What several views show. */
const shared = {
  holder: ['Holder', 'key'],
  onServer: ['Server', '$_.server.name'],
  serves: ['Serves', digits, 9],
  until: ['Until', end, 11],
  ends: ['Ends', end],
  notes: ['Notes', notes],
  blocked: ['Blocked', blocked],
  names: ['Names', words('names')],
  usedBy: ['Used by', users],
  asOf: ['As of', time('asOf'), wide],
  takenAt: ['Taken at', time('takenAt'), wide],
  at: ['At', time('at'), wide],
};

export const views = {
  Plan: [
    list(
      'onServer asOf',
      ['Renewals', lines('renewals', renewal)],
      [
        'Steps',
        lines(
          'steps',
          "$from = if ($_.before) { $_.before.value.thumbprint } else { 'nothing' }; $to = if ($_.wanted) { $_.wanted.value.thumbprint } else { 'nothing' }; '{0} {1} -> {2}' -f $_.key, $from, $to",
        ),
      ],
      'blocked',
      ['Skipped', lines('skipped', `'{0} {1}' -f $_.key, (${codes})`)],
      'notes digest',
    ),
    table(
      'onServer:16 asOf',
      ['Steps', count('steps'), 6, 'Right'],
      ['Blocked', count('blocked'), 8, 'Right'],
      ['Skipped', count('skipped'), 8, 'Right'],
      ['Renewals', each('renewals', "'{0} -> {1}' -f $_.old.Substring(0, 8), $_.new.Substring(0, 8)", "', '")],
    ),
  ],
  Step: both(
    ['Id', 'id', 4, 'Right'],
    'holder:32',
    ['From', digitsIn('before'), 9],
    ['To', digitsIn('wanted'), 9],
    ['Used by', sites],
  ),
  Blocked: [
    table('holder:32', ['Obstacles', codes, 28], ['Why', '$_.obstacles[0].text']),
    list(
      'holder',
      ['Obstacles', codes],
      ['Why', whys],
      ['Renewal', "'{0} -> {1} ({2})' -f $_.renewal.old, $_.renewal.new, $_.renewal.source"],
      ['Used by', sites],
    ),
  ],
  Skipped: [
    table('holder:32', ['Obstacles', codes, 28], ['Why', '$_.obstacles[0].text']),
    list('holder', ['Obstacles', codes], ['Why', whys], ['Used by', sites]),
  ],
  Outcome: [
    list(
      ['Run', run],
      ['Result', "if ($_.dryRun) { '{0} (dry run)' -f $_.result } else { $_.result }"],
      ['Started', time('startedAt')],
      ['Took', "'{0:n1} s' -f ($_.durationMs / 1000)"],
      ['Counts', counts],
      ['Steps', lines('steps', "'{0} {1}' -f $_.key, $_.state")],
      'blocked notes exitCode',
    ),
    table(
      ['Run', run, 24],
      'result:15',
      ['Changed', '$_.counts.changed', 7, 'Right'],
      ['Already', '$_.counts.already', 7, 'Right'],
      ['Blocked', '$_.counts.blocked', 7, 'Right'],
      ['Undone', '$_.counts.undone', 6, 'Right'],
      ['Failed', '$_.counts.failed', 6, 'Right'],
    ),
  ],
  StepOutcome: both(
    ['Id', 'id', 4, 'Right'],
    'holder:32 state:14',
    ['Holds', short(holds('$_.now.thumbprint.Substring(0, 8)'), holds('$_.now.thumbprint')), 10],
    ['Error', 'if ($_.error) { $_.error.message }'],
  ),
  Run: [
    table(
      'run:24 at result:15',
      ['Changed', '$_.counts.changed', 7, 'Right'],
      ['Blocked', '$_.counts.blocked', 7, 'Right'],
    ),
    list('run at result', ['Counts', counts]),
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
      ['To do', lines('actions', todo)],
    ),
    {
      ...table(
        'onServer:15',
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
    table('site:20 binding:30 record:28 serves until subject'),
    list('site state binding record store thumbprint subject ends'),
  ],
  EndpointResult: both(
    'holder:28',
    ['Name', '$_.endpoint.serverName', 24],
    'result:13 matches:7 chain:7 serves until reason',
  ),
  Handshake: both(['Endpoint', endpoint, 24], ['Name', '$_.endpoint.serverName', 28], 'result:14 serves until reason'),
  Renewal: both('old:42 new:42 source:18 corroborated'),
  TlsRecord: both(['Record', 'key', 32], 'thumbprint:42 store:12', ['Application', 'appId']),
  Finding: [
    table('code:20 severity:9 message'),
    list('code severity site holder', ['Since', time('since')], 'message hint', ['Type', lines('commands', '$_')]),
  ],
  Task: both('name:24 is:12 enabled:8', ['Last run', time('lastRunAt'), wide], 'lastResult'),
  Code: [
    table('code:24 kind:10', ['Meaning', 'text']),
    list(
      'code kind severity',
      ['Meaning', 'text'],
      ['What to do', 'hint'],
      ['Type', lines('lines', "'{0}: {1}' -f $_.what, $_.line")],
      ['Exit code', 'exit'],
    ),
  ],
  Consumer: both(
    'kind:14',
    ['Site', "if ($_.PSObject.Properties['site']) { $_.site }", 28],
    [
      'Detail',
      "foreach ($name in 'information', 'detail', 'owner', 'appId') { if ($_.PSObject.Properties[$name] -and $_.$name) { $_.$name; break } }",
    ],
  ),
  CertificateUsage: [
    table('thumbprint:42 store:11 until', ['Uses', count('consumers'), 5, 'Right'], 'subject'),
    list(
      'thumbprint subject names',
      ['Until', end],
      'store',
      ['Has key', "if ($null -eq $_.hasKey) { 'unknown' } else { $_.hasKey }"],
      'usedBy',
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
      'thumbprint',
      ['Replaces', words('replaces')],
      'ends new old',
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
    table(['Place', 'name', 32], 'is:8 by:8', ['Type', each('commands', '$_', "'; '")]),
    list(
      ['Place', 'name'],
      'address is by',
      ['When', time('at')],
      'why',
      ['Type', lines('commands', '$_')],
      ['Broken', 'trouble'],
    ),
  ],
  MissingCertificate: [
    table('thumbprint:64 store:11', ['Uses', count('consumers')]),
    list('thumbprint', ['In no store', '$true'], 'store usedBy'),
  ],
  RetiredCase: [table(['Certificate', '$_.thumbprint.Substring(0, 8)', 11], 'store:10 becomes:8 message')],
  Watch: [
    table(
      'path:40',
      ['LookedAt', time('lookedAt'), wide],
      [
        'Found',
        `if ($_.unreachable) { $_.unreachable.why } else { @(@($_.incomplete).path) + @($_.newest | ForEach-Object { "$($_.names): $($_.state)" }) -ne '' -join '; ' }`,
      ],
    ),
  ],
  Trigger: [
    table('id:24 on:16 task:9', ['Runs', count('runs'), 5, 'Right'], ['Program', '$_.action.program']),
    list(
      'id on names issuer',
      ['Usages', words('ekus')],
      ['Program', "@($_.action.program) + @($_.action.args) -join ' '"],
      'task',
      [
        'Last run',
        `$last = @($_.runs)[-1]; if ($last) { '{0} {1} {2}' -f ${moment('$last.at')}, $last.result, $last.exitCode }`,
      ],
    ),
  ],
  TriggerRun: both(
    'at',
    ['Event', 'eventId', 6, 'Right'],
    ['Record', 'recordId', 7, 'Right'],
    'result:12',
    ['Exit', 'exitCode', 5, 'Right'],
    'why',
  ),
  Note: both('code:24 text'),
  Configuration: [
    list(
      ['Guards', lines('guards.PSObject.Properties', "'{0} = {1}' -f $_.Name, $_.Value")],
      ['Holders', lines('holders.PSObject.Properties', "'{0} = {1}' -f $_.Name, $_.Value.policy")],
      'keyAccess',
      [
        'Excluded',
        lines(
          'exclude.PSObject.Properties | Where-Object -FilterScript { @($_.Value).Count -gt 0 }',
          "'{0}: {1}' -f $_.Name, (@($_.Value) -join ', ')",
        ),
      ],
      ['Application ids', words('applicationIds')],
      'successors',
      ['Issuers', words('issuers')],
      ['Deadline', "'{0}, {1} days before the end' -f $_.deadline.action, $_.deadline.days"],
      'undo',
      ['Handshake', "'{0} attempts of {1} ms' -f $_.handshake.attempts, $_.handshake.timeoutMs"],
      ['Runs kept', 'keepRuns'],
    ),
  ],
  Captured: [list('file takenAt sites records certificates unreadable')],
  Snapshot: [
    list(
      'onServer takenAt account',
      ['IIS', '$_.server.iis'],
      ['Sites', count('sites')],
      ['Records', count('records')],
      ['Certificates', count('certificates')],
      ['Not looked at', each('notLookedAt', '$_.part', "', '")],
    ),
    table(
      'onServer:16 takenAt',
      ['Sites', count('sites'), 6],
      ['Records', count('records'), 8],
      ['Certificates', count('certificates')],
    ),
  ],
  Rehearsal: [list('onServer clean', ['Stages', lines('stages', "'{0}: {1}' -f $_.stage, $_.result")])],
  ReportWritten: [list('file')],
  SupportWritten: [list('file')],
  Imported: [list('subject thumbprint store ends')],
  FleetResult: [
    table(
      'Server:20',
      ['Wave', 'Wave', 4, 'Right'],
      'State:13 Result:15',
      ['Took', "if ($_.Took) { '{0:0.0} s' -f $_.Took.TotalSeconds }", 9, 'Right'],
      ['Problems', each('Problems', '$_.message', "' '")],
    ),
  ],
  RehearsedStage: [table('stage:9 result:9 detail')],
  InventoryEntry: [
    table(
      'server:16 kind:12',
      ['Name', "foreach ($name in 'name', 'code', 'version') { if ($_.$name) { $_.$name; break } }", 28],
      ['Ends', day('notAfter'), 11],
      ['Says', "foreach ($name in 'message', 'usedBy', 'thumbprint') { if ($_.$name) { $_.$name; break } }"],
    ),
  ],
};

const obstaclesOfThis =
  "@($this.key) + @($this.obstacles | ForEach-Object -Process { '{0}: {1}' -f $_.code, $_.text }) -join ' '";

/** What an object within another is as text, where a script puts it into a string, a list of all properties or a CSV. */
export const texts = {
  Action: '{severity}: {title}',
  Binding: '{site} {binding}',
  Blocked: obstaclesOfThis,
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
  Obstacle: '{code}: {text}',
  Place: '{name}: {state}',
  Renewal: '{old} -> {new} ({source})',
  RenewedCertificate: '{name}: new {new}, old {old}',
  RenewedPlace: '{name}: {is}',
  Run: '{run} {result}',
  Server: '{name}',
  Skipped: obstaclesOfThis,
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
  Blocked: { has: 'key consumers renewal obstacles', shows: 'key obstacles' },
  Captured: {
    has: 'schema file takenAt sites records certificates unreadable notLookedAt',
    shows: 'file takenAt sites records certificates',
  },
  CertificateUsage: {
    has: 'thumbprint short name issuer subject names notBefore notAfter store hasKey consumers',
    shows: 'thumbprint name notAfter store',
  },
  Code: { has: 'code kind text hint lines severity fact exit', shows: 'code kind text' },
  Configuration: {
    has: 'schema guards holders exclude keyAccess applicationIds successors issuersOnly issuers deadline undo handshake keepRuns notify watch',
    shows: 'undo successors keepRuns deadline',
  },
  EndpointResult: {
    has: 'endpoint result thumbprint notAfter reason attempts durationMs key expected matches chain',
    shows: 'key result matches thumbprint notAfter',
  },
  Finding: {
    has: 'code severity since title key keys site certificate endsAt renewal missingNames cause run next at message hint repair commands',
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
    has: 'thumbprint short name issuer notAfter replaces counts places new old notLookedAt written notSearched',
    shows: 'name notAfter new old',
  },
  RenewedPlace: {
    has: 'key name address is certificate by at why commands trouble',
    shows: 'name is by commands',
  },
  Run: { has: 'run at result counts certificates durationMs origin blocked', shows: 'run at result' },
  Skipped: { has: 'key consumers renewal obstacles', shows: 'key obstacles' },
  Imported: { has: 'schema thumbprint store subject notAfter dryRun why commands' },
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
