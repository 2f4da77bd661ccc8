# Which type each part of a document of the program gets, so that views and completion know it. The first
# table is by schema name, the second by type of the object and name of its property.

$script:documentTypes = @{
    campaign      = 'CertRebind.Campaign'
    plan          = 'CertRebind.Plan'
    outcome       = 'CertRebind.Outcome'
    error         = 'CertRebind.Error'
    status        = 'CertRebind.Status'
    verify        = 'CertRebind.Verify'
    history       = 'CertRebind.History'
    codes         = 'CertRebind.Codes'
    configuration = 'CertRebind.Configuration'
    imported      = 'CertRebind.Imported'
    captured      = 'CertRebind.Captured'
    'report-written' = 'CertRebind.ReportWritten'
    'support-written' = 'CertRebind.SupportWritten'
    snapshot      = 'CertRebind.Snapshot'
    doctor        = 'CertRebind.Doctor'
    dismissed     = 'CertRebind.Dismissed'
    usage         = 'CertRebind.Usage'
    renewed       = 'CertRebind.Renewed'
    triggers      = 'CertRebind.Triggers'
    watches       = 'CertRebind.Watches'
    retire        = 'CertRebind.Retirement'
    rehearsal     = 'CertRebind.Rehearsal'
}

$script:partTypes = @{
    'CertRebind.Plan'               = @{
        server = 'CertRebind.Server'; renewals = 'CertRebind.Renewal'; steps = 'CertRebind.Step'
        blocked = 'CertRebind.Blocked'; skipped = 'CertRebind.Skipped'; notes = 'CertRebind.Note'
    }
    'CertRebind.Step'               = @{
        before = 'CertRebind.Holder'; wanted = 'CertRebind.Holder'; renewal = 'CertRebind.Renewal'
        consumers = 'CertRebind.Consumer'; verify = 'CertRebind.Endpoint'; notes = 'CertRebind.Note'
    }
    'CertRebind.Holder'             = @{ value = 'CertRebind.TlsRecord' }
    'CertRebind.Blocked'            = @{
        consumers = 'CertRebind.Consumer'; renewal = 'CertRebind.Renewal'; obstacles = 'CertRebind.Obstacle'
    }
    'CertRebind.Skipped'            = @{
        consumers = 'CertRebind.Consumer'; renewal = 'CertRebind.Renewal'; obstacles = 'CertRebind.Obstacle'
    }
    'CertRebind.Outcome'            = @{
        counts = 'CertRebind.Counts'; steps = 'CertRebind.StepOutcome'; blocked = 'CertRebind.Blocked'
        skipped = 'CertRebind.Skipped'; renewals = 'CertRebind.Renewal'; notes = 'CertRebind.Note'
    }
    'CertRebind.StepOutcome'        = @{ before = 'CertRebind.Handshake'; after = 'CertRebind.Handshake' }
    'CertRebind.Handshake'          = @{ endpoint = 'CertRebind.Endpoint' }
    'CertRebind.Verify'             = @{ endpoints = 'CertRebind.EndpointResult'; places = 'CertRebind.Place'; findings = 'CertRebind.Finding' }
    'CertRebind.EndpointResult'     = @{ endpoint = 'CertRebind.Endpoint' }
    'CertRebind.History'            = @{ runs = 'CertRebind.Run' }
    'CertRebind.Run'                = @{ counts = 'CertRebind.Counts' }
    # Of these only the words are converted.
    'CertRebind.Action'             = @{ commands = 'CertRebind.Spoken' }
    'CertRebind.Finding'            = @{ commands = 'CertRebind.Spoken' }
    'CertRebind.Imported'           = @{ commands = 'CertRebind.Spoken' }
    'CertRebind.Status'             = @{
        server = 'CertRebind.Server'; lastRun = 'CertRebind.Run'
        actions = 'CertRebind.Action'; places = 'CertRebind.Place'; tasks = 'CertRebind.Task'; pending = 'CertRebind.Renewal'
        findings = 'CertRebind.Finding'; lastError = 'CertRebind.Error'
    }
    'CertRebind.Code'               = @{ lines = 'CertRebind.CodeLine' }
    'CertRebind.Codes'              = @{ codes = 'CertRebind.Code' }
    'CertRebind.Doctor'             = @{ findings = 'CertRebind.Finding' }
    'CertRebind.Dismissed'          = @{ findings = 'CertRebind.Finding'; renewal = 'CertRebind.Renewal' }
    'CertRebind.Usage'              = @{
        certificates = 'CertRebind.CertificateUsage'; missing = 'CertRebind.MissingCertificate'
    }
    'CertRebind.Renewed'            = @{ certificates = 'CertRebind.RenewedCertificate' }
    'CertRebind.RenewedCertificate' = @{ counts = 'CertRebind.Counts'; places = 'CertRebind.RenewedPlace' }
    'CertRebind.MissingCertificate' = @{ consumers = 'CertRebind.Consumer' }
    'CertRebind.CertificateUsage'   = @{ consumers = 'CertRebind.Consumer' }
    'CertRebind.Rehearsal'          = @{
        server = 'CertRebind.Server'; stages = 'CertRebind.RehearsedStage'
    }
    'CertRebind.Retirement'         = @{ cases = 'CertRebind.RetiredCase' }
    'CertRebind.Watches'            = @{ watches = 'CertRebind.Watch' }
    'CertRebind.Triggers'           = @{ triggers = 'CertRebind.Trigger' }
    'CertRebind.Trigger'            = @{ action = 'CertRebind.TriggerAction'; runs = 'CertRebind.TriggerRun' }
    'CertRebind.Snapshot'           = @{
        server = 'CertRebind.Server'; sites = 'CertRebind.Site'; holders = 'CertRebind.Holder'
        certificates = 'CertRebind.Certificate'
    }
}

# Types that a parameter takes. Their objects also get the type name of a deserialized object.
$script:takenTypes = @('CertRebind.Plan', 'CertRebind.Renewal', 'CertRebind.Snapshot')

# Properties that hold a time. By name, because the value alone does not show it: a site may be called like a date.
$script:momentNames = @(
    'asOf', 'at', 'createdAt', 'dialledAt', 'dueAt', 'endsAt', 'lastRunAt', 'lastTimeCreated', 'listedAt', 'nextStartAt', 'notAfter', 'notBefore', 'since', 'startedAt', 'takenAt',
    'timeCreated'
)
