import type { Switches } from './switches.ts';

/**
 * Labels and messages of `netsh http` in one display language. The English ones are those of real captures; of localised
 * ones only a few labels have ever been seen (fidelity: netsh-localised), so the others merely stand for "not English".
 */
export type NetshText = Readonly<Record<keyof typeof english, string>>;

const english = {
  title: 'SSL Certificate bindings:',
  ipPort: 'IP:port',
  hostnamePort: 'Hostname:port',
  centralStore: 'Central Certificate Store',
  hash: 'Certificate Hash',
  appId: 'Application ID',
  store: 'Certificate Store Name',
  revocation: 'Verify Client Certificate Revocation',
  cachedOnly: 'Verify Revocation Using Cached Client Certificate Only',
  usage: 'Usage Check',
  freshness: 'Revocation Freshness Time',
  urlTimeout: 'URL Retrieval Timeout',
  ctlIdentifier: 'Ctl Identifier',
  ctlStore: 'Ctl Store Name',
  dsMapper: 'DS Mapper Usage',
  negotiate: 'Negotiate Client Certificate',
  reject: 'Reject Connections',
  http2: 'Disable HTTP2',
  quic: 'Disable QUIC',
  tls12: 'Disable TLS1.2',
  tls13: 'Disable TLS1.3',
  ocsp: 'Disable OCSP Stapling',
  tokenBinding: 'Enable Token Binding',
  logExtended: 'Log Extended Events',
  legacyTls: 'Disable Legacy TLS Versions',
  sessionTicket: 'Enable Session Ticket',
  sessionId: 'Disable Session ID',
  cacheHello: 'Enable Caching Client Hello',
  extended: 'Extended Properties:',
  propertyId: 'PropertyId',
  receiveWindow: 'Receive Window',
  maxPerFrame: 'Max Settings Per Frame',
  maxPerMinute: 'Max Settings Per Minute',
  enabled: 'Enabled',
  disabled: 'Disabled',
  set: 'Set',
  notSet: 'Not Set',
  none: '(null)',
  added: 'SSL Certificate successfully added',
  updated: 'SSL Certificate successfully updated',
  deleted: 'SSL Certificate successfully deleted',
  addFailed: 'SSL Certificate add failed, Error: ',
  updateFailed: 'SSL Certificate update failed, Error: ',
  deleteFailed: 'SSL Certificate deletion failed, Error: ',
  commandNotFound: 'The following command was not found: ',
  invalidArgument: ' is not a valid argument for this command.',
  invalidSyntax: 'The syntax supplied for this command is not valid. Check help for the correct syntax.',
  usageTitle: 'Usage: ',
  notFound: 'The system cannot find the file specified.',
  badParameter: 'The parameter is incorrect.',
  alreadyExists: 'Cannot create a file when that file already exists.',
  noLogonSession: 'A specified logon session does not exist. It may already have been terminated.',
} as const;

const german: NetshText = {
  title: 'SSL-Zertifikatbindungen:',
  ipPort: 'IP:Port',
  hostnamePort: 'Hostname:Port',
  centralStore: 'Zentraler Zertifikatspeicher',
  hash: 'Zertifikathash',
  appId: 'Anwendungs-ID',
  store: 'Zertifikatspeichername',
  revocation: 'Clientzertifikatsperre überprüfen',
  cachedOnly: 'Sperre nur mit zwischengespeichertem Clientzertifikat überprüfen',
  usage: 'Verwendungsüberprüfung',
  freshness: 'Aktualisierungszeit der Sperre',
  urlTimeout: 'Zeitlimit für URL-Abruf',
  ctlIdentifier: 'CTL-Bezeichner',
  ctlStore: 'CTL-Speichername',
  dsMapper: 'DS-Zuordnungsverwendung',
  negotiate: 'Clientzertifikat aushandeln',
  reject: 'Verbindungen ablehnen',
  http2: 'HTTP2 deaktivieren',
  quic: 'QUIC deaktivieren',
  tls12: 'TLS1.2 deaktivieren',
  tls13: 'TLS1.3 deaktivieren',
  ocsp: 'OCSP-Heftung deaktivieren',
  tokenBinding: 'Tokenbindung aktivieren',
  logExtended: 'Erweiterte Ereignisse protokollieren',
  legacyTls: 'Ältere TLS-Versionen deaktivieren',
  sessionTicket: 'Sitzungsticket aktivieren',
  sessionId: 'Sitzungs-ID deaktivieren',
  cacheHello: 'Zwischenspeichern von Client Hello aktivieren',
  extended: 'Erweiterte Eigenschaften:',
  propertyId: 'Eigenschafts-ID',
  receiveWindow: 'Empfangsfenster',
  maxPerFrame: 'Höchstzahl der Einstellungen je Frame',
  maxPerMinute: 'Höchstzahl der Einstellungen je Minute',
  enabled: 'Aktiviert',
  disabled: 'Deaktiviert',
  set: 'Festgelegt',
  notSet: 'Nicht festgelegt',
  none: '(null)',
  added: 'Das SSL-Zertifikat wurde erfolgreich hinzugefügt.',
  updated: 'Das SSL-Zertifikat wurde erfolgreich aktualisiert.',
  deleted: 'Das SSL-Zertifikat wurde erfolgreich gelöscht.',
  addFailed: 'Fehler beim Hinzufügen des SSL-Zertifikats. Fehler: ',
  updateFailed: 'Fehler beim Aktualisieren des SSL-Zertifikats. Fehler: ',
  deleteFailed: 'Fehler beim Löschen des SSL-Zertifikats. Fehler: ',
  commandNotFound: 'Der folgende Befehl wurde nicht gefunden: ',
  invalidArgument: ' ist kein gültiges Argument für diesen Befehl.',
  invalidSyntax: 'Die Syntax dieses Befehls ist ungültig. In der Hilfe steht die richtige.',
  usageTitle: 'Syntax: ',
  notFound: 'Das System kann die angegebene Datei nicht finden.',
  badParameter: 'Falscher Parameter.',
  alreadyExists: 'Eine Datei kann nicht erstellt werden, wenn sie bereits vorhanden ist.',
  noLogonSession: 'Eine angegebene Anmeldesitzung ist nicht vorhanden. Sie wurde gegebenenfalls bereits beendet.',
};

/** Contains no word of any language, so that a parser that reads words instead of shapes fails. */
const turnedTexts = Object.entries(english).map(([name, text]) => [name, turned(text)]);
const invented: NetshText = { ...english, ...Object.fromEntries(turnedTexts) };

export function netshText(language: Switches['display-language']): NetshText {
  return { english, german, invented }[language];
}

/** Every letter is moved by thirteen places. */
function turned(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const code = letter.charCodeAt(0);
    return String.fromCharCode(letter.toLowerCase() < 'n' ? code + 13 : code - 13);
  });
}
